import type { FieldError } from '@quarterdeck/apis';
import {
  correlateItems,
  duplicateValue,
  equalValues,
  forbidden,
  getOwn,
  invalidOmitted,
  invalidValue,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  requiredValue,
  resolveFieldPath,
  type StructuralSchema,
  type ValidationRule,
} from '@quarterdeck/machinery';
import { type RuleTwins, usesOldSelf } from './crd-rules.ts';

/** One value, its schema, and what it was before. */
interface Place {
  readonly value: JsonValue;
  readonly schema: StructuralSchema;
  readonly path: string;
  /** The value before this write; undefined when none can be told to be the same part. KA-104 */
  readonly old: JsonValue | undefined;
  /** Whether the nearest part around here that has an old value is unchanged: errors are then dropped. KA-105 */
  readonly unchanged: () => boolean;
  /** A whole object, of whose metadata rules see the name only. */
  readonly isObject: boolean;
}

/** What is wrong in ways that rules cannot be run over: missing, of the wrong type, too much. */
const blocking = new Set([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
]);

const unchecked =
  'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation';

/** An object about to be stored; `old` is undefined on create, `found` is what is wrong with it by now. */
export interface CheckedObject {
  readonly object: JsonObject;
  readonly old: JsonObject | undefined;
  readonly found: readonly FieldError[];
}

/**
 * Runs the rules of a schema beside errors that do not hinder them; beside others they are skipped, which one note says.
 * KA-104
 */
export function checkRules(
  { object, old, found }: CheckedObject,
  schema: StructuralSchema,
  twins: RuleTwins,
): FieldError[] {
  if (!hasRules(schema)) return [];
  if (found.some(({ reason }) => blocking.has(reason))) return [invalidValue('<nil>', null, unchecked)];
  return runRules(object, old, schema, twins);
}

/**
 * Runs the twins of the CEL rules of a schema over an object that has the schema's types and required fields. Rules that compare with oldSelf run
 * only where there is an old value; errors of the others are dropped on values that did not change. KA-101, KA-104,
 * KA-105
 *
 * @param old the stored object; undefined on create
 * @returns in the words of Kubernetes. A rule without twin (of a CRD that an earlier version accepted) is an error
 *   wherever it would run: it must not pass unlooked at
 */
export function runRules(
  object: JsonObject,
  old: JsonObject | undefined,
  schema: StructuralSchema,
  twins: RuleTwins,
): FieldError[] {
  const errors: FieldError[] = [];
  const unchanged = () => old !== undefined && equalValues(object, old);
  visit({ value: object, schema, path: '', old, unchanged, isObject: true }, twins, errors);
  return errors;
}

const ruled = new WeakMap<StructuralSchema, boolean>();

/** Most parts of most schemas carry no rule; their values are not visited. */
function hasRules(schema: StructuralSchema): boolean {
  const known = ruled.get(schema);
  if (known !== undefined) return known;
  const { items, additionalProperties, properties } = schema;
  const found =
    (schema['x-kubernetes-validations']?.length ?? 0) > 0 ||
    (items !== undefined && hasRules(items)) ||
    (typeof additionalProperties === 'object' && hasRules(additionalProperties)) ||
    Object.values(properties ?? {}).some(hasRules);
  ruled.set(schema, found);
  return found;
}

function visit(place: Place, twins: RuleTwins, errors: FieldError[]): void {
  const { value, schema } = place;
  if (value === null || !hasRules(schema)) return;
  for (const rule of schema['x-kubernetes-validations'] ?? []) {
    const error = runRule(rule, place, twins);
    if (error !== undefined) errors.push(error);
  }
  if (Array.isArray(value)) visitItems(place, value, twins, errors);
  else if (isJsonObject(value)) visitFields(place, value, twins, errors);
}

function visitItems(place: Place, list: readonly JsonValue[], twins: RuleTwins, errors: FieldError[]): void {
  const { items } = place.schema;
  if (items === undefined) return;
  const oldOf = correlateItems(place.schema, place.old);
  list.forEach((value, index) => {
    visit(child(place, { value, schema: items, path: `${place.path}[${index}]`, old: oldOf(value) }), twins, errors);
  });
}

