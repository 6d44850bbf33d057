import { type DecidedCluster, type DecisionReading, decidedClusterKey } from './decision.ts';

/** How long a reading that may be half of an update is not acted on. PD-23 */
export const defaultHoldDownMs = 30_000;

/** What a consumer may act on, and what it remembers of one decision. Immutable. */
export interface SettledDecision {
  /** Where things shall run. Undefined: not known yet, which is never "nowhere": leave everything as it is. PD-23 */
  readonly clusters: readonly DecidedCluster[] | undefined;
  readonly revision: string | undefined;
  /** The decision is over: its slices are gone, and stayed gone. `clusters` is empty then. PD-18 */
  readonly ended: boolean;
  /** What is waited for; undefined: nothing, `clusters` is what the slices say. */
  readonly held: HeldReading | undefined;
}

export interface HeldReading {
  readonly why: 'NoSlices' | 'MixedRevisions' | 'IndexGap' | 'SliceMissing' | 'Unmarked' | 'ClustersVanished';
  /** When the waiting began, and when it ends at the latest: ms of the clock that `now` comes from. */
  readonly since: number;
  readonly until: number;
}

/** Before anything was read. */
export const unsettled: SettledDecision = Object.freeze({
  clusters: undefined,
  revision: undefined,
  ended: false,
  held: undefined,
});

export interface SettleInput {
  readonly before: SettledDecision;
  readonly reading: DecisionReading;
  /** Ms of a clock that never jumps: `Clock.monotonic`. F-20 */
  readonly now: number;
  /** Default {@link defaultHoldDownMs}. */
  readonly holdDownMs?: number;
}

/**
 * What to act on after a reading: PD-18 and PD-23 as one pure function. Call it again at `held.until`.
 *
 * A complete reading with a new revision counts at once. What can be half of an update (mixed revisions, a gap between
 * indexes, a slice that is missing, no slice at all, or clusters that vanish although the revision is the same) is held: the
 * set of before stays until the slices agree, or until the hold-down ends; then the clusters that stand in them count.
 * Several slices without any revision are never known to agree: the first reading waits, then additions count at once and
 * removals wait.
 */
export function settle({ before, reading, now, holdDownMs = defaultHoldDownMs }: SettleInput): SettledDecision {
  const { clusters, revision } = reading;
  const why = reasonToWait(before, reading);
  if (why === undefined) return { clusters, revision, ended: false, held: undefined };
  const since = before.held?.since ?? now;
  const until = since + holdDownMs;
  if (now >= until) return { clusters, revision, ended: why === 'NoSlices', held: undefined };
  const kept = reading.unmarked ? union(before.clusters, clusters) : before.clusters;
  return { ...before, clusters: kept, held: { why, since, until } };
}

function reasonToWait(before: SettledDecision, reading: DecisionReading): HeldReading['why'] | undefined {
  if (before.ended && reading.incomplete === 'NoSlices') return undefined;
  if (reading.incomplete !== undefined) return reading.incomplete;
  if (reading.unmarked && before.clusters === undefined) return 'Unmarked';
  const isNews = before.revision !== reading.revision && !reading.unmarked;
  if (isNews || before.clusters === undefined || isSingleUnmarked(reading)) return undefined;
  const standing = new Set(reading.clusters.map(decidedClusterKey));
  return before.clusters.every((cluster) => standing.has(decidedClusterKey(cluster))) ? undefined : 'ClustersVanished';
}

/** One slice without a revision is written in one piece. */
const isSingleUnmarked = ({ revision, unmarked }: DecisionReading): boolean => revision === undefined && !unmarked;

function union(
  kept: readonly DecidedCluster[] | undefined,
  read: readonly DecidedCluster[],
): readonly DecidedCluster[] | undefined {
  if (kept === undefined) return undefined;
  const known = new Set(read.map(decidedClusterKey));
  return [...read, ...kept.filter((cluster) => !known.has(decidedClusterKey(cluster)))];
}

/** What became of a set of clusters. PD-18 */
export interface DecisionDifference {
  readonly added: readonly DecidedCluster[];
  readonly removed: readonly DecidedCluster[];
}

/** Empty while the decision is not known. Order alone is no difference. */
export function differenceOf(
  before: Pick<SettledDecision, 'clusters'>,
  after: Pick<SettledDecision, 'clusters'>,
): DecisionDifference {
  if (after.clusters === undefined) return { added: [], removed: [] };
  const was = new Set((before.clusters ?? []).map(decidedClusterKey));
  const is = new Set(after.clusters.map(decidedClusterKey));
  return {
    added: after.clusters.filter((cluster) => !was.has(decidedClusterKey(cluster))),
    removed: (before.clusters ?? []).filter((cluster) => !is.has(decidedClusterKey(cluster))),
  };
}
