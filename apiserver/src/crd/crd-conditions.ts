import type { ConditionStatus } from '@quarterdeck/apis';
import type { JsonObject } from '@quarterdeck/machinery';
import { objectsAt, withValue } from '../registry/fields.ts';
import { conditionOf } from './crd-object.ts';

export interface CrdCondition {
  readonly type: string;
  readonly status: ConditionStatus;
  readonly reason: string;
  readonly message: string;
}

/** A copy with this condition set; its lastTransitionTime moves only with its status. Unchanged: the object itself. */
export function setCondition(crd: JsonObject, condition: CrdCondition, now: number): JsonObject {
  const { type, status, reason, message } = condition;
  const known = conditionOf(crd, type);
  if (known?.status === status && known.reason === reason && known.message === message) return crd;
  const time = `${new Date(now).toISOString().slice(0, 19)}Z`;
  const kept = known?.status === status && typeof known.lastTransitionTime === 'string';
  const next: JsonObject = {
    type,
    status,
    lastTransitionTime: kept ? (known.lastTransitionTime as string) : time,
    reason,
    message,
  };
  const others = objectsAt(crd, 'status', 'conditions');
  const conditions = known === undefined ? [...others, next] : others.map((other) => (other === known ? next : other));
  return withValue(crd, ['status', 'conditions'], conditions);
}
