import type { EpochMs } from '@quarterdeck/machinery';
import { type FilterName, filters } from './filters.ts';
import type { ClusterView, FleetSnapshot, PlacementRequest } from './snapshot.ts';
import { evictionTime, untolerated } from './taints.ts';

/** Stable words for `decisions[].reason`; never a score, so that scores cause no writes. PL-30 */
export type ChoiceReason = 'Chosen' | 'Kept' | 'KeptUnreachable' | 'KeptTainted';

export interface Choice {
  readonly cluster: ClusterView;
  readonly reason: ChoiceReason;
}

/** Why a placement has the clusters it has. PL-32 */
export type OutcomeReason =
  | 'Satisfied'
  | 'NoBinding'
  | 'ClusterSetNotBound'
  | 'ClusterSetsEmpty'
  | 'NoClusterMatches'
  | 'NotEnoughClusters';

/** What became of one cluster in reach. PL-34 */
export interface Verdict {
  readonly clusterName: string;
  readonly outcome: 'Selected' | 'Filtered' | 'NotNeeded';
  readonly reason: ChoiceReason | FilterName | 'EnoughClusters';
  /** A sentence for people. */
  readonly message: string;
}

export interface Outcome {
  /** Sorted by cluster name. PD-9 */
  readonly choices: readonly Choice[];
  readonly reason: OutcomeReason;
  readonly satisfied: boolean;
  /** Counts clusters per step, as the Kubernetes scheduler does; names no cluster out of reach. PL-32, PL-33 */
  readonly message: string;
  /** One for each cluster of a bound set, by name. */
  readonly verdicts: readonly Verdict[];
  /** When time alone can change the outcome; undefined: never. PL-40 */
  readonly nextMoment: EpochMs | undefined;
}

/**
 * Chooses clusters. Pure and total; independent of the order of clusters. PL-10, PL-40, PL-41
 *
 * Objective, in order: as many as asked, keep those chosen before, fewest PreferNoSchedule taints, name. A cluster chosen
 * before leaves only when a hard rule no longer holds, or when a NoExecute taint drives it away and another takes its
 * place in the same revision: taint or loss alone never empties a placement (PL-20, PL-22).
 *
 * @param previous names of the clusters in the last decision
 */
export function schedule(snapshot: FleetSnapshot, request: PlacementRequest, previous: ReadonlySet<string>): Outcome {
  const inReach = snapshot.clusters
    .filter((cluster) => snapshot.boundSets.has(cluster.clusterSet))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const sorted = sortOut(inReach, snapshot, request, previous);
  const wanted = request.numberOfClusters ?? Number.POSITIVE_INFINITY;

  const kept = keepers(sorted.staying, wanted, request);
  const fresh = sorted.candidates.slice(0, Math.max(0, wanted - kept.length));
  // Fresh clusters take the places of those that a NoExecute taint drives away; who finds no substitute stays, marked.
  const stuck = sorted.driven.slice(0, Math.max(0, wanted - kept.length - fresh.length));

  const choices: Choice[] = [
    ...kept.map((cluster) => ({ cluster, reason: keptReason(cluster, request) })),
    ...fresh.map((cluster) => ({ cluster, reason: 'Chosen' as const })),
    ...stuck.map((cluster) => ({ cluster, reason: 'KeptTainted' as const })),
  ].sort((a, b) => (a.cluster.name < b.cluster.name ? -1 : 1));

  return {
    choices,
    ...conclude({ snapshot, request, inReach, refused: sorted.refused, chosen: choices.length }),
    verdicts: explain(inReach, choices, sorted.refused),
    nextMoment: sorted.nextMoment,
  };
}

interface Refusal {
  readonly name: FilterName;
  readonly message: string;
}

interface Sorted {
  /** Chosen before, may stay, by preference to be kept. */
  readonly staying: ClusterView[];
  /** Chosen before, driven away by a NoExecute taint now. */
  readonly driven: ClusterView[];
  /** May be chosen, best first. */
  readonly candidates: ClusterView[];
  readonly refused: ReadonlyMap<string, Refusal>;
  readonly nextMoment: EpochMs | undefined;
}

function sortOut(
  inReach: readonly ClusterView[],
  snapshot: FleetSnapshot,
  request: PlacementRequest,
  previous: ReadonlySet<string>,
): Sorted {
  const staying: ClusterView[] = [];
  const driven: ClusterView[] = [];
  const candidates: ClusterView[] = [];
  const refused = new Map<string, Refusal>();
  let nextMoment: EpochMs | undefined;
  for (const cluster of inReach) {
    const wasChosen = previous.has(cluster.name);
    const refusal = firstRefusal(cluster, request, snapshot, wasChosen);
    if (refusal !== undefined) {
      refused.set(cluster.name, refusal);
    } else if (!wasChosen) {
      candidates.push(cluster);
    } else {
      const leavesAt = evictionTime(cluster.taints, request.tolerations, snapshot.now);
      if (leavesAt <= snapshot.now) {
        driven.push(cluster);
      } else {
        staying.push(cluster);
        if (Number.isFinite(leavesAt)) nextMoment = Math.min(nextMoment ?? leavesAt, leavesAt);
      }
    }
  }
  const discouraged = (cluster: ClusterView) =>
    untolerated(cluster.taints, request.tolerations, 'PreferNoSchedule') === undefined ? 0 : 1;
  candidates.sort((a, b) => discouraged(a) - discouraged(b));
  return { staying, driven, candidates, refused, nextMoment };
}

