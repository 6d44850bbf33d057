import type { Condition, ConditionStatus } from './object.ts';

/** A condition to be set: everything but the time, which is derived. */
export interface ConditionChange {
  type: string;
  status: ConditionStatus;
  reason: string;
  message: string;
  /** `metadata.generation` of the object that was looked at. */
  observedGeneration?: number;
}

/** RFC 3339 in whole seconds, as metav1.Time is written. KA-51 */
export function formatTime(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 19)}Z`;
}

export function findCondition(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/**
 * True only when the condition is there, True, and (with `generation`) speaks of that generation or a later one: a True
 * about an older spec is no promise. WK-37
 */
export function isConditionTrue(
  conditions: readonly Condition[] | undefined,
  type: string,
  generation?: number,
): boolean {
  const condition = findCondition(conditions, type);
  if (condition?.status !== 'True') return false;
  return generation === undefined || (condition.observedGeneration ?? 0) >= generation;
}

/**
 * The list with one condition set. The transition time changes only with the status; the place in the list is kept, new
 * types come last; nothing changed returns the very same array, so that callers can compare by identity. WK-38
 * @param now epoch ms
 */
export function setCondition(
  conditions: readonly Condition[] | undefined,
  change: ConditionChange,
  now: number,
): Condition[] {
  const list = (conditions ?? []) as Condition[];
  const old = findCondition(list, change.type);
  const next: Condition = {
    type: change.type,
    status: change.status,
    ...(change.observedGeneration === undefined ? {} : { observedGeneration: change.observedGeneration }),
    lastTransitionTime: old !== undefined && old.status === change.status ? old.lastTransitionTime : formatTime(now),
    reason: change.reason,
    message: change.message,
  };
  if (old === undefined) return [...list, next];
  if (isSame(old, next)) return list;
  return list.map((condition) => (condition === old ? next : condition));
}

const isSame = (a: Condition, b: Condition): boolean =>
  a.status === b.status &&
  a.reason === b.reason &&
  a.message === b.message &&
  a.observedGeneration === b.observedGeneration;
