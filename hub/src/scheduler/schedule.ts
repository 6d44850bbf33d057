import type { EpochMs } from '@quarterdeck/machinery';
import { type Candidates, findCandidates, type Suppression } from './candidates.ts';
import type { ClusterView } from './cluster-view.ts';
import { conclude, type OutcomeReason } from './conclude.ts';
import { type Part, type PartsBefore, partsOf } from './groups.ts';
import type { PlacementRequest } from './placement-request.ts';
import type { FilterContext } from './plugins/filter/filter.ts';
import { reservedByOthers } from './plugins/filter/room.ts';
import { staleFrom } from './room.ts';
import { roomsOf } from './select.ts';
import type { FleetSnapshot, Previous } from './snapshot.ts';
import { untolerated } from './taints.ts';
import { chooseTerm, type TermChoice } from './terms.ts';

/** Stable words for `decisions[].reason`; never a score, so that scores cause no writes. PL-30 */
export type ChoiceReason = 'Chosen' | 'Kept' | 'KeptUnreachable' | 'KeptTainted';

export interface Choice {
  readonly cluster: ClusterView;
  readonly reason: ChoiceReason;
  /** Copies that the cluster is counted on for; absent: the placement asks for no room. PL-16 */
  readonly copies?: number;
}

export interface Outcome {
  /** Sorted by cluster name. PD-9 */
  readonly choices: readonly Choice[];
  /** The choices in their parts; one part of all without groups. PL-31 */
  readonly parts: readonly Part[];
  readonly reason: OutcomeReason;
  readonly satisfied: boolean;
  /** Some choices are driven away and stay only until others take their place. PL-22 */
  readonly awaitsReplacement: boolean;
  /** Counts clusters per step, as the Kubernetes scheduler does; names no cluster out of reach. PL-32, PL-33 */
  readonly message: string;
  /** Candidate term in use; undefined: there are none. PL-7 */
  readonly term: string | undefined;
  readonly failback: { readonly term: string; readonly since: EpochMs } | undefined;
  /** What is held back by the placement's own steadiness. PL-20 */
  readonly suppressed: readonly Suppression[];
  /** Loss would have changed the decision; the brake holds it. PL-23 */
  readonly heldByBrake: boolean;
  /** The search for a spread ended at its bound: the decision that stands was left, or the best set found was taken. PL-13 */
  readonly bounded: boolean;
  /** Priorities that knew nothing of some candidate when clusters were newly chosen: it got the worst. PL-15 */
  readonly unknownScores: readonly string[];
  /** When time alone can change the outcome; undefined: never. PL-40 */
  readonly nextMoment: EpochMs | undefined;
}

/**
 * Chooses clusters. Pure and total; independent of the order of clusters and of fields. PL-10, PL-40, PL-41
 *
 * Objective, in order: as many as asked under the hard rules, keep those chosen before, fewest PreferNoSchedule taints, least
 * soft skew, best score, name. A cluster chosen before leaves only when a rule that always holds breaks, or when a NoExecute
 * taint drives it away and another takes its place in the same revision (PL-20, PL-22).
 */
export function schedule(
  snapshot: FleetSnapshot,
  request: PlacementRequest,
  previous: Previous,
  before?: PartsBefore,
): Outcome {
  const asked = { snapshot, request, previous };
  const context = request.copies === undefined ? asked : { ...asked, reserved: reservedByOthers(asked) };
  const candidates = findCandidates(context);
  const load = loadOf(context);
  const chosen = withinMoves(
    context,
    candidates,
    load,
    leaveAtBound(candidates, chooseTerm(context, candidates, load)),
  );
  const { clusters } = snapshot.fleet;
  const picked = chosen.selection.chosen.toSorted((a, b) => a - b);
  const shares = sharesOf(context, picked);
  const choices = picked.flatMap((position, index): Choice[] => {
    const cluster = clusters[position];
    if (cluster === undefined) return [];
    const copies = shares[index];
    const reason = reasonOf(cluster, context, candidates);
    return [copies === undefined ? { cluster, reason } : { cluster, reason, copies }];
  });
  const verdict = conclude({ context, candidates, selection: chosen.selection });
  const next = Math.min(
    candidates.nextEviction,
    chosen.nextMoment,
    nextByScores(context),
    verdict.satisfied ? Number.POSITIVE_INFINITY : nextByRoom(context),
  );
  return {
    choices,
    parts: partsOf(
      request,
      choices.map(({ cluster }) => cluster),
      before ?? new Map(),
    ),
    ...verdict,
    awaitsReplacement: chosen.selection.healthy < choices.length,
    term: chosen.term,
    failback: chosen.failback,
    suppressed: candidates.suppressed,
    heldByBrake: candidates.heldByBrake,
    bounded: chosen.selection.bounded,
    unknownScores: choices.some(({ reason }) => reason === 'Chosen')
      ? chosen.selection.unknown.map(({ priority }) => priority)
      : [],
    nextMoment: Number.isFinite(next) ? next : undefined,
  };
}

