import type { FieldError } from '../meta/api-error.ts';
import { type RuleTwin, ruleTwins, type ValidationRule } from './rules.ts';
import { equalJson, fieldOf, listAt } from './value.ts';

/** A value, its schema, and the value it replaces where one is known to correspond. */
interface Place {
  readonly value: unknown;
  readonly schema: unknown;
  /** Undefined: nothing corresponds (a create, an addition, an item of a list that is not a map). KA-104 */
  readonly old: unknown;
  readonly path: string;
}

/**
 * Runs the twins of the CEL rules in a schema, for servers without a CEL engine. To be called only for objects that the
 * schema itself accepts (KA-104). Errors on values that an update leaves as they were are dropped, but for rules about
 * the change itself (KA-105).
 * @param schema structural; its rules all have a twin, see {@link rulesWithoutTwin}
 * @param old the stored object; undefined on create
 * @throws Error when a rule has no twin: such a CRD must not have been accepted
 */
export function ruleErrors(value: unknown, schema: object, old?: unknown): FieldError[] {
  return [...walk({ value, schema, old, path: '' })];
}

/** The rules of a schema that nothing here can run, for the refusal of a CRD that brings them. */
export function rulesWithoutTwin(schema: object): string[] {
  const own = rulesOf(schema).filter(({ rule }) => !ruleTwins.has(rule));
  return [...own.map(({ rule }) => rule), ...childSchemas(schema).flatMap(rulesWithoutTwin)];
}

const rulesOf = (schema: unknown) => listAt(schema, 'x-kubernetes-validations') as readonly ValidationRule[];

function childSchemas(schema: unknown): object[] {
  const children = [
    ...Object.values((fieldOf(schema, 'properties') ?? {}) as object),
    fieldOf(schema, 'additionalProperties'),
    fieldOf(schema, 'items'),
  ];
  return children.filter((child) => typeof child === 'object' && child !== null);
}

/** Most parts of most schemas carry no rule: their values are not visited. */
const known = new WeakMap<object, boolean>();
function hasRules(schema: unknown): boolean {
  if (typeof schema !== 'object' || schema === null) return false;
  const cached = known.get(schema);
  if (cached !== undefined) return cached;
  const found = rulesOf(schema).length > 0 || childSchemas(schema).some(hasRules);
  known.set(schema, found);
  return found;
}

function* walk(place: Place): Generator<FieldError> {
  if (place.value === undefined || place.value === null || !hasRules(place.schema)) return;
  for (const rule of rulesOf(place.schema)) {
    if (!holds(rule, place)) yield errorOf(rule, place.path);
  }
  for (const child of childrenOf(place)) yield* walk(child);
}

function holds({ rule }: ValidationRule, { value, old }: Place): boolean {
  const twin: RuleTwin | undefined = ruleTwins.get(rule);
  if (twin === undefined) throw new Error(`no twin for the rule ${rule}`);
  if (/\boldSelf\b/.test(rule)) return old === undefined || twin(value, old);
  return (old !== undefined && equalJson(value, old)) || twin(value, undefined);
}

const errorOf = ({ message, fieldPath }: ValidationRule, path: string): FieldError => ({
  reason: 'FieldValueInvalid',
  field: path === '' ? (fieldPath ?? '').slice(1) : `${path}${fieldPath ?? ''}`,
  message: `Invalid value: ${message}`,
});

function* childrenOf({ value, schema, old, path }: Place): Generator<Place> {
  if (Array.isArray(value)) {
    const items = fieldOf(schema, 'items');
    const findOld = oldItems(old, schema);
    for (const [index, item] of value.entries()) {
      yield { value: item, schema: items, old: findOld(item), path: `${path}[${index}]` };
    }
    return;
  }
  for (const [name, child] of Object.entries(value as object)) {
    const childSchema = fieldOf(fieldOf(schema, 'properties'), name) ?? fieldOf(schema, 'additionalProperties');
    yield { value: child, schema: childSchema, old: fieldOf(old, name), path: path === '' ? name : `${path}.${name}` };
  }
}

/** Finds the old item of a list-map by its keys; other lists have no memory. */
function oldItems(old: unknown, schema: unknown): (item: unknown) => unknown {
  if (!Array.isArray(old) || fieldOf(schema, 'x-kubernetes-list-type') !== 'map') return () => undefined;
  const keys = listAt(schema, 'x-kubernetes-list-map-keys') as readonly string[];
  return (item) => old.find((candidate) => keys.every((key) => equalJson(fieldOf(candidate, key), fieldOf(item, key))));
}