function visitFields(place: Place, object: JsonObject, twins: RuleTwins, errors: FieldError[]): void {
  const { properties = {}, additionalProperties } = place.schema;
  const oldFields = isJsonObject(place.old) ? place.old : undefined;
  for (const key of Object.keys(object)) {
    const value = object[key] as JsonValue;
    const old = oldFields === undefined ? undefined : getOwn(oldFields, key);
    const own = Object.hasOwn(properties, key) ? properties[key] : undefined;
    if (own !== undefined) {
      const path = place.path === '' ? key : `${place.path}.${key}`;
      visit(child(place, { value, schema: own, path, old }), twins, errors);
    } else if (typeof additionalProperties === 'object') {
      visit(child(place, { value, schema: additionalProperties, path: `${place.path}[${key}]`, old }), twins, errors);
    }
  }
}

function child(parent: Place, part: Pick<Place, 'value' | 'schema' | 'path' | 'old'>): Place {
  const { value, old, schema } = part;
  return {
    ...part,
    unchanged: old === undefined ? parent.unchanged : () => equalValues(value, old),
    isObject: schema['x-kubernetes-embedded-resource'] === true,
  };
}

function runRule(rule: ValidationRule, place: Place, twins: RuleTwins): FieldError | undefined {
  const compares = usesOldSelf(rule.rule);
  if (compares && place.old === undefined && rule.optionalOldSelf !== true) return undefined;
  const problem = evaluate(rule, place, twins);
  if (problem === undefined || (!compares && place.unchanged())) return undefined;
  return problem;
}

/** Undefined: the rule holds. */
function evaluate(rule: ValidationRule, place: Place, twins: RuleTwins): FieldError | undefined {
  const twin = twins.get(rule.rule);
  const field = place.path === '' ? '<nil>' : place.path;
  const type = place.schema.type ?? '';
  if (twin === undefined) {
    return invalidValue(field, type, `this server cannot evaluate the rule: ${rule.rule.trim()}`);
  }
  try {
    return twin(visible(place.value, place), visible(place.old, place)) ? undefined : failure(rule, place);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return invalidValue(field, type, `${why} evaluating rule: ${rule.message?.trim() ?? rule.rule.trim()}`);
  }
}

/** Rules of a whole object see of its metadata nothing but the names. KA-101 */
function visible(value: JsonValue | undefined, place: Place): JsonValue | undefined {
  if (!place.isObject || !isJsonObject(value)) return value;
  const { metadata, ...rest } = value;
  if (!isJsonObject(metadata)) return rest;
  const { name, generateName } = metadata;
  return {
    ...rest,
    metadata: { ...(name === undefined ? {} : { name }), ...(generateName === undefined ? {} : { generateName }) },
  };
}

function failure(rule: ValidationRule, place: Place): FieldError {
  const field = fieldOf(rule, place);
  const message = rule.message === undefined ? `failed rule: ${rule.rule.trim()}` : rule.message.trim();
  const scalar = place.schema.type !== 'object' && place.schema.type !== 'array';
  switch (rule.reason) {
    case 'FieldValueForbidden':
      return forbidden(field, message);
    case 'FieldValueRequired':
      return requiredValue(field, message);
    case 'FieldValueDuplicate':
      return scalar
        ? duplicateValue(field, place.value)
        : { reason: 'FieldValueDuplicate', field, message: 'Duplicate value' };
    default:
      return scalar ? invalidValue(field, place.value, message) : invalidOmitted(field, message);
  }
}

function fieldOf(rule: ValidationRule, { path, schema }: Place): string {
  const found = rule.fieldPath === undefined ? undefined : resolveFieldPath(rule.fieldPath, schema);
  const below = found === undefined || 'problem' in found ? '' : found.text;
  if (below === '') return path === '' ? '<nil>' : path;
  return path === '' ? below : `${path}.${below}`;
}
