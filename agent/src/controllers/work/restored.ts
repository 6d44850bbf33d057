import { type AppliedWork, annotation, formatTime, type Work } from '@quarterdeck/apis';
import type { EpochMs } from '@quarterdeck/machinery';
import { type HubHistory, isFromBackup } from './hub-history.ts';
import { appliedWorkName } from './journal.ts';
import type { Pass } from './options.ts';

/** What was delivered last of a Work, as the journal has it. */
interface Delivered {
  readonly uid: string;
  readonly generation: number;
  readonly at: EpochMs;
  /** The hub's, when it was delivered; undefined: it told none. */
  readonly epoch: string | undefined;
  /** Of the Work, when it was delivered; undefined: not a number. */
  readonly revision: number | undefined;
}

const noEpoch = '-';

/** Undefined: never recorded, or not readable. */
function deliveredOf(applied: AppliedWork | undefined): Delivered | undefined {
  const [uid, generation, time, epoch, revision] = (
    applied?.metadata.annotations?.[annotation.deliveredGeneration] ?? ''
  ).split(' ');
  const at = Date.parse(time ?? '');
  const number = Number(generation);
  if (uid === undefined || uid === '' || !Number.isSafeInteger(number) || Number.isNaN(at)) return undefined;
  return {
    uid,
    generation: number,
    at,
    epoch: epoch === undefined || epoch === noEpoch ? undefined : epoch,
    revision: revisionOf(revision),
  };
}

/** Whether exactly this was delivered last, whatever hub it came from. */
export function isDelivered({ metadata: { uid, generation = 0 } }: Work, applied: AppliedWork | undefined): boolean {
  const delivered = deliveredOf(applied);
  return delivered?.uid === uid && delivered?.generation === generation;
}

const revisionOf = (text: string | undefined): number | undefined =>
  text !== undefined && /^[0-9]+$/.test(text) ? Number(text) : undefined;

/** A word about the present history counts for everything of another one; else it counts for what was delivered before it. */
function isConfirmed({ at, epoch }: Delivered, { epoch: now, confirmed }: HubHistory): boolean {
  if (confirmed === undefined) return false;
  return confirmed.at >= at || (confirmed.epoch !== undefined && confirmed.epoch === now && epoch !== now);
}

const isOfOtherHistory = (delivered: Delivered, { epoch }: HubHistory): boolean =>
  delivered.epoch !== undefined && epoch !== undefined && delivered.epoch !== epoch;

/**
 * How a Work of the hub stands to what was delivered of it. Older: it is not followed, and takes nothing off the member. Newer: the
 * hub's data is of another history, and this was wished since: it is applied, and what it does not name stays all the same.
 */
export type Standing = 'Current' | 'Newer' | 'Older';

/**
 * Compares by the history that the hub's data is of, by generation and by revision. A hub that somebody has said is to be followed
 * is current, whatever it holds. Pure. RG-10, F-27
 */
export function standingOf(work: Work, applied: AppliedWork | undefined, history: HubHistory): Standing {
  const delivered = deliveredOf(applied);
  if (delivered === undefined || isConfirmed(delivered, history)) return 'Current';
  const { uid, generation = 0, creationTimestamp, resourceVersion } = work.metadata;
  if (isOfOtherHistory(delivered, history)) {
    const { restoredAt } = history;
    const isNewer =
      delivered.uid === uid
        ? generation > delivered.generation
        : restoredAt !== undefined && !isFromBackup(creationTimestamp, history);
    return isNewer ? 'Newer' : 'Older';
  }
  if (delivered.uid !== uid) return 'Current';
  const isBehind = delivered.generation > generation || (revisionOf(resourceVersion) ?? 0) < (delivered.revision ?? 0);
  return isBehind ? 'Older' : 'Current';
}

/**
 * What was applied under an earlier registration of this member, which ended by force: that was a leaving, so it does not
 * become an eviction when the member is back. RG-41
 * @param registeredAt when the present registration was made, by the hub's clock; undefined: not known
 */
export function isFromBefore(applied: AppliedWork, registeredAt: EpochMs | undefined): boolean {
  const delivered = deliveredOf(applied);
  return delivered !== undefined && registeredAt !== undefined && delivered.at < registeredAt;
}

/**
 * Whether nothing is to be taken off the member on the word of this hub: it came back from a backup, or something that was
 * delivered is of another history, or the hub is at an earlier revision, or holds an older Work. RG-10
 * @param hubRevision where the hub is now; undefined: not known
 */
export function isHubRestored(
  { works, appliedWorks, hubUID }: Pick<Pass, 'works' | 'appliedWorks' | 'hubUID'>,
  history: HubHistory,
  hubRevision: string | undefined,
): boolean {
  if (isFromBackup(formatTime(0), history)) return true;
  const now = revisionOf(hubRevision);
  const isBehind = (applied: AppliedWork) => {
    const delivered = deliveredOf(applied);
    if (delivered === undefined || isConfirmed(delivered, history)) return false;
    return isOfOtherHistory(delivered, history) || (now !== undefined && now < (delivered.revision ?? 0));
  };
  const ours = appliedWorks
    .list()
    .filter(
      ({ metadata, spec }) =>
        metadata.name === appliedWorkName(hubUID, { namespace: spec.workNamespace, name: spec.workName }),
    );
  return (
    ours.some(isBehind) ||
    works
      .list()
      .some((work) => standingOf(work, appliedWorks.get(appliedWorkName(hubUID, work.metadata)), history) !== 'Current')
  );
}

/** What the journal records before a pass touches anything; time and revision stay with the generation. */
export function recordOf(work: Work, applied: AppliedWork | undefined, { epoch }: HubHistory, now: EpochMs): string {
  const before = deliveredOf(applied);
  const { uid = '', generation = 0, resourceVersion } = work.metadata;
  // A hub that is away tells nothing; what it told before stands.
  const told = epoch ?? (before?.uid === uid ? before.epoch : undefined);
  const isSame = before?.uid === uid && before.generation === generation && before.epoch === told;
  const at = isSame ? before.at : now;
  const revision = (isSame ? before.revision : undefined) ?? revisionOf(resourceVersion) ?? 0;
  return `${uid} ${generation} ${formatTime(at)} ${told ?? noEpoch} ${revision}`;
}
