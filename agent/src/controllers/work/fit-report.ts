import {
  type Condition,
  conditionType,
  type ManifestReport,
  setCondition,
  WorkReportReason,
  type WorkReportStatus,
} from '@quarterdeck/apis';
import { type EpochMs, encodeJson, type JsonValue } from '@quarterdeck/machinery';
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
      ...(message === undefined ? {} : { message: message.slice(0, 100) }),
      ...(drift === undefined ? {} : { drift: core as NonNullable<ManifestReport['drift']> }),
    };
  },
  ({ identifier, health, appliedHash }) => ({
    identifier,
    health,
    ...(appliedHash === undefined ? {} : { appliedHash }),
  }),
  ({ identifier: { ordinal }, health }) => ({ identifier: { ordinal }, health }),
];

/** The report in a size that can be stored, and conditions that say whether something was left out or not read. Pure. DL-23 */
export function fitReport(
  report: Report,
  before: readonly Condition[] | undefined,
  now: EpochMs,
): Report & { conditions: Condition[] } {
  const manifests = report.manifests ?? [];
  const fits = (list: readonly ManifestReport[]) => encodeJson(list as unknown as JsonValue).length <= maxReportBytes;
  let level = 0;
  let fitting = manifests;
  while (level < levels.length - 1 && !fits(fitting)) fitting = manifests.map(levels[++level] ?? ((each) => each));
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
