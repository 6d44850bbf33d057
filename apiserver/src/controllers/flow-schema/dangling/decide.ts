import { formatTime } from '@quarterdeck/apis';
import { type EpochMs, isJsonObject, type JsonObject } from '@quarterdeck/machinery';
import { listAt, stringAt } from '../../../registry/fields.ts';

export interface Observed {
  readonly schema: JsonObject;
  /** Whether the level that it names exists. */
  readonly hasLevel: boolean;
}

/**
 * The condition `Dangling` of a flow schema: it names a priority level that does not exist, and so classifies nothing.
 * @returns the whole schema with its new status; undefined when it says so already
 */
export function decide({ schema, hasLevel }: Observed, now: EpochMs): JsonObject | undefined {
  const conditions = listAt(schema, 'status', 'conditions').filter(isJsonObject);
  const before = conditions.find(({ type }) => type === 'Dangling');
  const level = stringAt(schema, 'spec', 'priorityLevelConfiguration', 'name');
  const [status, reason, message] = hasLevel
    ? [
        'False',
        'Found',
        `This FlowSchema references the PriorityLevelConfiguration object named "${level}" and it exists`,
      ]
    : [
        'True',
        'NotFound',
        `This FlowSchema references the PriorityLevelConfiguration object named "${level}" but there is no such object`,
      ];
  if (before?.status === status && before.reason === reason) return undefined;
  const condition = { type: 'Dangling', status, reason, message, lastTransitionTime: formatTime(now) };
  const others = conditions.filter(({ type }) => type !== 'Dangling');
  return { ...schema, status: { conditions: [...others, condition] } };
}
