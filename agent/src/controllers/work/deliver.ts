import {
  type AppliedResource,
  AppliedWork,
  agentFieldManager,
  annotation,
  applyFieldManager,
  ManifestReason,
  type Stored,
  type Work,
} from '@quarterdeck/apis';
import { type Client, Result } from '@quarterdeck/machinery';
import { applyWaves, type Delivery, heldByRestore } from './apply-waves.ts';
import { removalOf } from './changes.ts';
import { claimsOf } from './claims.ts';
import { completedJobs, withCompleted } from './completed-jobs.ts';
import { tell } from './events.ts';
import { executorOf, recordedExecutor } from './executor.ts';
import { patience } from './finish.ts';
import { isOwnerGone } from './gone-owner.ts';
import { isFromBackup } from './hub-history.ts';
import { secretPollMs } from './hub-secrets.ts';
import { joinSecrets } from './join-secrets.ts';
import { entryOf, identityOfResource, newAppliedWork, viewJournal } from './journal.ts';
import { writeJournal, writeMarks } from './journal-writer.ts';
import { mapInLanes } from './lanes.ts';
import { identityOfEntry, readManifests, withoutOwnNamespace } from './manifest.ts';
import type { ManifestResult } from './manifest-result.ts';
import { type Pass, retryMs } from './options.ts';
import { writeReport } from './report.ts';
import { isDelivered, recordOf, standingOf } from './restored.ts';
import { sortOut } from './sort-out.ts';
import { type Withdrawal, withdrawInWaves } from './withdraw-waves.ts';

/** One pass over a Work that shall be there. WK-23 to WK-38 */
export async function deliver(pass: Pass, work: Stored<Work>, known: Stored<AppliedWork> | undefined): Promise<Result> {
  const { memberClient, clock, hubUID, signal } = pass;
  const { history, isKnown } = await pass.historyFor(isDelivered(work, known), signal);
  const namespaceDefault = pass.namespaceDefault();
  // Who it is executed as has to be known: not with more rights for want of a word of the hub.
  if (namespaceDefault === undefined) return Result.after(retryMs.goingMin);
  const executor = executorOf(pass.executors, work, namespaceDefault);
  const read = readManifests(work);
  const isDefault = !('problem' in executor) && executor.serviceAccount === undefined;
  const entries = isDefault ? withoutOwnNamespace(read) : read;
  if ('problem' in executor) {
    const results = entries.map((entry): ManifestResult => refusedAs(entry, executor.problem));
    const told = await writeReport(pass, work, results, clock.now());
    return told.againAfterMs === undefined ? Result.done : Result.after(told.againAfterMs);
  }
  if (known === undefined && isFromBackup(work.metadata.creationTimestamp, history)) {
    const results = entries.map((entry): ManifestResult => refusedAs(entry, heldByRestore));
    const told = await writeReport(pass, work, results, clock.now());
    return Result.after(Math.min(retryMs.poll, told.againAfterMs ?? retryMs.poll));
  }
  const { applicable: sorted, results, isUnclear } = await sortOut(executor.discovery, entries, signal);
  const { applicable, results: unavailable } = await joinSecrets(pass.secrets, sorted, signal);
  for (const [ordinal, result] of unavailable) results.set(ordinal, result);
  const owned = applicable.filter(({ isOwned }) => isOwned);
  // Their watches begin while the journal is written.
  for (const { type, namespace } of owned) executor.watchers.ensure(type, namespace);
  const standing = isKnown ? standingOf(work, known, history) : 'Older';
  const isHeld = standing === 'Older';
  const isCurrent = standing === 'Current';
  const marks = {
    [annotation.executeAs]: executor.serviceAccount,
    [annotation.workMissingSince]: undefined,
    ...(!isCurrent ? {} : { [annotation.deliveredGeneration]: recordOf(work, known, history, clock.now()) }),
  };
  const asAgent = { signal, fieldManager: agentFieldManager };
  let applied =
    known === undefined
      ? await memberClient.create(AppliedWork, newAppliedWork(hubUID, work, marks), asAgent)
      : await writeMarks(pass, known, marks);
  const looked = new Set(applicable.flatMap(({ isOwned, identity }) => (isOwned ? [] : [identity])));
  const journal = viewJournal(applied, {
    intended: new Set(owned.map(({ identity }) => identity)),
    unusable: new Set(entries.flatMap((entry) => identityOfEntry(entry) ?? []).filter((each) => !looked.has(each))),
    isUnclear,
  });
  const intended = owned.map(({ manifest, type, identity }) => entryOf(manifest, type, journal.uidOf(identity)));
  applied = await writeJournal(pass, applied, [...intended, ...journal.kept, ...journal.removed]);

  const key = `${work.metadata.namespace}/${work.metadata.name}`;
  const report = pass.reports.get(key);
  pass.untold.recall(key, known?.metadata.annotations?.[annotation.untoldRepairs], (ordinal, at) => {
    const drift = report?.status?.manifests?.find(({ identifier }) => identifier.ordinal === ordinal)?.drift;
    return drift?.state === 'Repaired' && Date.parse(drift.lastSeenTime) >= Math.floor(at / 1000) * 1000;
  });
  const context = {
    ...pass,
    memberClient: executor.client,
    watchers: executor.watchers,
    isOwnerGone: (owner: string) => isOwnerGone(pass, owner),
    fieldManager: applyFieldManager(hubUID),
    isPaused: work.metadata.annotations?.[annotation.pauseRepair] === 'true',
    applied,
    now: clock.now(),
  };
  const completed = completedJobs(applied);
  const refused = [...results.values()].filter(({ problem }) => problem?.reason !== ManifestReason.UnknownKind).length;
  const delivery: Delivery = { work, applicable, journal, report, isHeld, completed, refused };
  const { results: delivered, isStopped, isRefused } = await applyWaves(context, pass, delivery);
  if (isStopped) return Result.done; // its deletion is next in the queue. DL-9
  for (const [ordinal, result] of delivered) results.set(ordinal, result);

  // A restored hub does not know what came after its backup: what it does not name stays. RG-10
  const prunes = isCurrent && !isRefused;
  const { going, since } = !prunes
    ? { going: journal.removed, since: undefined }
    : await prune(pass, applied, journal.removed, looked);
  const uids = new Map(
    applicable.flatMap(({ manifest, identity }): [string, string][] => {
      const result = results.get(manifest.ordinal);
      const uid = result?.problem === undefined ? result?.uid : undefined;
      return uid === undefined ? [] : [[identity, uid]];
    }),
  );
  const recorded = intended.map((entry) => {
    const uid = uids.get(identityOfResource(entry));
    return uid === undefined ? entry : { ...entry, uid };
  });
  applied = await writeJournal(pass, applied, [...recorded, ...journal.kept, ...going]);
  applied = await writeMarks(pass, applied, {
    [annotation.completedJobs]: withCompleted(applied, [...results.values()], isUnclear),
  });

  const seen = entries.flatMap((entry) => results.get(entry.ok ? entry.manifest.ordinal : entry.ordinal) ?? []);
  const all = await withCounts(pass, executor.client, seen);
  const told = await writeReport(pass, work, all, clock.now());
  await writeMarks(pass, applied, { [annotation.untoldRepairs]: pass.untold.textOf(key) });
  const removal = removalOf(journal.removed.filter((entry) => !going.includes(entry)));
  if (removal !== undefined) await tell(pass, work.metadata, removal);
  const isPolled = owned.some(({ type, manifest }) => executor.watchers.mode(type, manifest.namespace) === 'Polling');
  return lookAgain(pass, work, all, [
    ...(going.length > 0 && prunes ? [patience(clock.now(), since)] : []),
    ...(isPolled || !isCurrent || looked.size > 0 ? [retryMs.poll] : []),
    ...(applicable.some(({ manifest }) => manifest.policy.secretDataFrom !== undefined) ? [secretPollMs] : []),
    ...(told.againAfterMs === undefined ? [] : [told.againAfterMs]),
  ]);
}