function firstRefusal(
  cluster: ClusterView,
  request: PlacementRequest,
  snapshot: FleetSnapshot,
  wasChosen: boolean,
): Refusal | undefined {
  for (const filter of filters) {
    if (wasChosen && filter.kind === 'entry') continue;
    const message = filter.refuse(cluster, request, snapshot);
    if (message !== undefined) return { name: filter.name, message };
  }
  return undefined;
}

/** Which of the staying clusters remain when fewer are wanted: lost ones go first. PL-12 */
function keepers(staying: readonly ClusterView[], wanted: number, request: PlacementRequest): ClusterView[] {
  if (staying.length <= wanted) return [...staying];
  const rank = (cluster: ClusterView) =>
    (cluster.reachable ? 0 : 2) + (untolerated(cluster.taints, request.tolerations, 'PreferNoSchedule') ? 1 : 0);
  return staying.toSorted((a, b) => rank(a) - rank(b)).slice(0, wanted);
}

function keptReason(cluster: ClusterView, request: PlacementRequest): ChoiceReason {
  if (!cluster.reachable) return 'KeptUnreachable';
  return untolerated(cluster.taints, request.tolerations, 'NoSchedule') === undefined ? 'Kept' : 'KeptTainted';
}

interface Conclusion {
  readonly snapshot: FleetSnapshot;
  readonly request: PlacementRequest;
  readonly inReach: readonly ClusterView[];
  readonly refused: ReadonlyMap<string, Refusal>;
  readonly chosen: number;
}

function conclude(seen: Conclusion): Pick<Outcome, 'reason' | 'satisfied' | 'message'> {
  const { snapshot, request, inReach, refused, chosen } = seen;
  const asked = request.numberOfClusters;
  if (asked === 0) return { reason: 'Satisfied', satisfied: true, message: 'no clusters were asked for' };
  if (snapshot.boundSets.size === 0) {
    return {
      reason: 'NoBinding',
      satisfied: false,
      message: 'no cluster set is bound in this namespace; create a ClusterSetBinding',
    };
  }
  const unbound = request.clusterSets?.filter((name) => !snapshot.boundSets.has(name)) ?? [];
  if (unbound.length > 0) {
    return {
      reason: 'ClusterSetNotBound',
      satisfied: false,
      message: `cluster set ${unbound.join(', ')} is not bound in this namespace; ${chosen} clusters chosen from the others`,
    };
  }
  if (inReach.length === 0) {
    return { reason: 'ClusterSetsEmpty', satisfied: false, message: 'the bound cluster sets have no clusters' };
  }
  const counted = countRefusals(inReach.length, refused);
  if (chosen === 0) return { reason: 'NoClusterMatches', satisfied: false, message: counted };
  if (asked !== undefined && chosen < asked) {
    const message = `${chosen} of ${asked} clusters chosen, ${asked - chosen} missing; ${counted}`;
    return { reason: 'NotEnoughClusters', satisfied: false, message };
  }
  return {
    reason: 'Satisfied',
    satisfied: true,
    message: `${chosen} of ${inReach.length} clusters chosen`,
  };
}

const stepWords: Readonly<Record<FilterName, string>> = {
  NotBound: 'not bound',
  SetNotNamed: 'in sets that are not named',
  Leaving: 'leaving or not accepted',
  NoTermMatches: 'matching no cluster selector term',
  NotPublished: 'without a profile yet',
  Tainted: 'with untolerated taints',
  Unreachable: 'unreachable',
};

function countRefusals(total: number, refused: ReadonlyMap<string, Refusal>): string {
  const counts = new Map<FilterName, number>();
  for (const { name } of refused.values()) counts.set(name, (counts.get(name) ?? 0) + 1);
  const parts = filters.flatMap(({ name }) => {
    const count = counts.get(name);
    return count === undefined ? [] : [`${count} ${stepWords[name]}`];
  });
  return `${total - refused.size}/${total} clusters fit${parts.length === 0 ? '' : `: ${parts.join(', ')}`}`;
}

const choiceWords: Readonly<Record<ChoiceReason, string>> = {
  Chosen: 'it fits and was chosen',
  Kept: 'it was chosen before and still fits',
  KeptUnreachable: 'it was chosen before and stays while it is unreachable',
  KeptTainted: 'it was chosen before and stays although it has an untolerated taint, since none takes its place',
};

function explain(
  inReach: readonly ClusterView[],
  choices: readonly Choice[],
  refused: ReadonlyMap<string, Refusal>,
): Verdict[] {
  const chosen = new Map(choices.map(({ cluster, reason }) => [cluster.name, reason]));
  return inReach.map(({ name: clusterName }) => {
    const reason = chosen.get(clusterName);
    if (reason !== undefined) return { clusterName, outcome: 'Selected', reason, message: choiceWords[reason] };
    const refusal = refused.get(clusterName);
    if (refusal !== undefined) {
      return { clusterName, outcome: 'Filtered', reason: refusal.name, message: refusal.message };
    }
    return {
      clusterName,
      outcome: 'NotNeeded',
      reason: 'EnoughClusters',
      message: 'it fits; enough others were chosen',
    };
  });
}
