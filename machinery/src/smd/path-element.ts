import { parseJson } from '../wire/json.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../wire/value.ts';
import { canonicalJson, compareText, quote } from './text.ts';

/**
 * One step of a field path, in its wire form: `f:NAME` a field, `k:{"name":"x"}` the list item with these keys,
 * `v:VALUE` the set item, `i:INDEX` the item at this position. Canonical (sorted keys, one spelling per value), so equal
 * steps are equal strings. KA-73
 */
export type PathElement = string;

/** From the root of the object; empty for the object itself, which nobody owns. */
export type FieldPath = readonly PathElement[];

/** The field of a map with this name, any text. */
export const fieldElement = (name: string): PathElement => `f:${name}`;
/** The item of a keyed list with these key fields. */
export const keyElement = (keys: JsonObject): PathElement => `k:${canonicalJson(keys)}`;
/** The item of a set with this value. */
export const valueElement = (value: JsonValue): PathElement => `v:${canonicalJson(value)}`;
/** The item at a position, from 0: only where items have no other name. */
export const indexElement = (index: number): PathElement => `i:${index}`;

/** The path of nested fields: `fieldPath(['spec', 'replicas'])`. */
export const fieldPath = (names: readonly string[]): PathElement[] => names.map(fieldElement);

/** The name in `f:NAME`; undefined for the other kinds of steps. */
export const fieldNameOf = (element: PathElement): string | undefined =>
  element.startsWith('f:') ? element.slice(2) : undefined;

/** Whether the step leads to an item of a keyed list. */
export const isKeyElement = (element: PathElement): boolean => element.startsWith('k:');

/**
 * Reads the key of a FieldsV1 object and brings it to its canonical form.
 * @returns undefined for a kind of step that nobody knows yet (to be skipped), an Error for text that is none
 */
export function readPathElement(text: string): PathElement | undefined | Error {
  if (text.length < 2) return new Error(`the key ${quote(text)} is too short for a path element`);
  if (text[1] !== ':') return new Error(`the key ${quote(text)} has no colon`);
  const rest = text.slice(2);
  switch (text[0]) {
    case 'f':
      return text;
    case 'i':
      return /^[+-]?\d{1,15}$/.test(rest) ? indexElement(Number(rest)) : new Error(`${quote(text)} is no list index`);
    case 'k': {
      if (isPlainKey(text)) return text;
      const keys = readJson(rest);
      return keys !== undefined && isJsonObject(keys) ? keyElement(keys) : new Error(`${quote(text)} has no list keys`);
    }
    case 'v': {
      const value = readJson(rest);
      return value === undefined ? new Error(`${quote(text)} has no value`) : valueElement(value);
    }
    default:
      return undefined;
  }
}

/** Most keys are canonical already, and tell so without being parsed: one or two sorted names with plain values. */
function isPlainKey(text: string): boolean {
  const match = plainKey.exec(text);
  return match !== null && (match[2] === undefined || (match[1] as string) < match[2]);
}

const plainKey = /^k:\{"([\w.-]+)":(?:"[\w./ -]*"|0|[1-9]\d{0,14})(?:,"([\w.-]+)":(?:"[\w./ -]*"|0|[1-9]\d{0,14}))?\}$/;

function readJson(text: string): JsonValue | undefined {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

/** Sorts as FieldsV1 does: fields, keys, values, indexes; each by its content. */
export function sortElements(elements: Iterable<PathElement>): PathElement[] {
  const sorted = [...elements];
  if (sorted.length < 2) return sorted;
  if (sorted.every((element) => element.startsWith('f:'))) return sorted.sort(compareText);
  const parsed = sorted.map((element): [PathElement, JsonValue] => [element, contentOf(element)]);
  return parsed.sort(compareElements).map(([element]) => element);
}

const contentOf = (element: PathElement): JsonValue =>
  element.startsWith('f:') ? element.slice(2) : parseJson(element.slice(2));

const kindOrder = 'fkvi';

function compareElements([a, contentA]: [PathElement, JsonValue], [b, contentB]: [PathElement, JsonValue]): number {
  const kind = kindOrder.indexOf(a[0] as string) - kindOrder.indexOf(b[0] as string);
  return kind !== 0 ? kind : compareElementValues(contentA, contentB);
}

const typeOrder = (value: JsonValue): number => {
  if (typeof value === 'number' || typeof value === 'bigint') return 0;
  if (typeof value === 'string') return 1;
  if (typeof value === 'boolean') return 2;
  if (Array.isArray(value)) return 3;
  return value === null ? 5 : 4;
};

/** A total order over values: numbers, strings, booleans, lists, maps, null. */
function compareElementValues(a: JsonValue, b: JsonValue): number {
  const type = typeOrder(a) - typeOrder(b);
  if (type !== 0) return type;
  if (typeof a === 'string') return compareText(a, b as string);
  if (Array.isArray(a)) return compareLists(a, b as JsonValue[], compareElementValues);
  if (isJsonObject(a)) return compareLists(sortedEntries(a), sortedEntries(b as JsonObject), compareEntries);
  if (a === null || a === b) return 0;
  return a < (b as typeof a) ? -1 : 1;
}

type Entry = readonly [string, JsonValue];
const sortedEntries = (map: JsonObject): Entry[] => Object.entries(map).sort(([a], [b]) => compareText(a, b));
const compareEntries = (a: Entry, b: Entry): number => compareText(a[0], b[0]) || compareElementValues(a[1], b[1]);

function compareLists<T>(a: readonly T[], b: readonly T[], compare: (a: T, b: T) => number): number {
  for (let index = 0; index < a.length && index < b.length; index++) {
    const order = compare(a[index] as T, b[index] as T);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** As messages show it: `.spec.ports[containerPort=80,protocol="TCP"].name`. KA-76 */
export const pathText = (path: FieldPath): string => path.map(elementText).join('');

/** One step as messages show it. */
export function elementText(element: PathElement): string {
  const rest = element.slice(2);
  switch (element[0]) {
    case 'f':
      return `.${rest}`;
    case 'k': {
      const keys = sortedEntries(parseJson(rest) as JsonObject);
      return `[${keys.map(([name, value]) => `${name}=${valueText(value)}`).join(',')}]`;
    }
    case 'v':
      return `[=${valueText(parseJson(rest))}]`;
    default:
      return `[${rest}]`;
  }
}

const valueText = (value: JsonValue): string => (typeof value === 'string' ? quote(value) : canonicalJson(value));