/** Workloads whose pods are listed at once. */
const countAtOnce = 8;

/** How many replicas have no node is not told by workloads themselves. DL-23 */
async function withCounts(
  pass: Pass,
  client: Client,
  results: readonly ManifestResult[],
): Promise<readonly ManifestResult[]> {
  return await mapInLanes(results, countAtOnce, async (result) => {
    const { gvk, live, againAfterMs } = result;
    if (gvk === undefined || live === undefined) return result;
    const counted = await pass.pods.countOf(client, { gvk, live }, pass.signal);
    if (counted === undefined) return result;
    const waits = [againAfterMs, counted.againAfterMs].filter((each) => each !== undefined);
    return {
      ...result,
      unschedulable: counted.count,
      againAfterMs: waits.length === 0 ? undefined : Math.min(...waits),
    };
  });
}

function refusedAs(
  entry: ReturnType<typeof readManifests>[number],
  problem: ManifestResult['problem'],
): ManifestResult {
  const { ordinal, gvk, namespace, name } = entry.ok ? entry.manifest : entry;
  const identifier = {
    ordinal,
    ...gvk,
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
  };
  return { identifier, gvk, problem: entry.ok ? problem : entry.problem };
}

/**
 * Objects whose manifest is gone, and those that are only read from now on. A member that leaves prunes nothing: its Works
 * are about to go as a whole. RG-40
 * @returns the journal entries that stay, since their objects are still going, and since when
 */
async function prune(
  pass: Pass,
  applied: Stored<AppliedWork>,
  removed: readonly AppliedResource[],
  looked: ReadonlySet<string>,
): Promise<Pick<Withdrawal, 'going' | 'since'>> {
  if (removed.length === 0) return { going: [], since: undefined };
  const claims = (identity: string) => claimsOf(pass, identity, applied.metadata.name);
  const executor = recordedExecutor(pass.executors, applied);
  const leaving = await pass.isLeaving(pass.signal);
  const context = { ...pass, ...executor, memberClient: executor.client, applied, claims, leaving };
  return await withdrawInWaves({ ...context, released: looked }, removed, pass.logger);
}

function lookAgain(pass: Pass, work: Stored<Work>, results: readonly ManifestResult[], others: number[]): Result {
  const reasons = new Set(results.flatMap(({ problem }) => problem?.reason ?? []));
  const waits = [...others, ...results.flatMap(({ againAfterMs }) => againAfterMs ?? [])];
  if (reasons.has(ManifestReason.UnknownKind)) waits.push(retryMs.unknownKind);
  // Only a change of the Work mends a bad manifest; the others wait for what they name.
  const { UnknownKind, InvalidManifest, WaitingForWave, ReportOnly, HubRestored } = ManifestReason;
  const passing: ReadonlySet<string> = new Set([UnknownKind, InvalidManifest, WaitingForWave, ReportOnly, HubRestored]);
  const troubles = results.filter(({ problem }) => problem !== undefined && !passing.has(problem.reason));
  const trouble = troubles.map(({ identifier, problem }) => `${identifier.ordinal} ${problem?.message}`).join('\n');
  const retry = pass.retries.next(
    `${work.metadata.namespace}/${work.metadata.name}`,
    trouble === '' ? undefined : trouble,
  );
  if (retry !== undefined) waits.push(retry);
  return waits.length === 0 ? Result.done : Result.after(Math.max(100, Math.min(...waits)));
}
