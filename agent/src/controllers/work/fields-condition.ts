import { type Condition, conditionType, type ManifestReport, setCondition, WorkReportReason } from '@quarterdeck/apis';
import type { EpochMs } from '@quarterdeck/machinery';
import { titleOf } from './title.ts';

/** Whether every field that was asked for was read; without one nothing is said. Pure. DL-23 */
export function withFieldsCondition(
  before: readonly Condition[] | undefined,
  manifests: readonly ManifestReport[],
  now: EpochMs,
): readonly Condition[] {
  const type = conditionType.WorkReport.FieldsRead;
  const all = manifests.flatMap(({ identifier, fields = [] }) => fields.map((field) => ({ identifier, ...field })));
  if (all.length === 0) return (before ?? []).filter((each) => each.type !== type);
  const unread = all.filter(({ error }) => error !== undefined);
  const [first] = unread;
  if (first === undefined)
    return setCondition(before, { type, status: 'True', reason: WorkReportReason.FieldsRead, message: '' }, now);
  const message = `${unread.length} of ${all.length} fields could not be read, first ${first.name} of ${titleOf(first.identifier)}: ${first.error}`;
  return setCondition(before, { type, status: 'False', reason: WorkReportReason.FieldsUnread, message }, now);
}
