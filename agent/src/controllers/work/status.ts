import {
  type Condition,
  conditionType,
  type FeedbackReport,
  findCondition,
  formatTime,
  type KubeObject,
  ManifestReason,
  type ManifestReport,
  type ResourceIdentifier,
  type Stored,
  setCondition,
  type Work,
  WorkReason,
  type WorkReportStatus,
  type WorkStatus,
} from '@quarterdeck/apis';
import { beginningOf, type EpochMs, type JsonObject } from '@quarterdeck/machinery';
import { withDeadline } from '../../health/deadline.ts';
import type { Health, Replicas } from '../../health/health.ts';
import type { HealthJudge } from '../../health/own-rules.ts';
import { completionOf, withoutCompletion } from './completion.ts';
import { additionsOf } from './drift.ts';
import { driftReport } from './drift-report.ts';
import { identityOf, type ManifestProblem } from './manifest.ts';
import type { JudgedResult, ManifestResult } from './manifest-result.ts';
import { titleOf } from './title.ts';

const nothingSeen: Health = { health: 'Unknown', reason: '', message: '' };
const completed: Health = { health: 'Healthy', reason: 'Complete', message: 'the job completed and was cleaned up' };

/**
 * Health of every object, by its kind and by its deadline. The time of a health is kept in the report, so that a restart of
 * the agent does not begin it anew. DL-22, DL-7
 */
export function judge(
  results: readonly ManifestResult[],
  { before, healthOf, now }: { before: readonly ManifestReport[]; healthOf: HealthJudge; now: EpochMs },
): JudgedResult[] {
  const reports = indexReports(before);
  return results.map((result) => {
    const { gvk, live, policy } = result;
    const seen =
      result.isCompleted === true
        ? completed
        : gvk === undefined || live === undefined
          ? nothingSeen
          : healthOf(gvk, live);
    const old = reports.get(identityOfIdentifier(result.identifier));
    const wasSame = old !== undefined && old.appliedHash === result.appliedHash && sameCourse(old, seen);
    const since = wasSame && old.healthSince !== undefined ? Date.parse(old.healthSince) : now;
    const { health, changesAt } = withDeadline(seen, since, policy?.healthDeadlineSeconds, now);
    return { ...result, health, healthSince: since, changesAt };
  });
}

/** Past its deadline an object counts as degraded, and is still the one that progresses. */
const sameCourse = (old: ManifestReport, { health }: Health): boolean =>
  old.health === health || (health === 'Progressing' && old.reason === 'DeadlineExceeded');

/** What was reported of each object, by identity; manifests that could not be read are not among them. */
export function indexReports(reports: readonly ManifestReport[]): ReadonlyMap<string, ManifestReport> {
  return new Map(reports.map((report) => [identityOfIdentifier(report.identifier), report]));
}

export const identityOfIdentifier = ({
  group = '',
  kind = '',
  namespace = '',
  name = '',
}: ResourceIdentifier): string => identityOf({ group, kind, namespace, name });

/** A condition takes 32 KiB; a status of many manifests must fit one object. WK-28 */
const maxMessage = 1024;
const brief = (text: string): string =>
  text.length <= maxMessage ? beginningOf(text, maxMessage) : `${beginningOf(text, maxMessage - 3)}...`;

/** Statuses of a Work from the results of one pass, in manifest order. Pure. WK-10, WK-11, WK-37, WK-38 */
export function workStatus(work: Work, results: readonly JudgedResult[], now: EpochMs): WorkStatus {
  const previousOf = indexPrevious(work.status?.manifestConditions ?? []);
  const manifestConditions = results.map((result) => ({
    identifier: result.identifier,
    conditions: manifestConditionsOf(result, previousOf(result.identifier), now),
  }));
  const generation = work.metadata.generation ?? 0;
  const completion = completionOf(work, results);
  let conditions =
    completion === undefined ? withoutCompletion(work.status?.conditions) : (work.status?.conditions ?? []);
  const verdicts = {
    ...sums(results),
    ...(completion === undefined ? {} : { [conditionType.Work.Complete]: completion }),
  };
  for (const [type, verdict] of Object.entries(verdicts)) {
    const message = brief(verdict.message);
    conditions = setCondition(conditions, { type, ...verdict, message, observedGeneration: generation }, now);
  }
  return { conditions: [...(conditions ?? [])], manifestConditions };
}

