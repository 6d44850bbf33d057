import {
  agentFieldManager,
  annotation,
  apiVersionOf,
  applyFieldManager,
  type Condition,
  conditionType,
  formatTime,
  isForbidden,
  type ManifestReport,
  type Stored,
  Work,
  WorkReport,
  type WorkStatus,
} from '@quarterdeck/apis';
import { type EpochMs, equalValues, type JsonValue } from '@quarterdeck/machinery';
import { outcomeEvents, repairEvents } from './changes.ts';
import { tell } from './events.ts';
import { fieldsOfResults } from './fields-of-results.ts';
import { fitReport, isTrimmed } from './fit-report.ts';
import { isHubAway } from './hub-away.ts';
import type { ManifestResult } from './manifest-result.ts';
import { type Pass, retryMs } from './options.ts';
import { judge, reportStatus, workStatus } from './status.ts';
import { lastTold, outcomeOf, outcomeText, type ToldOutcome } from './told-outcome.ts';

/** What became of a report. */
export interface Told {
  /** When there is something to tell by then: a report that had to wait, or a deadline. Undefined: nothing. */
  readonly againAfterMs: number | undefined;
}

/**
 * Tells the hub what became of a Work, on change only, compared with what the hub holds. What only comes and goes is written
 * at a pace; what was applied or not is written at once. A hub that takes no reports from a denied member, or is away, changes
 * nothing on the member. WK-38, DL-23, DL-24, RG-22
 */
export async function writeReport(
  pass: Pass,
  work: Stored<Work>,
  seen: readonly ManifestResult[],
  now: EpochMs,
): Promise<Told> {
  const key = `${work.metadata.namespace}/${work.metadata.name}`;
  const results = pass.untold.with(key, seen, now);
  const existing = pass.reports.get(key);
  const before = existing?.status?.manifests ?? [];
  const judged = judge(results, { before, healthOf: pass.healthOf, now });
  const status = workStatus(work, judged, now);
  const ownManager = applyFieldManager(pass.hubUID);
  const fieldsOf = fieldsOfResults(pass, key, { results: judged, before });
  const conditions = existing?.status?.conditions;
  const options = { before, wasTrimmed: isTrimmed(conditions), ownManager, fieldsOf, now };
  const report = fitReport(reportStatus(work, judged, options), { before: conditions, now });
  const deadlines = judged.flatMap(({ changesAt }) => (changesAt === undefined ? [] : [changesAt - now]));
  const next = deadlines.length === 0 ? undefined : Math.min(...deadlines);
  const { lastReportTime: _time, ...held } = existing?.status ?? { observedWorkGeneration: -1 };
  const isStatusNew = !equal(status, work.status);
  const toldBefore = lastTold(work, existing);
  const outcome = outcomeOf(status.conditions);
  const isReportNew = !equal(report, held) || !equal(outcome, toldBefore);
  if (!isStatusNew && !isReportNew) {
    pass.pace.settled(key);
    return { againAfterMs: next };
  }
  const isUrgent =
    !equal(essence(status), essence(work.status)) ||
    !equal(appliedHashes(report.manifests), appliedHashes(before)) ||
    // How often there are repairs is bounded by the guard.
    results.some(({ drift }) => drift?.state === 'Repaired');
  if (!isUrgent) {
    const isVerdict =
      !equal(verdicts(status), verdicts(work.status)) || !equal(healths(report.manifests), healths(before));
    const tidings = isVerdict ? 'Verdict' : 'Details';
    const wait = pass.pace.take(key, tidings, now);
    if (wait > 0) return { againAfterMs: Math.min(wait, next ?? wait) };
  }
  try {
    if (isStatusNew) await writeStatus(pass, work, status);
    let isHeard = true;
    for (const event of outcomeEvents(toldBefore, status.conditions, results))
      isHeard = (await tell(pass, work.metadata, event)) && isHeard;
    const told = isHeard ? outcome : toldBefore;
    if (isReportNew) await writeWorkReport(pass, work, { ...report, lastReportTime: formatTime(now) }, told);
    pass.untold.told(key);
    pass.pace.settled(key);
    for (const event of repairEvents(results)) await tell(pass, work.metadata, event);
    return { againAfterMs: isHeard ? next : retryMs.hubAway };
  } catch (error) {
    if (isForbidden(error)) {
      pass.untold.told(key);
      pass.logger.warn({ reason: (error as Error).message }, 'the hub takes no report of this Work');
      return { againAfterMs: next };
    }
    if (!isHubAway(error)) throw error;
    // It is told when the hub is back; until then the member is kept as it shall be.
    pass.logger.debug({ reason: (error as Error).message }, 'the hub is away; a report waits');
    return { againAfterMs: retryMs.hubAway };
  }
}

/** What a report is urgent for: whether things were applied, and for which generation. */
function essence(status: WorkStatus | undefined) {
  const firm: readonly string[] = [conditionType.Work.Applied, conditionType.Work.Progressing];
  const core = (list: readonly Condition[] = []) => list.filter(({ type }) => firm.includes(type));
  const sum = ({ type, status: value, reason, observedGeneration = -1 }: Condition) => [
    type,
    value,
    reason,
    observedGeneration,
  ];
  // The generation of an object changes with each edit of it, by whomever.
  const one = ({ status: value, reason }: Condition) => [value, reason];
  return [
    core(status?.conditions).map(sum),
    (status?.manifestConditions ?? []).map(({ conditions }) => core(conditions).map(one)),
  ];
}

/** What is well, and what is not. */
const verdicts = (status: WorkStatus | undefined) =>
  [status, ...(status?.manifestConditions ?? [])].map((each) =>
    (each?.conditions ?? []).map(({ type, status: value }) => [type, value]),
  );

const healths = (manifests: readonly ManifestReport[] = []) => manifests.map(({ health }) => health);

const appliedHashes = (manifests: readonly ManifestReport[] = []) =>
  manifests.map(({ appliedHash = '' }) => appliedHash);

async function writeStatus(pass: Pass, work: Stored<Work>, status: WorkStatus): Promise<void> {
  const { hubClient, signal, ownWrites } = pass;
  const options = { subresource: 'status', signal, fieldManager: agentFieldManager };
  ownWrites.wrote(await hubClient.update(Work, { ...work, status }, options));
}

async function writeWorkReport(
  { hubClient, signal }: Pass,
  { metadata: { name, namespace = '', uid } }: Stored<Work>,
  status: NonNullable<WorkReport['status']>,
  told: ToldOutcome | undefined,
): Promise<void> {
  const object: WorkReport = {
    apiVersion: apiVersionOf(WorkReport),
    kind: WorkReport.kind,
    metadata: {
      name,
      namespace,
      ...(told === undefined ? {} : { annotations: { [annotation.toldOutcome]: outcomeText(told) } }),
      ownerReferences: [{ apiVersion: apiVersionOf(Work), kind: Work.kind, name, uid }],
    },
    status,
  };
  await hubClient.apply(WorkReport, object, { fieldManager: agentFieldManager, force: true, signal });
}

const equal = (a: unknown, b: unknown): boolean => equalValues(a as JsonValue, b as JsonValue | undefined);
