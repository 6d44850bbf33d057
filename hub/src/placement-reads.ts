import {
  ClusterProfile,
  ClusterScore,
  ClusterSet,
  ClusterSetBinding,
  ignoreNotFound,
  isForbidden,
  type KubeObject,
  label,
  MemberCluster,
  memberNamespaceName,
  Placement,
  PlacementDecision,
  type ResourceType,
  type Stored,
  schedulerName,
} from '@quarterdeck/apis';
import type { Clock, Reader } from '@quarterdeck/machinery';
import { partsBefore, previousOf } from './controllers/placement/decision/previous.ts';
import { clusterSetOf } from './fleet/cluster-set-of.ts';
import { isBraked } from './scheduler/brake.ts';
import { compilePlacement } from './scheduler/compile.ts';
import { createExpressionCompiler } from './scheduler/expressions.ts';
import { indexFleet } from './scheduler/fleet-index.ts';
import type { Turn } from './scheduler/pass.ts';
import type { FleetSnapshot } from './scheduler/snapshot.ts';
import { foreignView, homeOf, viewOf } from './scheduler/view.ts';

/** What explanations and dry runs are made from: read with the caller's own rights, which bound what they can say. PL-33 */
export interface PlacementReads {
  readonly snapshot: FleetSnapshot;
  /** Placements of the namespace that our scheduler serves, by name. */
  readonly turns: ReadonlyMap<string, Turn>;
  /** Those that cannot be evaluated, and why. */
  readonly problems: ReadonlyMap<string, string>;
}

/**
 * Reads a namespace and the fleet. Decisions of other namespaces count for Balance only as far as they may be read.
 * @throws ApiError Forbidden when members or placements may not be read
 */
export async function readPlacements(
  client: Reader,
  namespace: string,
  clock: Clock,
  edit: (placements: readonly Stored<Placement>[]) => readonly Stored<Placement>[] = (placements) => placements,
): Promise<PlacementReads> {
  const [placements, bindings, members, sets, profiles, slices, scores] = await Promise.all([
    client.list(Placement, { namespace }),
    client.list(ClusterSetBinding, { namespace }),
    client.list(MemberCluster),
    client.list(ClusterSet),
    client.list(ClusterProfile),
    client.list(PlacementDecision, { namespace }),
    listIfAllowed(client, ClusterScore),
  ]);
  const setsByName = new Map(sets.items.map((set) => [set.metadata.name, set]));
  const isThere = (set: string) => setsByName.has(set);
  const byKey = new Map(
    profiles.items.map((profile) => [`${profile.metadata.namespace}/${profile.metadata.name}`, profile]),
  );
  const ours = members.items.map((member) => {
    const { name } = member.metadata;
    const clusterSet = clusterSetOf(member, isThere);
    const home = homeOf(setsByName.get(clusterSet), clusterSet);
    const own = scores.filter(({ metadata }) => metadata.namespace === memberNamespaceName(name));
    const profile = byKey.get(`${home}/${name}`);
    return viewOf({ member, clusterSet, home, isSetThere: isThere(member.spec.clusterSet), profile, scores: own });
  });
  const known = new Set(ours.map(({ name }) => name));
  const foreign = new Set(profiles.items.map(({ metadata }) => metadata.name).filter((name) => !known.has(name)));
  const reads = { sets: sets.items, profileAt: (home: string, name: string) => byKey.get(`${home}/${name}`) };
  const clusters = [...ours, ...[...foreign].flatMap((name) => foreignView(reads, name) ?? [])];
  const all = edit(placements.items);
  const turns = new Map<string, Turn>();
  const problems = new Map<string, string>();
  const compileExpression = createExpressionCompiler();
  for (const placement of all) {
    if ((placement.spec.schedulerName ?? schedulerName) !== schedulerName) continue;
    const request = compilePlacement(placement, compileExpression);
    if ('problem' in request) {
      problems.set(placement.metadata.name, request.problem);
      continue;
    }
    const own = slices.items.filter(({ metadata }) => metadata.labels?.[label.decisionKey] === placement.metadata.uid);
    const previous = previousOf({ caches: noWorks, placement, slices: own, stands: undefined });
    turns.set(placement.metadata.name, { request, previous, before: partsBefore(own, undefined) });
  }
  const snapshot: FleetSnapshot = {
    now: clock.now(),
    fleet: indexFleet(clusters),
    bound: new Map([[namespace, new Set(bindings.items.map(({ spec }) => spec.clusterSet))]]),
    decisions: new Map([...turns.values()].map(({ request, previous }) => [request.key, previous.clusters])),
    reservations: [],
    brake: isBraked(clusters),
  };
  return { snapshot, turns, problems };
}

const noWorks = { workSets: { byIndex: () => [] }, works: { byIndex: () => [] } };

async function listIfAllowed<T extends KubeObject>(client: Reader, type: ResourceType<T>): Promise<Stored<T>[]> {
  try {
    return (await ignoreNotFound(client.list(type)))?.items ?? [];
  } catch (error) {
    if (isForbidden(error)) return [];
    throw error;
  }
}
