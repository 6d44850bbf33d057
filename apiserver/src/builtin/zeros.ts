import { isJsonObject, type JsonObject, type JsonValue, plainZero, setOwn } from '@quarterdeck/machinery';
import { isRequired } from './tables/lenient.ts';
import { messages } from './tables/messages.ts';
import type { FieldRow } from './tables/table.ts';

/**
 * Kubernetes' servers hold built-in objects as Go structs. Value fields without `omitempty` are always written (`status: {}`,
 * `resources: {}`, `divisor: "0"`), zero values of others never (`hostNetwork: false`, an empty list). Clients and recorded
 * field sets know both, so objects are brought into that form like into their defaults. Fields that a write must bring
 * stay absent, for the schema to miss. KA-99
 */
type Fill = (object: JsonObject) => JsonObject;

/** @returns undefined when there is nothing to do at any depth */
export function zeroFill(message: string): Fill | undefined {
  const steps = stepsOf(message, new Set());
  return steps.length === 0 ? undefined : (object) => applySteps(object, steps);
}

interface Step {
  readonly field: FieldRow;
  /** What an absent field becomes; undefined leaves it. */
  readonly zero: JsonValue | undefined;
  /** Whether a zero value is the same as none. */
  readonly drops: boolean;
  readonly inner: readonly Step[];
}

const known = new Map<string, readonly Step[]>();

function stepsOf(message: string, above: ReadonlySet<string>): readonly Step[] {
  const before = known.get(message);
  if (before !== undefined) return before;
  // A schema within a schema: nothing there is filled in.
  if (above.has(message) || message === 'meta.v1.ObjectMeta') return [];
  const within = new Set([...above, message]);
  const steps = (messages[message]?.fields ?? []).flatMap((field): readonly Step[] => {
    const inner = field.type === 'message' && field.message !== undefined ? stepsOf(field.message, within) : [];
    if (field.inline === true) return inner;
    const zero = isRequired(message, field) || field.name === 'metadata' ? undefined : zeroOf(field);
    const drops = isOmitted(field);
    return zero === undefined && inner.length === 0 && !drops ? [] : [{ field, zero, drops, inner }];
  });
  known.set(message, steps);
  return steps;
}

function zeroOf(field: FieldRow): JsonValue | undefined {
  if (field.zero !== 'always' || field.repeated === true || field.map === true) return undefined;
  return field.type === 'message' ? {} : plainZero(field);
}

/** Texts, numbers and flags that are no pointers, and lists and maps that may be left out. */
function isOmitted(field: FieldRow): boolean {
  if (field.repeated === true || field.map === true) return field.required !== true;
  if ((field.zero ?? 'omit') !== 'omit') return false;
  return ['string', 'bool', 'int32', 'int64', 'double'].includes(field.type);
}

function isZero(value: JsonValue): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (isJsonObject(value)) return Object.keys(value).length === 0;
  return value === '' || value === 0 || value === false;
}

function applySteps(object: JsonObject, steps: readonly Step[]): JsonObject {
  let changed: JsonObject | undefined;
  for (const { field, zero, drops, inner } of steps) {
    const value = Object.hasOwn(object, field.name) ? object[field.name] : undefined;
    if (drops && value !== undefined && isZero(value)) {
      changed ??= { ...object };
      delete changed[field.name];
      continue;
    }
    const next = value === undefined ? filled(zero, inner) : within(value, field, inner);
    if (next === undefined || next === value) continue;
    changed ??= { ...object };
    setOwn(changed, field.name, next);
  }
  return changed ?? object;
}

const filled = (zero: JsonValue | undefined, inner: readonly Step[]): JsonValue | undefined =>
  isJsonObject(zero) ? applySteps(zero, inner) : zero;

function within(value: JsonValue, field: FieldRow, inner: readonly Step[]): JsonValue {
  if (inner.length === 0) return value;
  const fill = (item: JsonValue) => (isJsonObject(item) ? applySteps(item, inner) : item);
  if (field.repeated === true && Array.isArray(value)) return mapKept(value, fill);
  if (field.map === true && isJsonObject(value)) {
    const entries = Object.entries(value).map(([key, item]) => [key, fill(item)] as const);
    return entries.every(([key, item]) => value[key] === item) ? value : Object.fromEntries(entries);
  }
  return fill(value);
}

function mapKept(list: JsonValue[], change: (item: JsonValue) => JsonValue): JsonValue[] {
  const next = list.map(change);
  return next.every((item, index) => item === list[index]) ? list : next;
}
