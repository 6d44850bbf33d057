import type { FieldError } from '@quarterdeck/apis';
import { equalValues, type JsonObject } from '@quarterdeck/machinery';
import { invalidField, numberAt, objectAt } from '../../registry/fields.ts';
import { atLeast } from '../checks.ts';

/** What the counts in a status may say. */
export interface StatusCounts {
  /** Never negative. */
  readonly counts: readonly string[];
  /** Never more than `replicas`. */
  readonly ofReplicas?: readonly string[];
  /** How the count of ready pods is named where more are available than ready. Default: nothing is compared. */
  readonly ready?: string;
}

const path = 'status';

/** Counts that contradict each other, in a status that is being written. KA-3 */
export function statusCountErrors(object: JsonObject, old: JsonObject, rules: StatusCounts): FieldError[] {
  if (equalValues(object.status, old.status)) return [];
  const status = objectAt(object, path);
  const count = (field: string) => numberAt(status, field) ?? 0;
  const tooMany = (field: string, most: number, name: string) =>
    count(field) > most ? [invalidField(`${path}.${field}`, count(field), `cannot be greater than ${name}`)] : [];
  return [
    ...[...rules.counts, 'observedGeneration', 'collisionCount'].flatMap((field) => atLeast(status, path, field)),
    ...(rules.ofReplicas ?? []).flatMap((field) => tooMany(field, count('replicas'), 'status.replicas')),
    ...(rules.ready === undefined ? [] : tooMany('availableReplicas', count('readyReplicas'), rules.ready)),
    ...collisionErrors(status, objectAt(old, path)),
  ];
}

/** It tells one try to name a child from another, so that it only ever grows. */
function collisionErrors(status: JsonObject, old: JsonObject): FieldError[] {
  const before = numberAt(old, 'collisionCount');
  const now = numberAt(status, 'collisionCount');
  if (before === undefined || (now !== undefined && now >= before)) return [];
  return [invalidField(`${path}.collisionCount`, now ?? 0, 'cannot be decremented')];
}
