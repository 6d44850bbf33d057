import { equalValues, isJsonObject, type JsonObject, type JsonValue } from '../wire/value.ts';
import { equalInSubstance } from './never-owned.ts';
import { managedFieldsOf, withManagedFields } from './owners.ts';

/**
 * Takes back new times of managers when a write came to nothing: when the object and all owners are as before, the live
 * managedFields stay exactly as they are, so that the write need not be stored (KA-56, KA-79). Server-kept metadata is not
 * compared. To be called again after defaulting and admission, which may undo what a request changed.
 * @returns `next` itself when anything else changed
 */
export function keepManagedFieldsOfNoOp(live: JsonObject, next: JsonObject): JsonObject {
  const before = managedFieldsOf(live);
  const after = managedFieldsOf(next);
  if (before === after || !equalButForTimes(before, after)) return next;
  return equalInSubstance(live, next, undefined) ? withManagedFields(next, before) : next;
}

/** Whether two managedFields name the same owners of the same fields. */
function equalButForTimes(before: JsonValue | undefined, after: JsonValue | undefined): boolean {
  if (!Array.isArray(before) || !Array.isArray(after)) return equalValues(before, after);
  return (
    before.length === after.length && before.every((entry, index) => equalEntries(entry, after[index] as JsonValue))
  );
}

function equalEntries(a: JsonValue, b: JsonValue): boolean {
  return equalValues(withoutTime(a), withoutTime(b));
}

function withoutTime(entry: JsonValue): JsonValue {
  if (!isJsonObject(entry)) return entry;
  const { time: _, ...rest } = entry;
  return rest;
}
