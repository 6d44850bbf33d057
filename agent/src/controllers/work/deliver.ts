import {
  ApiError,
  type AppliedResource,
  AppliedWork,
  agentFieldManager,
  apiVersionOf,
  applyFieldManager,
  ManifestReason,
  type ResourceType,
  type Stored,
  type Work,
} from '@quarterdeck/apis';
import { type JsonObject, Result } from '@quarterdeck/machinery';
import { applyManifest } from './apply.ts';
import { claimsOf } from './claims.ts';
import { entryOf, identityOfResource, type JournalView, newAppliedWork, viewJournal } from './journal.ts';
import { writeJournal } from './journal-writer.ts';
import {
  identityOf,
  identityOfEntry,
  type ManifestEntry,
  type ReadManifest,
  type RefusedManifest,
  readManifests,
  refuse,
} from './manifest.ts';
import { type Pass, retryMs } from './options.ts';
import { inApplyOrder } from './order.ts';
import { writeReport } from './report.ts';
import type { ManifestResult } from './status.ts';
import { inWithdrawOrder, type Remains, withdraw } from './withdraw.ts';

/** A manifest that can be applied now, and where. */
interface Applicable {
  readonly manifest: ReadManifest;
  readonly type: ResourceType;
  readonly identity: string;
}

/** One pass over a Work that shall be there. WK-23 to WK-38 */
export async function deliver(pass: Pass, work: Stored<Work>, known: Stored<AppliedWork> | undefined): Promise<Result> {
  const { memberClient, clock, hubUID, signal } = pass;
  const entries = readManifests(work);
  const { applicable, results, isUnclear } = await sortOut(pass, entries);
  let applied =
    known ??
    (await memberClient.create(AppliedWork, newAppliedWork(hubUID, work), { signal, fieldManager: agentFieldManager }));
  const journal = viewJournal(applied, {
    intended: new Set(applicable.map(({ identity }) => identity)),
    unusable: new Set(entries.flatMap((entry) => identityOfEntry(entry) ?? [])),
    isUnclear,
  });
  const intended = applicable.map(({ manifest, type, identity }) => entryOf(manifest, type, journal.uidOf(identity)));
  applied = await writeJournal(pass, applied, [...intended, ...journal.kept, ...journal.removed]);

  const uids = new Map<string, string>();
  for (const each of inApplyOrder(applicable.map((each) => ({ ...each, ...each.manifest })))) {
    if (!isStillWanted(pass, work)) return Result.done; // its deletion is next in the queue. DL-9
    const result = await applyOne(pass, applied, each, journal);
    results.set(each.manifest.ordinal, result);
    const uid = (result.live?.metadata as JsonObject | undefined)?.uid;
    if (typeof uid === 'string' && result.problem === undefined) uids.set(each.identity, uid);
  }

  const going = await prune(pass, applied, journal.removed);
  const recorded = intended.map((entry) => {
    const uid = uids.get(identityOfResource(entry));
    return uid === undefined ? entry : { ...entry, uid };
  });
  await writeJournal(pass, applied, [...recorded, ...journal.kept, ...going.map(({ entry }) => entry)]);

  const all = entries.flatMap((entry) => results.get(entry.ok ? entry.manifest.ordinal : entry.ordinal) ?? []);
  await writeReport(pass, work, all, clock.now());
  return lookAgain(all, going.length > 0);
}

interface Sorted {
  readonly applicable: readonly Applicable[];
  /** Of the manifests that cannot be applied now. */
  readonly results: Map<number, ManifestResult>;
  readonly isUnclear: boolean;
}

