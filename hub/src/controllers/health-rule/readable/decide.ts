import {
  conditionType,
  type FieldError,
  HealthRule,
  HealthRuleReason,
  type Stored,
  setCondition,
} from '@quarterdeck/apis';
import { beginningOf, type EpochMs } from '@quarterdeck/machinery';
import { isTerminating } from '../../metadata.ts';
import { updateStatus, type Write } from '../../writes.ts';

/** Says of a rule whether agents can read it: no admission does on a hub that is not ours. Pure and total. DL-22 */
export function decide(rule: Stored<HealthRule>, problems: readonly FieldError[], now: EpochMs): readonly Write[] {
  if (isTerminating(rule)) return [];
  const [first] = problems;
  const verdict =
    first === undefined
      ? { status: 'True' as const, reason: HealthRuleReason.Readable, message: '' }
      : {
          status: 'False' as const,
          reason: HealthRuleReason.Unreadable,
          message: beginningOf(`${first.field}: ${first.message}`, 1024),
        };
  const observedGeneration = rule.metadata.generation ?? 0;
  const change = { type: conditionType.HealthRule.Readable, ...verdict, observedGeneration };
  const conditions = setCondition(rule.status?.conditions, change, now);
  if (conditions === rule.status?.conditions) return [];
  return [updateStatus(HealthRule, { ...rule, status: { ...rule.status, conditions } })];
}
