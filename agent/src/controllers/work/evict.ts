import { AppliedWork, annotation, ignoreNotFound, isForbidden, isNotFound, type Stored, Work } from '@quarterdeck/apis';
import { parseObjectKey, Result } from '@quarterdeck/machinery';
import { withdrawAll } from './finish.ts';
import { appliedWorkName } from './journal.ts';
import { writeMarks } from './journal-writer.ts';
import { type Pass, retryMs } from './options.ts';
import { isFromBefore, isHubRestored } from './restored.ts';

/**
 * A Work that is gone from the hub without having been withdrawn: taken off by force, or lost with a database. Its objects
 * are marked, and taken off the member only when it has stayed away for the whole grace; a Work that comes back finds
 * everything untouched. Never on the word of a cache, and never while the member leaves. DL-8
 */
export async function evict(pass: Pass, key: string): Promise<Result> {
  const { appliedWorks, hubUID, clock, logger, memberClient, signal, evictionGraceMs } = pass;
  const { namespace = '', name } = parseObjectKey(key);
  const applied = appliedWorks.get(appliedWorkName(hubUID, { namespace, name }));
  if (applied === undefined || applied.metadata.deletionTimestamp !== undefined) return Result.done;
  if (!(await isMissing(pass, { namespace, name }))) return Result.done; // the cache will show it
  const missingSince = applied.metadata.annotations?.[annotation.workMissingSince];
  const now = clock.now();
  if (missingSince === undefined || Number.isNaN(Date.parse(missingSince))) {
    // Not in whole seconds, which would begin the grace up to one too early.
    const since = new Date(now).toISOString();
    const marked = await ignoreNotFound(writeMarks(pass, applied, { [annotation.workMissingSince]: since }));
    if (marked === undefined) return Result.done; // withdrawn a moment ago, which the cache will show
    logger.warn(
      { graceMs: evictionGraceMs ?? null },
      'a Work is gone from the hub without having been withdrawn; its objects stay for a grace',
    );
    return evictionGraceMs === undefined ? Result.done : Result.after(Math.min(evictionGraceMs, lookEveryMs));
  }
  if (evictionGraceMs === undefined) return Result.done;
  const left = Date.parse(missingSince) + evictionGraceMs - now;
  if (left > 0) return Result.after(Math.min(left, lookEveryMs));
  if (await pass.isLeaving(signal)) return Result.done;
  // Perhaps it was only made after the backup. RG-10
  if (isHubRestored(pass, await pass.askHistory(signal), await hubRevision(pass, namespace)))
    return Result.after(retryMs.poll);
  const leaving = isFromBefore(applied, pass.registeredAt?.()) ? 'Orphan' : false;
  const { going } = await withdrawAll(pass, applied, leaving);
  if (going.length > 0) return Result.after(retryMs.goingMin);
  await deleteJournal(memberClient, applied, signal);
  logger.info({ since: missingSince, leaving }, 'evicted the objects of a Work that stayed away from the hub');
  return Result.done;
}

/** A grace may be longer than a timer. */
const lookEveryMs = 3_600_000;

async function isMissing({ hubClient, signal }: Pass, ref: { namespace: string; name: string }): Promise<boolean> {
  try {
    await hubClient.get(Work, ref, { signal });
    return false;
  } catch (error) {
    if (isNotFound(error)) return true;
    if (isForbidden(error)) return false; // another member's, or nobody's to say
    throw error;
  }
}

/** Where the hub is now. */
async function hubRevision({ hubClient, signal }: Pass, namespace: string): Promise<string | undefined> {
  return (await hubClient.list(Work, { namespace, limit: 1, signal })).metadata.resourceVersion;
}

async function deleteJournal(
  memberClient: Pass['memberClient'],
  { metadata }: Stored<AppliedWork>,
  signal: AbortSignal,
) {
  try {
    await memberClient.delete(AppliedWork, { name: metadata.name }, { preconditions: { uid: metadata.uid }, signal });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