async function sortOut({ discovery, signal }: Pass, entries: readonly ManifestEntry[]): Promise<Sorted> {
  const applicable: Applicable[] = [];
  const results = new Map<number, ManifestResult>();
  let isUnclear = false;
  let failure: ApiError | undefined;
  const give = (entry: RefusedManifest) => results.set(entry.ordinal, refusedResult(entry));
  for (const entry of entries) {
    if (!entry.ok) {
      isUnclear ||= identityOfEntry(entry) === undefined;
      give(entry);
      continue;
    }
    const { manifest } = entry;
    const { ordinal, gvk, namespace, name } = manifest;
    let type: ResourceType | undefined;
    let why = `the member does not serve ${gvk.kind} at ${apiVersionOf(gvk)}`;
    try {
      type = await discovery.resourceOf(gvk, signal);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      failure = error;
      why = `the member cannot say whether it serves ${gvk.kind} at ${apiVersionOf(gvk)}: ${error.message}`;
    }
    const misplaced = type === undefined ? undefined : scopeProblem(type, namespace);
    if (type === undefined) {
      const problem = { reason: ManifestReason.UnknownKind, message: why };
      give({ ok: false, ordinal, gvk, namespace, name, problem });
    } else if (misplaced !== undefined) {
      isUnclear = true; // with the wrong namespace it names the wrong object
      give(refuse({ ordinal, gvk, namespace, name }, misplaced));
    } else {
      applicable.push({ manifest, type, identity: identityOf({ ...gvk, namespace, name }) });
    }
  }
  // One group that is out of order holds up its own manifests only; when nothing can be told, the member is away. F-23
  if (failure !== undefined && applicable.length === 0) throw failure;
  return { applicable, results, isUnclear };
}

/** A namespaced kind needs an explicit namespace, a cluster-scoped one has none. WK-25 */
function scopeProblem(type: ResourceType, namespace: string): string | undefined {
  if (type.scope === 'Namespaced' && namespace === '')
    return `metadata.namespace is missing: ${type.kind} lives in a namespace`;
  if (type.scope === 'Cluster' && namespace !== '')
    return `metadata.namespace must be absent: ${type.kind} is cluster-scoped`;
  return undefined;
}

function refusedResult({ ordinal, gvk, namespace, name, problem }: RefusedManifest): ManifestResult {
  const identifier = {
    ordinal,
    ...gvk,
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
  };
  return { identifier, gvk, problem, live: undefined, appliedHash: undefined };
}

function isStillWanted({ works }: Pass, { metadata }: Stored<Work>): boolean {
  const now = works.get(`${metadata.namespace}/${metadata.name}`);
  return now?.metadata.uid === metadata.uid && now.metadata.deletionTimestamp === undefined;
}

async function applyOne(
  pass: Pass,
  applied: Stored<AppliedWork>,
  { manifest, type, identity }: Applicable,
  journal: JournalView,
): Promise<ManifestResult> {
  const { ordinal, gvk, namespace, name, hash } = manifest;
  pass.watchers.ensure(type);
  const context = { ...pass, applied, fieldManager: applyFieldManager(pass.hubUID) };
  const { problem, live } = await applyManifest(context, manifest, type, journal.uidOf(identity));
  return {
    identifier: { ordinal, ...gvk, resource: type.plural, namespace, name },
    gvk,
    problem,
    live: live as unknown as JsonObject | undefined,
    appliedHash: problem === undefined ? hash : undefined,
  };
}

interface Going {
  readonly entry: AppliedResource;
  readonly remains: Remains & { state: 'going' };
}

/** Objects whose manifest is gone. A member that leaves prunes nothing: its Works are about to go as a whole. RG-40 */
async function prune(pass: Pass, applied: Stored<AppliedWork>, removed: readonly AppliedResource[]): Promise<Going[]> {
  if (removed.length === 0) return [];
  const claims = (identity: string) => claimsOf(pass, identity, applied.metadata.name);
  const context = { ...pass, applied, claims, leaving: await pass.isLeaving(pass.signal) };
  const going: Going[] = [];
  for (const entry of inWithdrawOrder(removed)) {
    const remains = await withdraw(context, entry);
    if (remains.state === 'going') going.push({ entry, remains });
    if (remains.state === 'left')
      pass.logger.info({ object: entry.name, why: remains.message }, 'left an object in place');
  }
  return going;
}

function lookAgain(results: readonly ManifestResult[], isGoing: boolean): Result {
  if (isGoing) return Result.after(retryMs.goingMin);
  const reasons = new Set(results.flatMap(({ problem }) => problem?.reason ?? []));
  if (reasons.has(ManifestReason.UnknownKind)) return Result.after(retryMs.unknownKind);
  reasons.delete(ManifestReason.InvalidManifest); // only a change of the Work mends that
  return reasons.size > 0 ? Result.after(retryMs.refused) : Result.done;
}