/** Decisions of other placements by position: what Balance counts. PL-15 */
export function loadOf({ snapshot, request }: FilterContext): Int32Array {
  const total = snapshot.load ?? countDecisions(snapshot);
  if (!request.priorities.some(({ type }) => type === 'Balance')) return total;
  const own = snapshot.decisions.get(request.key);
  if (own === undefined || own.size === 0) return total;
  const load = total.slice();
  for (const name of own) {
    const position = snapshot.fleet.positionOf(name);
    if (position !== undefined) load[position] = (load[position] ?? 0) - 1;
  }
  return load;
}

/** How many decisions hold each cluster, by position. */
export function countDecisions({ fleet, decisions }: Pick<FleetSnapshot, 'fleet' | 'decisions'>): Int32Array {
  const load = new Int32Array(fleet.clusters.length);
  for (const names of decisions.values()) {
    for (const name of names) {
      const position = fleet.positionOf(name);
      if (position !== undefined) load[position] = (load[position] ?? 0) + 1;
    }
  }
  return load;
}

/** At the bound of the search the decision that stands is left alone, where there is one. PL-21 */
function leaveAtBound({ standing }: Candidates, chosen: TermChoice): TermChoice {
  const { selection } = chosen;
  if (!selection.bounded || standing.length === 0) return chosen;
  const picked = new Set(selection.chosen);
  if (standing.every(({ position }) => picked.has(position))) return chosen;
  const left = {
    ...selection,
    chosen: standing.map(({ position }) => position),
    healthy: standing.filter((each) => !each.driven).length,
  };
  return { ...chosen, selection: left };
}

/** A fresh choice moves at most so many clusters: beyond that the chosen ones stay, in the order of their names. PL-24 */
function withinMoves(context: FilterContext, candidates: Candidates, load: Int32Array, chosen: TermChoice): TermChoice {
  const { previous, request } = context;
  if (!previous.fresh || !Number.isFinite(request.maxMoves)) return chosen;
  const picked = new Set(chosen.selection.chosen);
  const leaving = candidates.standing.filter(({ position, driven }) => !driven && !picked.has(position));
  const excess = leaving.length - request.maxMoves;
  if (excess <= 0) return chosen;
  const leave = new Set(leaving.slice(excess).map(({ cluster }) => cluster.name));
  // Those that may go are newcomers without a claim; all others stand as if nobody had asked.
  const standing = candidates.standing.filter(({ cluster }) => !leave.has(cluster.name));
  const settled = { ...context, previous: { ...previous, fresh: false } };
  return chooseTerm(settled, { ...candidates, standing }, load);
}

function reasonOf(cluster: ClusterView, { request, previous }: FilterContext, candidates: Candidates): ChoiceReason {
  if (!previous.clusters.has(cluster.name)) return 'Chosen';
  if (!cluster.reachable) return 'KeptUnreachable';
  const driven = candidates.standing.some((each) => each.driven && each.cluster === cluster);
  const tainted = untolerated(cluster.taints, request.tolerations, 'NoSchedule') !== undefined;
  return driven || tainted ? 'KeptTainted' : 'Kept';
}

/** Scores from outside end at a moment; where scores may move a choice, that moment matters. */
function nextByScores({ snapshot: { fleet, now }, request, previous }: FilterContext): EpochMs {
  const names = request.priorities.flatMap((each) => (each.type === 'ClusterScore' ? [each.objectName] : []));
  const settles = request.steady && !request.actOn.has('Scores') && request.numberOfClusters !== undefined;
  if (names.length === 0 || (settles && previous.clusters.size >= (request.numberOfClusters ?? 0))) {
    return Number.POSITIVE_INFINITY;
  }
  let next = Number.POSITIVE_INFINITY;
  for (const { scores } of fleet.clusters) {
    for (const name of names) {
      const until = Object.hasOwn(scores, name) ? scores[name]?.validUntil : undefined;
      if (until !== undefined && until > now) next = Math.min(next, until);
    }
  }
  return next;
}

/** Where room is missing: when the first reservation of another ends, or the first report is too old to count. PL-16, PL-17 */
function nextByRoom({ snapshot: { fleet, now, reservations }, request }: FilterContext): EpochMs {
  if (request.copies === undefined) return Number.POSITIVE_INFINITY;
  let next = Number.POSITIVE_INFINITY;
  for (const { placement, until } of reservations)
    if (placement !== request.key && until > now) next = Math.min(next, until);
  for (const { capacity } of fleet.clusters) {
    const stale = capacity?.observedAt === undefined ? 0 : staleFrom(capacity.observedAt);
    if (stale > now) next = Math.min(next, stale);
  }
  return next;
}

/** Copies that each of the positions is counted on for: evenly, as far as its room goes. PL-16, PL-17 */
function sharesOf(context: FilterContext, positions: readonly number[]): readonly number[] {
  const { copies } = context.request;
  if (copies === undefined) return [];
  const rooms = roomsOf(context, positions);
  const shares = positions.map(() => 0);
  let left = copies.count;
  const order = positions.map((_, index) => index).sort((a, b) => (rooms[a] ?? 0) - (rooms[b] ?? 0));
  for (const [taken, index] of order.entries()) {
    const share = Math.min(rooms[index] ?? 0, Math.ceil(left / (order.length - taken)));
    shares[index] = share;
    left -= share;
  }
  return shares;
}
