import type { FieldError } from '@quarterdeck/apis';
import {
  compareQuantities,
  encodeJson,
  equalValues,
  formatQuantity,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  labelSelectorToRequirements,
  milliValue,
  parseQuantity,
  type Quantity,
  QuantityError,
  SelectorError,
  zeroQuantity,
} from '@quarterdeck/machinery';
import {
  invalidField,
  listAt,
  numberAt,
  objectAt,
  requiredField,
  stringAt,
  unsupportedField,
  valueAt,
} from '../registry/fields.ts';

/**
 * Checks that many kinds share, in Kubernetes' words. Each looks at one field of `object`, which stands at `path` in the
 * whole (empty for the whole itself), and says nothing about a field that is absent. KA-38
 */

export const immutableText = 'field is immutable';

export function under(path: string, field: string): string {
  return path === '' ? field : `${path}.${field}`;
}

export function duplicateField(field: string, value: JsonValue): FieldError {
  return { reason: 'FieldValueDuplicate', field, message: `Duplicate value: ${encodeJson(value)}` };
}

export function tooManyField(field: string, given: number, most: number): FieldError {
  return { reason: 'FieldValueTooMany', field, message: `Too many: ${given}: must have at most ${most} items` };
}

export function notFoundField(field: string, value: JsonValue): FieldError {
  return { reason: 'FieldValueNotFound', field, message: `Not found: ${encodeJson(value)}` };
}

/** At least `least`. */
export function atLeast(object: JsonObject, path: string, field: string, least = 0): FieldError[] {
  const value = numberAt(object, field);
  if (value === undefined || value >= least) return [];
  const why = least === 1 ? 'must be greater than 0' : `must be greater than or equal to ${least}`;
  return [invalidField(under(path, field), value, why)];
}

export function between(object: JsonObject, path: string, field: string, least: number, most: number): FieldError[] {
  const value = numberAt(object, field);
  if (value === undefined || (value >= least && value <= most)) return [];
  return [invalidField(under(path, field), value, `must be between ${least} and ${most}, inclusive`)];
}

/** One of the texts; an empty text is required when `needed`. */
export function oneOf(
  object: JsonObject,
  path: string,
  field: string,
  supported: readonly string[],
  needed = false,
): FieldError[] {
  const value = stringAt(object, field);
  if (value === '') return needed ? [requiredField(under(path, field))] : [];
  return supported.includes(value) ? [] : [unsupportedField(under(path, field), value, supported)];
}

/** A text that follows a rule of names. */
export function named(
  object: JsonObject,
  path: string,
  field: string,
  problems: (text: string) => readonly string[],
  needed = false,
): FieldError[] {
  const value = stringAt(object, field);
  if (value === '') return needed ? [requiredField(under(path, field))] : [];
  return problems(value).map((problem) => invalidField(under(path, field), value, problem));
}

export function needed(object: JsonObject, path: string, field: string, why = ''): FieldError[] {
  const value = valueAt(object, field);
  const isThere = value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0);
  return isThere ? [] : [requiredField(under(path, field), why)];
}

/** No update may change the value at this path. */
export function immutable(object: JsonObject, old: JsonObject, ...path: readonly string[]): FieldError[] {
  const value = valueAt(object, ...path);
  return equalValues(value, valueAt(old, ...path)) ? [] : [invalidField(path.join('.'), value, immutableText)];
}

/** The same of each of the fields. */
export function immutableFields(object: JsonObject, old: JsonObject, fields: readonly string[]): FieldError[] {
  return fields.flatMap((field) => immutable(object, old, ...field.split('.')));
}

/** Checks each object of a list; `index` is in the path. */
export function each(
  object: JsonObject,
  path: string,
  field: string,
  check: (item: JsonObject, itemPath: string, index: number) => readonly FieldError[],
): FieldError[] {
  return listAt(object, field).flatMap((item, index) =>
    isJsonObject(item) ? check(item, `${under(path, field)}[${index}]`, index) : [],
  );
}

/** Items whose text occurs before, reported at the field of each. */
export function duplicates(items: readonly string[], at: (index: number) => string): FieldError[] {
  const seen = new Set<string>();
  return items.flatMap((item, index) => {
    const isSecond = item !== '' && seen.has(item);
    seen.add(item);
    return isSecond ? [duplicateField(at(index), item)] : [];
  });
}

/** A LabelSelector, wherever it is given. */
export function selectorProblems(object: JsonObject, path: string, field: string): FieldError[] {
  const selector = valueAt(object, field);
  if (!isJsonObject(selector)) return [];
  try {
    labelSelectorToRequirements(selector);
    return [];
  } catch (error) {
    if (!(error instanceof SelectorError)) throw error;
    return [invalidField(under(path, field), selector, error.message)];
  }
}

/** A quantity as it stands in JSON; undefined for what is none. */
export function quantityOrNone(value: JsonValue | undefined): Quantity | undefined {
  if (value === undefined || (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'bigint')) {
    return undefined;
  }
  try {
    return parseQuantity(String(value));
  } catch (error) {
    if (error instanceof QuantityError) return undefined;
    throw error;
  }
}

/** An amount of bytes with a fraction is accepted, and told. KA-62 */
export function fractionWarnings(amounts: JsonObject, name: string, path: string): string[] {
  const amount = quantityOrNone(valueAt(amounts, name));
  if (amount === undefined || milliValue(amount) % 1000n === 0n) return [];
  return [`${path}[${name}]: fractional byte value "${formatQuantity(amount)}" is invalid, must be an integer`];
}

export const isNegative = (quantity: Quantity): boolean => compareQuantities(quantity, zeroQuantity) < 0;

/**
 * Conditions of the newer form (meta/v1 Condition) say since when they hold. The schema cannot ask for it: a time that Go
 * holds as a value is absent as well as zero.
 */
export function conditionTimes(object: JsonObject): FieldError[] {
  return each(objectAt(object, 'status'), 'status', 'conditions', (condition, path) =>
    stringAt(condition, 'lastTransitionTime') === '' ? [requiredField(`${path}.lastTransitionTime`)] : [],
  );
}
