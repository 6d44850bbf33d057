import {
  AppliedWork,
  agentFieldManager,
  conditionType,
  finalizer,
  ignoreNotFound,
  isForbidden,
  type Stored,
  setCondition,
  Work,
  WorkReason,
} from '@quarterdeck/apis';
import { type EpochMs, Result } from '@quarterdeck/machinery';
import { heldByRestore } from './apply-waves.ts';
import { claimsOf } from './claims.ts';
import { recordedExecutor } from './executor.ts';
import { isFromBackup } from './hub-history.ts';
import { appliedWorkName } from './journal.ts';
import { writeJournal } from './journal-writer.ts';
import { type Pass, retryMs } from './options.ts';
import { standingOf } from './restored.ts';
import type { Leaving } from './withdraw.ts';
import { withdrawInWaves } from './withdraw-waves.ts';

/** A deleted Work: everything off the member in reverse order, then the journal, then the finalizer. WK-34 */
export async function finish(pass: Pass, work: Stored<Work>, known: Stored<AppliedWork> | undefined): Promise<Result> {
  if (work.metadata.finalizers?.includes(finalizer.work) !== true) return Result.done;
  const { memberClient, hubClient, signal } = pass;
  // Never by the cache alone: a journal that is merely not seen yet must not be taken for an empty one.
  const name = appliedWorkName(pass.hubUID, work.metadata);
  const applied = known ?? (await ignoreNotFound(memberClient.get(AppliedWork, { name }, { signal })));
  if (applied !== undefined) {
    const history = await pass.askHistory(signal);
    // It was on its way out when the backup was made; what stands here came later. RG-10
    if (isFromBackup(work.metadata.deletionTimestamp, history) && standingOf(work, applied, history) !== 'Current') {
      const waitMs = await reportGoing(pass, work, [heldByRestore.message]);
      return Result.after(waitMs ?? retryMs.poll);
    }
    const leaving = await pass.isLeaving(signal);
    const { going, messages, since } = await withdrawAll(pass, applied, leaving);
    if (going.length > 0) {
      await writeJournal(pass, applied, going);
      const waitMs = await reportGoing(pass, work, messages);
      return Result.after(Math.min(patience(pass.clock.now(), since), waitMs ?? retryMs.goingMax));
    }
    const preconditions = { uid: applied.metadata.uid };
    await ignoreNotFound(memberClient.delete(AppliedWork, { name }, { preconditions, signal }));
  }
  const finalizers = work.metadata.finalizers.filter((each) => each !== finalizer.work);
  await hubClient.update(
    Work,
    { ...work, metadata: { ...work.metadata, finalizers } },
    { signal, fieldManager: agentFieldManager },
  );
  return Result.done;
}

/** Everything that an AppliedWork recorded. */
export async function withdrawAll(pass: Pass, applied: Stored<AppliedWork>, leaving: Leaving) {
  const claims = (identity: string) => claimsOf(pass, identity, applied.metadata.name);
  const executor = recordedExecutor(pass.executors, applied);
  const context = { ...pass, ...executor, memberClient: executor.client, applied, claims, leaving };
  return await withdrawInWaves(context, applied.status?.appliedResources ?? [], pass.logger);
}

/** What has been going for long is looked at less often: the watch tells when it is gone. F-26 */
export function patience(now: EpochMs, since: EpochMs | undefined): number {
  const age = since === undefined ? 0 : now - since;
  return Math.min(retryMs.goingMax, Math.max(retryMs.goingMin, age / 4));
}

/**
 * Stuck objects are named where people look; what is gone in a moment is not worth a write. WK-34, F-26
 * @returns ms until it is to be told; undefined: it stands
 */
async function reportGoing(
  { hubClient, clock, pace, signal, logger }: Pass,
  work: Stored<Work>,
  messages: readonly string[],
): Promise<number | undefined> {
  const key = `${work.metadata.namespace}/${work.metadata.name}`;
  const change = {
    type: conditionType.Work.Progressing,
    status: 'True' as const,
    reason: WorkReason.Withdrawing,
    message: messages.slice(0, 10).join('; '),
    observedGeneration: work.metadata.generation ?? 0,
  };
  const conditions = setCondition(work.status?.conditions, change, clock.now());
  if (conditions === work.status?.conditions) {
    pace.settled(key);
    return undefined;
  }
  const waitMs = pace.take(key, 'Details', clock.now());
  if (waitMs > 0) return waitMs;
  try {
    await hubClient.update(
      Work,
      { ...work, status: { ...work.status, conditions } },
      { subresource: 'status', signal, fieldManager: agentFieldManager },
    );
  } catch (error) {
    // A denied member keeps the right to withdraw and loses that to report. RG-22
    if (!isForbidden(error)) throw error;
    logger.debug({ messages }, 'the hub takes no report of the withdrawal');
  }
  pace.settled(key);
  return undefined;
}
