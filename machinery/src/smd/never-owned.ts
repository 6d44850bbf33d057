import { equalValues, isJsonObject, type JsonObject, type JsonValue } from '../wire/value.ts';
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
  const ignored = resetPaths === undefined ? serverKept : namesOf([...serverKeptPaths, ...resetPaths]);
  return equalBut(a, b, ignored);
}

/** What is left out of a comparison, by name: a whole field, or parts of it. */
type Ignored = ReadonlyMap<string, 'whole' | Ignored>;

const serverKeptPaths: ResetPaths = [
  ...['creationTimestamp', 'selfLink', 'uid', 'generation', 'resourceVersion', 'managedFields'].map((name) => [
    'metadata',
    name,
  ]),
];

function namesOf(paths: ResetPaths): Ignored {
  const names = new Map<string, 'whole' | Ignored>();
  for (const [name] of paths) {
    if (name === undefined || names.has(name)) continue;
    const below = paths.filter(([first]) => first === name).map(([, ...rest]) => rest);
    names.set(name, below.some((rest) => rest.length === 0) ? 'whole' : namesOf(below));
  }
  return names;
}

const serverKept = namesOf(serverKeptPaths);

/** As copies without what is ignored would compare, without making any. */
function equalBut(a: JsonObject, b: JsonObject, ignored: Ignored): boolean {
  if (a === b) return true;
  for (const name of Object.keys(a)) {
    const how = ignored.get(name);
    if (how === 'whole') continue;
    if (!Object.hasOwn(b, name)) return false;
    const [own, other] = [a[name] as JsonValue, b[name] as JsonValue];
    const isDeeper = how !== undefined && isJsonObject(own) && isJsonObject(other);
    if (!(isDeeper ? equalBut(own, other, how) : equalValues(own, other))) return false;
  }
  return Object.keys(b).every((name) => ignored.get(name) === 'whole' || Object.hasOwn(a, name));
}
