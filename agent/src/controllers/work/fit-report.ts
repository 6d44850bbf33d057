import {
  type Condition,
  conditionType,
  findCondition,
  type ManifestReport,
  setCondition,
  WorkReportReason,
  type WorkReportStatus,
} from '@quarterdeck/apis';
import { beginningOf, type EpochMs, encodeJson, type JsonValue } from '@quarterdeck/machinery';
import { withFieldsCondition } from './fields-condition.ts';

/** Well below what one stored object may hold. WK-28 */
export const maxReportBytes = 1_000_000;

type Report = Omit<WorkReportStatus, 'lastReportTime' | 'conditions'>;

/** From the most to the least that is told of each manifest. */
const levels: readonly ((manifest: ManifestReport) => ManifestReport)[] = [
  (manifest) => manifest,
  ({ drift, ...rest }) => {
    if (drift === undefined) return rest;
    const { fields = [], ...core } = drift;
    return { ...rest, drift: { ...core, fields: fields.slice(0, 3) } };
  },
  ({ drift, fields: _fields, message, ...rest }) => {
    const { fields: _paths, ...core } = drift ?? {};
    return {
      ...rest,
      ...(message === undefined ? {} : { message: beginningOf(message, 100) }),
      ...(drift === undefined ? {} : { drift: core as NonNullable<ManifestReport['drift']> }),
    };
  },
  ({ identifier, health, healthSince, appliedHash }) => ({
    identifier,
    health,
    // A deadline counts from it. DL-22
    ...(healthSince === undefined ? {} : { healthSince }),
    ...(appliedHash === undefined ? {} : { appliedHash }),
  }),
  ({ identifier: { ordinal }, health }) => ({ identifier: { ordinal }, health }),
];

export interface FitOptions {
  /** Of the report that the hub holds. */
  readonly before: readonly Condition[] | undefined;
  readonly now: EpochMs;
  /** Of all manifests together, as JSON. Default {@link maxReportBytes}. */
  readonly maxBytes?: number;
  /** Bytes of a manifest as JSON. Default: by encoding it. */
  readonly sizeOf?: (manifest: ManifestReport) => number;
}

/** Whether details were left out of a report. */
export const isTrimmed = (conditions: readonly Condition[] | undefined): boolean =>
  findCondition(conditions, conditionType.WorkReport.Complete)?.status === 'False';

/**
 * The report in a size that can be stored, and conditions that say whether something was left out or not read. Encodes no more
 * than fits for each level of detail, however much there is. Pure. DL-23
 */
export function fitReport(
  report: Report,
  { before, now, maxBytes = maxReportBytes, sizeOf = bytesOf }: FitOptions,
): Report & { conditions: Condition[] } {
  const manifests = report.manifests ?? [];
  let level = 0;
  let fitting = manifests;
  while (level < levels.length - 1 && !isWithin(fitting, maxBytes, sizeOf)) {
    fitting = manifests.map(levels[++level] ?? ((each) => each));
  }
  const type = conditionType.WorkReport.Complete;
  const change =
    level === 0
      ? { type, status: 'True' as const, reason: WorkReportReason.Complete, message: '' }
      : {
          type,
          status: 'False' as const,
          reason: WorkReportReason.Trimmed,
          message: 'details were left out to make the report fit',
        };
  const conditions = setCondition(withFieldsCondition(before, manifests, now), change, now);
  return { ...report, manifests: fitting, conditions };
}

/** Stops at the first that is too much. */
function isWithin(
  manifests: readonly ManifestReport[],
  maxBytes: number,
  sizeOf: (manifest: ManifestReport) => number,
): boolean {
  let bytes = 1; // an opening bracket, and a comma or the closing one after each
  for (const manifest of manifests) {
    bytes += sizeOf(manifest) + 1;
    if (bytes > maxBytes) return false;
  }
  return true;
}

/** In bytes, since that is what a store counts: a character may take three. */
const bytesOf = (manifest: ManifestReport): number => Buffer.byteLength(encodeJson(manifest as unknown as JsonValue));