/** By the whole identifier, else ignoring the ordinal, so that a reordered manifest keeps its transition times. WK-19 */
function indexPrevious(entries: NonNullable<WorkStatus['manifestConditions']>) {
  const alike = Map.groupBy(entries, ({ identifier }) => identityOfIdentifier(identifier));
  return (identifier: ResourceIdentifier) => {
    const found = alike.get(identityOfIdentifier(identifier)) ?? [];
    return (found.find((entry) => entry.identifier.ordinal === identifier.ordinal) ?? found[0])?.conditions;
  };
}

function manifestConditionsOf(
  result: JudgedResult,
  before: readonly Condition[] | undefined,
  now: EpochMs,
): Condition[] {
  const types = conditionType.Manifest;
  const generation = result.live === undefined ? 0 : Number((result.live.metadata as JsonObject).generation ?? 0);
  if (result.problem !== undefined) {
    // No observedGeneration on failure: nothing of this manifest stands on the member. WK-11
    const { reason, message } = result.problem;
    return [
      ...setCondition(
        pick(before, types.Applied),
        { type: types.Applied, status: 'False', reason, message: brief(message) },
        now,
      ),
    ];
  }
  const applied = {
    type: types.Applied,
    status: 'True' as const,
    reason: ManifestReason.AppliedManifestComplete,
    message: '',
    observedGeneration: generation,
  };
  let conditions: Condition[] = setCondition(pick(before, types.Applied), applied, now);
  const { health } = result.health;
  const message = brief(result.health.message);
  const available =
    result.live === undefined && result.isCompleted !== true
      ? { status: 'False' as const, reason: ManifestReason.ResourceMissing, message: 'the object is not there' }
      : health === 'Healthy' || health === 'Unknown'
        ? {
            status: 'True' as const,
            reason: ManifestReason.ResourceAvailable,
            message: health === 'Unknown' ? message : '',
          }
        : { status: 'False' as const, reason: ManifestReason.ResourceNotAvailable, message };
  conditions = append(conditions, before, { type: types.Available, ...available, observedGeneration: generation }, now);
  const failing = health === 'Degraded';
  return append(
    conditions,
    before,
    {
      type: types.Degraded,
      status: failing ? 'True' : 'False',
      reason: failing ? ManifestReason.ResourceDegraded : ManifestReason.ResourceAsDesired,
      message: failing ? message : '',
      observedGeneration: generation,
    },
    now,
  );
}

const pick = (conditions: readonly Condition[] | undefined, type: string): Condition[] => {
  const found = findCondition(conditions, type);
  return found === undefined ? [] : [found];
};

function append(
  list: Condition[],
  before: readonly Condition[] | undefined,
  change: Parameters<typeof setCondition>[1],
  now: EpochMs,
): Condition[] {
  return [...list, ...setCondition(pick(before, change.type), change, now)];
}

type Verdict = Omit<Parameters<typeof setCondition>[1], 'type'>;

