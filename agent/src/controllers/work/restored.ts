import { type AppliedWork, annotation, formatTime, type Work } from '@quarterdeck/apis';
import type { EpochMs } from '@quarterdeck/machinery';
import { appliedWorkName } from './journal.ts';
import type { Pass } from './options.ts';

/** What was delivered last of a Work, as the journal has it. */
interface DeliveredGeneration {
  readonly uid: string;
  readonly generation: number;
  readonly at: EpochMs;
}

/** Undefined: never recorded, or not readable. */
function deliveredGeneration(applied: AppliedWork | undefined): DeliveredGeneration | undefined {
  const [uid, generation, time] = (applied?.metadata.annotations?.[annotation.deliveredGeneration] ?? '').split(' ');
  const at = Date.parse(time ?? '');
  const number = Number(generation);
  return uid === undefined || uid === '' || !Number.isSafeInteger(number) || Number.isNaN(at)
    ? undefined
    : { uid, generation: number, at };
}

/**
 * Whether the hub holds an older generation of the very Work than the one that was delivered: it was restored from a backup,
 * and nobody has said since that it is to be followed. Pure. RG-10, F-27
 * @param confirmedAt when an administrator said so; undefined: never
 */
export function isOlder(work: Work, applied: AppliedWork | undefined, confirmedAt: EpochMs | undefined): boolean {
  const delivered = deliveredGeneration(applied);
  if (delivered === undefined || delivered.uid !== work.metadata.uid) return false;
  if (delivered.generation <= (work.metadata.generation ?? 0)) return false;
  return confirmedAt === undefined || confirmedAt < delivered.at;
}

/**
 * What was applied under an earlier registration of this member, which ended by force: that was a leaving, so it does not
 * become an eviction when the member is back. RG-41
 * @param registeredAt when the present registration was made, by the hub's clock; undefined: not known
 */
export function isFromBefore(applied: AppliedWork, registeredAt: EpochMs | undefined): boolean {
  const delivered = deliveredGeneration(applied);
  return delivered !== undefined && registeredAt !== undefined && delivered.at < registeredAt;
}

/** Any Work of the hub is older than what was delivered: nothing is taken off the member on the word of such a hub. */
export function isHubRestored({ works, appliedWorks, hubUID, restoreConfirmedAt }: Pass): boolean {
  const confirmedAt = restoreConfirmedAt();
  return works
    .list()
    .some((work) => isOlder(work, appliedWorks.get(appliedWorkName(hubUID, work.metadata)), confirmedAt));
}

/** What the journal records before a pass touches anything; the time stays with the generation. */
export function recordOf(work: Work, applied: AppliedWork | undefined, now: EpochMs): string {
  const before = deliveredGeneration(applied);
  const { uid = '', generation = 0 } = work.metadata;
  const at = before?.uid === uid && before.generation === generation ? before.at : now;
  return `${uid} ${generation} ${formatTime(at)}`;
}
