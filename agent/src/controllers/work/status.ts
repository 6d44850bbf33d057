import {
  type Condition,
  conditionType,
  findCondition,
  type GroupVersionKind,
  ManifestReason,
  type ManifestReport,
  type ResourceIdentifier,
  setCondition,
  type Work,
  WorkReason,
  type WorkReportStatus,
  type WorkStatus,
} from '@quarterdeck/apis';
import type { EpochMs, JsonObject } from '@quarterdeck/machinery';
import { healthOf } from './health/rules.ts';
import type { ManifestProblem } from './manifest.ts';

/** What became of one manifest in one pass. */
export interface ManifestResult {
  readonly identifier: ResourceIdentifier;
  readonly gvk: GroupVersionKind | undefined;
  /** Absent: it was applied. */
  readonly problem: ManifestProblem | undefined;
  /** The object as last seen on the member; undefined when it is not there or not ours. */
  readonly live: JsonObject | undefined;
  /** Hash of what was last applied with success. */
  readonly appliedHash: string | undefined;
}

/** A condition takes 32 KiB; a status of many manifests must fit one object. WK-28 */
const maxMessage = 1024;
const brief = (text: string): string => (text.length <= maxMessage ? text : `${text.slice(0, maxMessage - 3)}...`);

/** Statuses of a Work from the results of one pass, in manifest order. Pure. WK-10, WK-11, WK-37, WK-38 */
export function workStatus(work: Work, results: readonly ManifestResult[], now: EpochMs): WorkStatus {
  const before = work.status?.manifestConditions ?? [];
  const manifestConditions = results.map((result) => ({
    identifier: result.identifier,
    conditions: manifestConditionsOf(result, previousOf(before, result.identifier), now),
  }));
  const generation = work.metadata.generation ?? 0;
  let conditions: readonly Condition[] | undefined = work.status?.conditions;
  for (const [type, verdict] of Object.entries(sums(results))) {
    const message = brief(verdict.message);
    conditions = setCondition(conditions, { type, ...verdict, message, observedGeneration: generation }, now);
  }
  return { conditions: [...(conditions ?? [])], manifestConditions };
}

/** By the whole identifier, else ignoring the ordinal, so that a reordered manifest keeps its transition times. WK-19 */
function previousOf(entries: NonNullable<WorkStatus['manifestConditions']>, identifier: ResourceIdentifier) {
  const same = (a: ResourceIdentifier, b: ResourceIdentifier) =>
    a.group === b.group && a.kind === b.kind && (a.namespace ?? '') === (b.namespace ?? '') && a.name === b.name;
  const alike = entries.filter((entry) => same(entry.identifier, identifier));
  return (alike.find((entry) => entry.identifier.ordinal === identifier.ordinal) ?? alike[0])?.conditions;
}

function manifestConditionsOf(
  result: ManifestResult,
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
  const { health, ...seen } = seenHealth(result);
  const message = brief(seen.message);
  const available =
    result.live === undefined
      ? { status: 'False' as const, reason: ManifestReason.ResourceMissing, message: 'the object is not there' }
      : health === 'Healthy' || health === 'Unknown'
        ? { status: 'True' as const, reason: ManifestReason.ResourceAvailable, message: '' }
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

const seenHealth = ({ gvk, live }: ManifestResult) =>
  gvk === undefined || live === undefined ? { health: 'Unknown' as const, message: '' } : healthOf(gvk, live);

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

function sums(results: readonly ManifestResult[]): Record<string, Verdict> {
  const types = conditionType.Work;
  const failed = results.filter(({ problem }) => problem !== undefined);
  const healths = results
    .filter(({ problem }) => problem === undefined)
    .map((result) => ({ ...seenHealth(result), live: result.live }));
  const notAvailable = healths.filter(
    ({ health, live }) => live === undefined || health === 'Progressing' || health === 'Degraded',
  );
  const degraded = healths.filter(({ health }) => health === 'Degraded');
  const unsettled = failed.filter(({ problem }) => problem?.reason === ManifestReason.UnknownKind);
  const of = (count: number) => `${count} of ${results.length} manifests`;
  return {
    [types.Applied]:
      failed.length === 0
        ? { status: 'True', reason: WorkReason.AppliedWorkComplete, message: '' }
        : {
            status: 'False',
            reason: WorkReason.AppliedWorkFailed,
            message: `${of(failed.length)} not applied: ${failed[0]?.problem?.message}`,
          },
    [types.Available]:
      failed.length + notAvailable.length === 0
        ? { status: 'True', reason: WorkReason.ResourcesAvailable, message: '' }
        : {
            status: 'False',
            reason: WorkReason.ResourcesNotAvailable,
            message: `${of(failed.length + notAvailable.length)} not available${notAvailable[0]?.message ? `: ${notAvailable[0].message}` : ''}`,
          },
    [types.Progressing]:
      unsettled.length === 0
        ? { status: 'False', reason: WorkReason.Settled, message: '' }
        : {
            status: 'True',
            reason: WorkReason.Applying,
            message: `${of(unsettled.length)} wait for their kind to be served`,
          },
    [types.Degraded]:
      degraded.length === 0
        ? { status: 'False', reason: WorkReason.AsDesired, message: '' }
        : {
            status: 'True',
            reason: WorkReason.ResourcesDegraded,
            message: `${of(degraded.length)} degraded: ${degraded[0]?.message}`,
          },
  };
}

/** What the Work's status has no room for. DL-23 */
export function reportStatus(work: Work, results: readonly ManifestResult[]): Omit<WorkReportStatus, 'lastReportTime'> {
  return {
    observedWorkGeneration: work.metadata.generation ?? 0,
    manifests: results.map((result): ManifestReport => {
      const { gvk, live } = result;
      const health = gvk === undefined || live === undefined ? undefined : healthOf(gvk, live);
      return {
        identifier: result.identifier,
        health: health?.health ?? 'Unknown',
        ...(health?.message ? { message: brief(health.message) } : {}),
        ...(result.appliedHash === undefined ? {} : { appliedHash: result.appliedHash }),
        ...(health?.replicas === undefined ? {} : { replicas: health.replicas }),
      };
    }),
  };
}