function sums(results: readonly JudgedResult[]): Record<string, Verdict> {
  const types = conditionType.Work;
  const failed = results.filter(({ problem }) => problem !== undefined);
  const applied = results.filter(({ problem }) => problem === undefined);
  const notAvailable = applied.filter(
    ({ health: { health }, live, isCompleted }) =>
      (live === undefined && isCompleted !== true) || health === 'Progressing' || health === 'Degraded',
  );
  const degraded = applied.filter(({ health: { health } }) => health === 'Degraded');
  const waiting = failed.filter(({ problem }) => isWaiting(problem));
  const of = (count: number) => `${count} of ${results.length} manifests`;
  const first = ([one, ...more]: readonly JudgedResult[]) => {
    if (one === undefined) return '';
    const what = one.problem?.message ?? (one.live === undefined ? 'it is not there' : one.health.message);
    const title = titleOf(one.identifier);
    return `${more.length === 0 ? ':' : ', first'} ${what.startsWith(`${title} `) ? what : `${title}: ${what}`}`;
  };
  return {
    [types.Applied]:
      failed.length === 0
        ? { status: 'True', reason: WorkReason.AppliedWorkComplete, message: '' }
        : {
            status: 'False',
            reason: WorkReason.AppliedWorkFailed,
            message: `${of(failed.length)} not applied${first(failed)}`,
          },
    [types.Available]:
      failed.length + notAvailable.length === 0
        ? { status: 'True', reason: WorkReason.ResourcesAvailable, message: '' }
        : {
            status: 'False',
            reason: WorkReason.ResourcesNotAvailable,
            message: `${of(failed.length + notAvailable.length)} not available${first(notAvailable)}`,
          },
    [types.Progressing]:
      waiting.length === 0
        ? { status: 'False', reason: WorkReason.Settled, message: '' }
        : { status: 'True', reason: WorkReason.Applying, message: `${of(waiting.length)} wait${first(waiting)}` },
    [types.Degraded]:
      degraded.length === 0
        ? { status: 'False', reason: WorkReason.AsDesired, message: '' }
        : {
            status: 'True',
            reason: WorkReason.ResourcesDegraded,
            message: `${of(degraded.length)} degraded${first(degraded)}`,
          },
  };
}

/** Something else has to come first; it goes on by itself. */
function isWaiting(problem: ManifestProblem | undefined): boolean {
  const { UnknownKind, WaitingForWave, Recreating } = ManifestReason;
  return problem !== undefined && [UnknownKind, WaitingForWave, Recreating].some((each) => each === problem.reason);
}

const replicasOf = (replicas: Replicas, unschedulable = 0): Replicas =>
  unschedulable === 0 ? replicas : { ...replicas, unschedulable };

/** The fields of a result as its report shows them. DL-23 */
export type FieldsOfResult = (result: Pick<ManifestResult, 'identifier'>) => readonly FeedbackReport[];

export interface ReportOptions {
  readonly before: readonly ManifestReport[];
  /** Whether details were left out of `before`. Default false. */
  readonly wasTrimmed?: boolean;
  /** The field manager of applied manifests. */
  readonly ownManager: string;
  /** The fields that were asked for of each result, in their order; absent: of none. */
  readonly fieldsOf?: FieldsOfResult;
  readonly now: EpochMs;
}

/** What the Work's status has no room for. DL-23 */
export function reportStatus(
  work: Work,
  results: readonly JudgedResult[],
  { before, wasTrimmed = false, ownManager, fieldsOf, now }: ReportOptions,
): Omit<WorkReportStatus, 'lastReportTime' | 'conditions'> {
  const reports = indexReports(before);
  return {
    observedWorkGeneration: work.metadata.generation ?? 0,
    manifests: results.map((result): ManifestReport => {
      const { health, live, policy, appliedHash } = result;
      const old = reports.get(identityOfIdentifier(result.identifier));
      const lastHash = appliedHash ?? old?.appliedHash;
      const added =
        policy?.driftCompare === 'Full' && live !== undefined
          ? additionsOf(live as unknown as Stored<KubeObject>, ownManager)
          : [];
      const lastDrift = old?.appliedHash === lastHash ? old?.drift : undefined;
      const drift = driftReport(lastDrift, result.drift, { added, wasTrimmed, now });
      const generation = live === undefined ? undefined : (live.metadata as JsonObject).generation;
      const fields = fieldsOf?.(result) ?? [];
      return {
        identifier: result.identifier,
        health: health.health,
        ...(health.reason === '' ? {} : { reason: beginningOf(health.reason, 128) }),
        ...(health.message === '' ? {} : { message: brief(health.message) }),
        ...(health.health === 'Unknown' ? {} : { healthSince: formatTime(result.healthSince) }),
        ...(lastHash === undefined ? {} : { appliedHash: lastHash }),
        ...(typeof generation === 'number' ? { appliedGeneration: generation } : {}),
        ...(health.replicas === undefined ? {} : { replicas: replicasOf(health.replicas, result.unschedulable) }),
        ...(result.observation === undefined ? {} : { observation: result.observation }),
        ...(fields.length === 0 ? {} : { fields: [...fields] }),
        ...(drift === undefined ? {} : { drift }),
      };
    }),
  };
}
