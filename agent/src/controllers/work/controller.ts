import {
  type AppliedResource,
  AppliedWork,
  agentFieldManager,
  apiVersionOf,
  applyFieldManager,
  conditionType,
  finalizer,
  formatTime,
  ignoreNotFound,
  labelValueOf,
  ManifestReason,
  type ResourceType,
  type Stored,
  setCondition,
  Work,
  WorkReason,
  WorkReport,
} from '@quarterdeck/apis';
import {
  type Client,
  type Clock,
  type Controller,
  createController,
  equalValues,
  type Informer,
  type JsonObject,
  type JsonValue,
  type Logger,
  type Metrics,
  type ReconcileContext,
  Result,
  watching,
} from '@quarterdeck/machinery';
import type { Discovery } from '../../member/discovery.ts';
import type { Watchers } from '../../member/watchers.ts';
import { applyManifest } from './apply.ts';
import { appliedWorkName, entryOf, identityOfResource, newAppliedWork, viewJournal } from './journal.ts';
import { identityOf, type ManifestEntry, type ReadManifest, readManifests } from './manifest.ts';
import { inApplyOrder } from './order.ts';
import { type ManifestResult, reportStatus, workStatus } from './status.ts';
import { inWithdrawOrder, withdraw } from './withdraw.ts';

export interface WorkControllerOptions {
  readonly hubClient: Client;
  readonly memberClient: Client;
  readonly discovery: Discovery;
  readonly watchers: Watchers;
  /** Works of the member's namespace. */
  readonly works: Informer<Work>;
  /** Every AppliedWork on the member. */
  readonly appliedWorks: Informer<AppliedWork>;
  /** WorkReports of the member's namespace. */
  readonly reports: Informer<WorkReport>;
  readonly hubUID: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Works worked on at once. Default 8. */
  readonly concurrency?: number;
}

/** How soon to look again at what only time, or somebody else, can mend. */
const retryMs = { unknownKind: 5_000, refused: 30_000, going: 1_000 } as const;

/**
 * Applies the Works of this member and tells the truth about them. WK-14 to WK-38, DL-1 to DL-10
 *
 * One pass: finalizer, journal, apply in order, prune, journal again, status, report. It may die between any two steps and
 * be run again: the journal holds every object before it is touched.
 */
export function workController(options: WorkControllerOptions): Controller {
  const { works, appliedWorks, reports, hubUID } = options;
  const keyOf = ({ spec }: AppliedWork) => `${spec.workNamespace}/${spec.workName}`;
  return createController({
    name: 'work.apply',
    primary: works,
    watches: [
      watching(appliedWorks, (applied) => [keyOf(applied)]),
      watching(reports, ({ metadata }, old) => (old === undefined ? [`${metadata.namespace}/${metadata.name}`] : [])),
    ],
    concurrency: options.concurrency ?? 8,
    clock: options.clock,
    logger: options.logger,
    metrics: options.metrics,
    reconciler: {
      async reconcile(key, context) {
        const work = works.get(key);
        if (work === undefined) return Result.done;
        const applied = appliedWorks.get(appliedWorkName(hubUID, work));
        if (work.metadata.deletionTimestamp !== undefined) return await finish(options, context, work, applied);
        if (work.metadata.finalizers?.includes(finalizer.work) !== true) {
          await addFinalizer(options, work, context.signal); // nothing is applied before it is there; the event brings us back
          return Result.done;
        }
        return await deliver(options, context, work, applied);
      },
    },
  });
}

/** Keys of the Works that a changed object on the member concerns, by its label. */
export function worksOfLabel(appliedWorks: Informer<AppliedWork>, value: string): string[] {
  return appliedWorks.byIndex('label', value).map(({ spec }) => `${spec.workNamespace}/${spec.workName}`);
}

export const appliedWorkIndex = { label: ({ metadata }: AppliedWork) => [labelValueOf(metadata.name ?? '')] };

async function addFinalizer(
  { hubClient }: WorkControllerOptions,
  work: Stored<Work>,
  signal: AbortSignal,
): Promise<void> {
  const finalizers = [...(work.metadata.finalizers ?? []), finalizer.work];
  await hubClient.update(
    Work,
    { ...work, metadata: { ...work.metadata, finalizers } },
    { signal, fieldManager: agentFieldManager },
  );
}

interface Resolved {
  readonly manifest: ReadManifest;
  readonly type: ResourceType | undefined;
}

