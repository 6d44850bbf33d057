import {
  annotation,
  type ClusterProfile,
  conditionType,
  isConditionTrue,
  label,
  labelValueOf,
  type MemberCluster,
  memberNamespaceName,
  type Stored,
  type Work,
  type WorkSet,
} from '@quarterdeck/apis';
import { createDecisionMemory, type DecisionMemory, decidedClusterKey } from '@quarterdeck/machinery';
import { cacheKey, type FleetCaches } from '../../fleet/caches.ts';
import { isTerminating } from '../metadata.ts';
import { readTarget, type Target } from './target.ts';
import { workNameOf } from './work-name.ts';

export interface WorkSetSeen {
  readonly workSet: Stored<WorkSet>;
  /** Of its namespace. Undefined: there is none. DL-30 */
  readonly defaultExecutor: string | undefined;
  readonly target: Target;
  readonly works: readonly Stored<Work>[];
  /** Clusters of the target that take nothing new: leaving, denied, not known (any more), or unpublished. RG-40, PD-20 */
  readonly closed: ReadonlySet<string>;
  /** Namespaces, of these Works, whose members leave the fleet. RG-40 */
  readonly leaving: ReadonlySet<string>;
  /** Clusters of the target where a Work of the name that is needed was made by something else. */
  readonly taken: ReadonlySet<string>;
  /** Clusters of the target without a ClusterProfile: reported, and what runs there stays. PD-20 */
  readonly missing: ReadonlySet<string>;
  /** Clusters of the target whose agents are in contact. */
  readonly heard: ReadonlySet<string>;
}

/** What a controller remembers of the decisions that it follows; of placements that are gone nothing. */
export function memoryOf(caches: Pick<FleetCaches, 'placements'>): DecisionMemory {
  const memory = createDecisionMemory();
  caches.placements.subscribe(({ type, object }) => {
    if (type === 'deleted') memory.forget(object.metadata.uid);
  });
  return memory;
}

export interface ObserveOptions {
  readonly caches: FleetCaches;
  readonly memory: DecisionMemory;
  /** Ms of `Clock.monotonic`. */
  readonly now: number;
}

/** What both controllers of WorkSets look at. Undefined when the WorkSet is gone. */
export function observeWorkSet(key: string, { caches, memory, now }: ObserveOptions): WorkSetSeen | undefined {
  const workSet = caches.workSets.get(key);
  if (workSet === undefined) return undefined;
  const { namespace = '', name } = workSet.metadata;
  const placementName = workSet.spec.placementRef.name;
  const placement = caches.placements.get(`${namespace}/${placementName}`);
  const slices = placement === undefined ? [] : caches.decisions.byIndex('decision', placement.metadata.uid);
  const target = readTarget({ placementName, placement, slices, memory, now });
  const decided = target.known ? target.clusters : [];
  const clusters = decided.map((cluster) => cluster.name);
  const isMissing = (key: string) => caches.profiles.get(key) === undefined;
  const missing = new Set(decided.filter((cluster) => isMissing(decidedClusterKey(cluster))).map((each) => each.name));
  const works = caches.works.byIndex('workSet', `${labelValueOf(namespace)}/${labelValueOf(name)}`);
  const own = new Set(works.map(({ metadata }) => metadata.uid));
  const isTaken = (clusterName: string) => {
    const found = caches.works.get(`${memberNamespaceName(clusterName)}/${workNameOf(workSet)}`);
    return found !== undefined && !own.has(found.metadata.uid);
  };
  return {
    workSet,
    defaultExecutor: caches.namespaces.get(namespace)?.metadata.annotations?.[annotation.defaultExecutor],
    target,
    works,
    closed: new Set(clusters.filter((each) => missing.has(each) || isClosed(caches.members.get(each)))),
    leaving: new Set(works.flatMap(({ metadata }) => leavingNamespace(caches, metadata.namespace ?? ''))),
    taken: new Set(clusters.filter(isTaken)),
    missing,
    heard: new Set(clusters.filter((each) => isHeard(caches.members.get(each)))),
  };
}

const isHeard = (member: Stored<MemberCluster> | undefined): boolean =>
  isConditionTrue(member?.status?.conditions, conditionType.MemberCluster.HubLeaseCurrent);

const leavingNamespace = (caches: FleetCaches, namespace: string): string[] =>
  caches.members.byIndex('namespace', namespace).some(isTerminating) ? [namespace] : [];

const isClosed = (member: Stored<MemberCluster> | undefined): boolean =>
  member === undefined || isTerminating(member) || member.spec.acceptance !== 'Accepted';

/** Keys of the WorkSets that follow a placement. */
export function followersOf(caches: FleetCaches, namespace: string | undefined, placementName: string): string[] {
  return caches.workSets
    .byIndex('placement', `${namespace}/${placementName}`)
    .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
}

/** Keys of the WorkSets that a profile which came or went can concern: all, for it says of none. PD-20 */
export function concernedBy(caches: FleetCaches, profile: Stored<ClusterProfile>, isNew: boolean): string[] {
  const changed = isNew || caches.profiles.get(cacheKey(profile)) === undefined;
  // While profiles are loaded no WorkSet was visited yet.
  return changed && caches.profiles.hasSynced() ? caches.workSets.list().map(cacheKey) : [];
}

/** Key of the WorkSet that a Work was made from, by its labels; label values may be shortened, so it is looked up. */
export function makerOf(caches: FleetCaches, work: Stored<Work>): string[] {
  const { labels } = work.metadata;
  const [namespace, name] = [labels?.[label.workSetNamespace], labels?.[label.workSet]];
  if (namespace === undefined || name === undefined) return [];
  if (caches.workSets.get(`${namespace}/${name}`) !== undefined) return [`${namespace}/${name}`];
  return caches.workSets
    .list()
    .filter(
      ({ metadata }) => labelValueOf(metadata.namespace ?? '') === namespace && labelValueOf(metadata.name) === name,
    )
    .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
}
