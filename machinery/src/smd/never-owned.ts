import { equalValues, getOwn, isJsonObject, type JsonObject } from '../wire/value.ts';
import { difference, type FieldSet, fieldSetOf } from './field-set.ts';
import { fieldPath } from './path-element.ts';

const identity = ['name', 'namespace', 'creationTimestamp', 'selfLink', 'uid', 'clusterName', 'generation'];

/** What identifies an object or is kept by the server: no manager owns it. KA-73 */
const neverOwned: FieldSet = fieldSetOf(
  [
    ['apiVersion'],
    ['kind'],
    ['metadata'],
    ...[...identity, 'managedFields', 'resourceVersion'].map((name) => ['metadata', name]),
  ].map(fieldPath),
);

/** What is left of a set for a manager to own; parts of labels, annotations and the like stay. KA-73 */
export const withoutNeverOwned = (fields: FieldSet): FieldSet => difference(fields, neverOwned);

/** Field paths as arrays of names, for example `[['status']]`. */
export type ResetPaths = readonly (readonly string[])[];

/** Reset paths as a set, for recursive difference. */
export const resetFieldsOf = (paths: ResetPaths | undefined): FieldSet => fieldSetOf((paths ?? []).map(fieldPath));

/**
 * Whether two objects are equal in all that a request may change: not what the server keeps (versions, times, owners),
 * and not what the request has no say in.
 */
export function equalInSubstance(a: JsonObject, b: JsonObject, resetPaths: ResetPaths | undefined): boolean {
  if (a === b) return true;
  const ignored = [...serverKept, ...(resetPaths ?? [])];
  return equalValues(ignored.reduce(withoutPath, a), ignored.reduce(withoutPath, b));
}

const serverKept: ResetPaths = [
  ...['creationTimestamp', 'selfLink', 'uid', 'generation', 'resourceVersion', 'managedFields'].map((name) => [
    'metadata',
    name,
  ]),
];

function withoutPath(object: JsonObject, path: readonly string[]): JsonObject {
  const [name, ...below] = path;
  if (name === undefined) return object;
  const value = getOwn(object, name);
  if (value === undefined) return object;
  if (below.length === 0) {
    const { [name]: _, ...rest } = object;
    return rest;
  }
  return isJsonObject(value) ? { ...object, [name]: withoutPath(value, below) } : object;
}