async function deliver(
  options: WorkControllerOptions,
  context: ReconcileContext,
  work: Stored<Work>,
  known: Stored<AppliedWork> | undefined,
): Promise<Result> {
  const { memberClient, clock, hubUID } = options;
  const { signal } = context;
  const entries = readManifests(work.spec?.workload?.manifests ?? []);
  const resolved = await resolve(options, entries, signal);
  let applied =
    known ??
    (await memberClient.create(AppliedWork, newAppliedWork(hubUID, work), { signal, fieldManager: agentFieldManager }));
  const wanted = new Set(resolved.map(({ manifest }) => identityOf({ ...manifest.gvk, ...manifest })));
  const journal = viewJournal(applied, wanted);

  const intended = resolved.flatMap(({ manifest, type }) =>
    type === undefined ? [] : [entryOf(manifest, type, journal.uidOf(identityOf({ ...manifest.gvk, ...manifest })))],
  );
  applied = await writeJournal(memberClient, applied, [...intended, ...journal.removed], signal);

  const results = new Map<number, ManifestResult>();
  const uids = new Map<string, string>();
  for (const { manifest, type } of inApplyOrder(resolved.map((each) => ({ ...each, ...each.manifest })))) {
    const outcome = await applyOne(options, { applied, signal, work }, manifest, type);
    results.set(manifest.ordinal, outcome);
    const uid = outcome.live === undefined ? undefined : ((outcome.live.metadata as JsonObject).uid as string);
    if (uid !== undefined && outcome.problem === undefined) uids.set(identityOf({ ...manifest.gvk, ...manifest }), uid);
  }

  const remaining: AppliedResource[] = [];
  for (const entry of inWithdrawOrder(journal.removed)) {
    const remains = await withdraw({ ...options, applied, signal }, entry);
    if (remains.state === 'going') remaining.push(entry);
  }
  const recorded = intended.map((entry) => {
    const uid = uids.get(identityOfResource(entry));
    return uid === undefined ? entry : { ...entry, uid };
  });
  await writeJournal(memberClient, applied, [...recorded, ...remaining], signal);

  const all = entries
    .map((entry) => (entry.ok ? results.get(entry.manifest.ordinal) : refused(entry)))
    .filter((each) => each !== undefined);
  await writeStatus(options, work, all, clock.now(), signal);
  return again(all, remaining.length > 0);
}

function again(results: readonly ManifestResult[], going: boolean): Result {
  if (going) return Result.after(retryMs.going);
  const reasons = new Set(results.flatMap(({ problem }) => problem?.reason ?? []));
  if (reasons.has(ManifestReason.UnknownKind)) return Result.after(retryMs.unknownKind);
  reasons.delete(ManifestReason.InvalidManifest); // only a change of the Work mends that
  return reasons.size > 0 ? Result.after(retryMs.refused) : Result.done;
}

async function resolve(
  { discovery }: WorkControllerOptions,
  entries: readonly ManifestEntry[],
  signal: AbortSignal,
): Promise<Resolved[]> {
  const readable = entries.flatMap((entry) => (entry.ok ? [entry.manifest] : []));
  return await Promise.all(
    readable.map(async (manifest) => ({ manifest, type: await discovery.resourceOf(manifest.gvk, signal) })),
  );
}

interface Pass {
  readonly applied: Stored<AppliedWork>;
  readonly work: Stored<Work>;
  readonly signal: AbortSignal;
}

async function applyOne(
  options: WorkControllerOptions,
  pass: Pass,
  manifest: ReadManifest,
  type: ResourceType | undefined,
): Promise<ManifestResult> {
  const { ordinal, gvk, namespace, name, hash } = manifest;
  const identifier = { ordinal, ...gvk, ...(type === undefined ? {} : { resource: type.plural }), namespace, name };
  const result = (problem: ManifestResult['problem'], live?: JsonObject): ManifestResult => ({
    identifier,
    gvk,
    problem,
    live,
    appliedHash: problem === undefined ? hash : undefined,
  });
  if (type === undefined) {
    return result({
      reason: ManifestReason.UnknownKind,
      message: `the member does not serve ${gvk.kind} at ${apiVersionOf(gvk)}`,
    });
  }
  const misplaced = scopeProblem(type, namespace);
  if (misplaced !== undefined) return result({ reason: ManifestReason.InvalidManifest, message: misplaced });
  options.watchers.ensure(type);
  const uid = viewJournal(pass.applied, new Set()).uidOf(identityOf({ ...gvk, namespace, name }));
  const context = {
    ...options,
    applied: pass.applied,
    signal: pass.signal,
    fieldManager: applyFieldManager(options.hubUID),
  };
  const outcome = await applyManifest(context, manifest, type, uid);
  return result(outcome.problem, outcome.live as unknown as JsonObject | undefined);
}

/** A namespaced kind needs an explicit namespace, a cluster-scoped one has none. WK-25 */
function scopeProblem(type: ResourceType, namespace: string): string | undefined {
  if (type.scope === 'Namespaced' && namespace === '')
    return `metadata.namespace is missing: ${type.kind} lives in a namespace`;
  if (type.scope === 'Cluster' && namespace !== '')
    return `metadata.namespace must be absent: ${type.kind} is cluster-scoped`;
  return undefined;
}

