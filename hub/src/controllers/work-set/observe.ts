import {
  annotation,
  type ClusterProfile,
  conditionType,
  isConditionTrue,
  label,
  labelValueOf,
  type MemberCluster,
  memberNamespaceName,
  type Placement,
  type PlacementDecision,
  type Stored,
  type Work,
  type WorkSet,
} from '@quarterdeck/apis';
import { createDecisionMemory, type DecisionMemory, decidedClusterKey } from '@quarterdeck/machinery';
import { cacheKey, type FleetCaches } from '../../fleet/caches.ts';
import { equalParts } from '../equal.ts';
import { isTerminating } from '../metadata.ts';
import { readTarget, type Target } from './target.ts';
import { workNameOf } from './work-name.ts';

/** Names that something holds of. Looked up when asked for, as of the observation: each visit is to a thousand clusters. */
export type Names = Pick<ReadonlySet<string>, 'has'>;

export interface WorkSetSeen {
  readonly workSet: Stored<WorkSet>;
  /** Of its namespace. Undefined: there is none. DL-30 */
  readonly defaultExecutor: string | undefined;
  readonly target: Target;
  readonly works: readonly Stored<Work>[];
  /** Clusters of the target that take nothing new: leaving, denied, not known (any more), or unpublished. RG-40, PD-20 */
  readonly closed: Names;
  /** Namespaces, of these Works, whose members leave the fleet. RG-40 */
  readonly leaving: Names;
  /** Clusters of the target where a Work of the name that is needed was made by something else. */
  readonly taken: Names;
  /** Clusters of the target without a ClusterProfile: reported, and what runs there stays. PD-20 */
  readonly missing: Names;
  /** Clusters of the target whose agents are in contact. */
  readonly heard: Names;
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

/** What both controllers of WorkSets look at, to be decided upon at once. Undefined when the WorkSet is gone. */
export function observeWorkSet(key: string, { caches, memory, now }: ObserveOptions): WorkSetSeen | undefined {
  const workSet = caches.workSets.get(key);
  if (workSet === undefined) return undefined;
  const { namespace = '', name } = workSet.metadata;
  const placementName = workSet.spec.placementRef.name;
  const placement = caches.placements.get(`${namespace}/${placementName}`);
  const slices = placement === undefined ? [] : caches.decisions.byIndex('decision', placement.metadata.uid);
  const target = readTarget({ placementName, placement, slices, memory, now });
  const unpublished = (target.known ? target.clusters : []).filter(
    (cluster) => caches.profiles.get(decidedClusterKey(cluster)) === undefined,
  );
  const missing = new Set(unpublished.map((cluster) => cluster.name));
  const works = caches.works.byIndex('workSet', `${labelValueOf(namespace)}/${labelValueOf(name)}`);
  const workName = workNameOf(workSet);
  const own = new Set(works);
  const isTaken = (work: Stored<Work> | undefined) => work !== undefined && !own.has(work);
  return {
    workSet,
    defaultExecutor: caches.namespaces.get(namespace)?.metadata.annotations?.[annotation.defaultExecutor],
    target,
    works,
    closed: { has: (cluster) => missing.has(cluster) || isClosed(caches.members.get(cluster)) },
    leaving: { has: (member) => caches.members.byIndex('namespace', member).some(isTerminating) },
    taken: { has: (cluster) => isTaken(caches.works.get(`${memberNamespaceName(cluster)}/${workName}`)) },
    missing,
    heard: { has: (cluster) => isHeard(caches.members.get(cluster)) },
  };
}

const isHeard = (member: Stored<MemberCluster> | undefined): boolean =>
  isConditionTrue(member?.status?.conditions, conditionType.MemberCluster.HubLeaseCurrent);

const isClosed = (member: Stored<MemberCluster> | undefined): boolean =>
  member === undefined || isTerminating(member) || member.spec.acceptance !== 'Accepted';

/** Keys of the WorkSets that follow a placement. */
export function followersOf(caches: FleetCaches, namespace: string | undefined, placementName: string): string[] {
  return caches.workSets
    .byIndex('placement', `${namespace}/${placementName}`)
    .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
}

/** The same, of a placement that changed, where it did so in what they read: that it is there, and which slices it has. */
export function concernedByPlacement(
  caches: FleetCaches,
  { metadata, status }: Stored<Placement>,
  old: Stored<Placement> | undefined,
): string[] {
  const isSame = metadata.uid === old?.metadata.uid && equalParts(status?.decisionSlices, old.status?.decisionSlices);
  return isSame ? [] : followersOf(caches, metadata.namespace, metadata.name);
}

/**
 * Keys of the WorkSets that a profile which came or went concerns: those whose decisions name it. Those whose decisions come to
 * name it are looked at then. PD-20
 */
export function concernedByProfile(caches: FleetCaches, profile: Stored<ClusterProfile>, isNew: boolean): string[] {
  const changed = isNew || caches.profiles.get(cacheKey(profile)) === undefined;
  // While profiles are loaded no WorkSet was visited yet.
  return changed && caches.profiles.hasSynced() ? holdersOf(caches, profile.metadata) : [];
}

/** Keys of the WorkSets whose decisions name a cluster. @param namespace of its profile; absent: whichever */
export function holdersOf(
  caches: FleetCaches,
  { name, namespace }: { readonly name: string; readonly namespace?: string },
): string[] {
  const names = ({ metadata, decisions }: Stored<PlacementDecision>): boolean =>
    decisions.some(({ clusterProfileRef: ref }) => {
      if (ref.name !== name) return false;
      return namespace === undefined || (ref.namespace || metadata.namespace) === namespace;
    });
  const isHolder = ({ metadata, spec }: Stored<WorkSet>): boolean => {
    const placement = caches.placements.get(`${metadata.namespace}/${spec.placementRef.name}`);
    return placement !== undefined && caches.decisions.byIndex('decision', placement.metadata.uid).some(names);
  };
  return caches.workSets.list().filter(isHolder).map(cacheKey);
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