function refused(entry: ManifestEntry & { ok: false }): ManifestResult {
  const { ordinal, gvk, name, problem } = entry;
  const identifier = { ordinal, ...gvk, ...(name === undefined ? {} : { name }) };
  return { identifier, gvk, problem, live: undefined, appliedHash: undefined };
}

async function writeJournal(
  memberClient: Client,
  applied: Stored<AppliedWork>,
  resources: AppliedResource[],
  signal: AbortSignal,
) {
  const status = { ...applied.status, appliedResources: resources };
  if (equal(status, applied.status ?? { appliedResources: [] })) return applied;
  return await memberClient.update(
    AppliedWork,
    { ...applied, status },
    { subresource: 'status', signal, fieldManager: agentFieldManager },
  );
}

async function writeStatus(
  options: WorkControllerOptions,
  work: Stored<Work>,
  results: readonly ManifestResult[],
  now: number,
  signal: AbortSignal,
) {
  const { hubClient, reports } = options;
  const status = workStatus(work, results, now);
  if (!equal(status, work.status)) {
    await hubClient.update(
      Work,
      { ...work, status },
      { subresource: 'status', signal, fieldManager: agentFieldManager },
    );
  }
  const { name, namespace = '', uid } = work.metadata;
  const existing = reports.get(`${namespace}/${name}`);
  const report = reportStatus(work, results);
  const { lastReportTime: _time, ...before } = existing?.status ?? { observedWorkGeneration: -1 };
  if (equal(report, before)) return;
  const object: WorkReport = {
    apiVersion: apiVersionOf(WorkReport),
    kind: WorkReport.kind,
    metadata: {
      name,
      namespace,
      ownerReferences: [{ apiVersion: apiVersionOf(Work), kind: Work.kind, name, uid }],
    },
    status: { ...report, lastReportTime: formatTime(now) },
  };
  await hubClient.apply(WorkReport, object, { fieldManager: agentFieldManager, force: true, signal });
}

/** A deleted Work: everything off the member in reverse order, then the journal, then the finalizer. WK-34 */
async function finish(
  options: WorkControllerOptions,
  context: ReconcileContext,
  work: Stored<Work>,
  known: Stored<AppliedWork> | undefined,
): Promise<Result> {
  if (work.metadata.finalizers?.includes(finalizer.work) !== true) return Result.done;
  const { memberClient, hubClient } = options;
  const { signal } = context;
  // Never by the cache alone: a journal that is merely not seen yet must not be taken for an empty one.
  const applied =
    known ??
    (await ignoreNotFound(memberClient.get(AppliedWork, { name: appliedWorkName(options.hubUID, work) }, { signal })));
  if (applied !== undefined) {
    const going: AppliedResource[] = [];
    const messages: string[] = [];
    for (const entry of inWithdrawOrder(applied.status?.appliedResources ?? [])) {
      const remains = await withdraw({ ...options, applied, signal }, entry);
      if (remains.state === 'going') going.push(entry);
      if (remains.state !== 'gone') messages.push(remains.message);
      if (remains.state === 'left')
        context.logger.info({ object: entry.name, why: remains.message }, 'left an object in place');
    }
    if (going.length > 0) {
      await writeJournal(memberClient, applied, going, signal);
      await reportGoing(options, work, messages, signal);
      return Result.after(retryMs.going);
    }
    await memberClient.delete(
      AppliedWork,
      { name: applied.metadata.name },
      { preconditions: { uid: applied.metadata.uid }, signal },
    );
  }
  const finalizers = work.metadata.finalizers.filter((name) => name !== finalizer.work);
  await hubClient.update(
    Work,
    { ...work, metadata: { ...work.metadata, finalizers } },
    { signal, fieldManager: agentFieldManager },
  );
  return Result.done;
}

/** Stuck objects are named where people look. WK-34, F-26 */
async function reportGoing(
  { hubClient, clock }: WorkControllerOptions,
  work: Stored<Work>,
  messages: readonly string[],
  signal: AbortSignal,
) {
  const change = {
    type: conditionType.Work.Progressing,
    status: 'True' as const,
    reason: WorkReason.Withdrawing,
    message: messages.slice(0, 10).join('; '),
    observedGeneration: work.metadata.generation ?? 0,
  };
  const conditions = setCondition(work.status?.conditions, change, clock.now());
  if (conditions === work.status?.conditions) return;
  await hubClient.update(
    Work,
    { ...work, status: { ...work.status, conditions } },
    { subresource: 'status', signal, fieldManager: agentFieldManager },
  );
}

const equal = (a: unknown, b: unknown): boolean => equalValues(a as JsonValue, b as JsonValue | undefined);
