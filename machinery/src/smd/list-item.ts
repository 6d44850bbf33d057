import { getOwn, isJsonObject, type JsonObject, type JsonValue } from '../wire/value.ts';
import { indexElement, type PathElement, valueElement } from './path-element.ts';
import type { ListShape } from './shape.ts';
import { canonicalJson, canonicalString, quote } from './text.ts';

/**
 * The path element of an item in a set or a keyed list. An absent key takes its default; one without a default is left
 * out, which makes another item than one that has it. KA-74
 * @returns undefined when the item cannot be named; {@link itemProblem} says why
 */
export function itemElement(list: ListShape, item: JsonValue): PathElement | undefined {
  if (list.keys.length === 0) return isScalar(item) ? valueElement(item) : undefined;
  if (!isJsonObject(item)) return undefined;
  // Written out, as this runs for each item of each list of each write.
  let keys = '';
  for (const name of list.keys) {
    const value = getOwn(item, name) ?? defaultKey(list, item, name);
    if (value === undefined) continue;
    keys += `${keys === '' ? '' : ','}${canonicalString(name)}:${canonicalJson(value)}`;
  }
  return keys === '' ? undefined : `k:{${keys}}`;
}

function defaultKey(list: ListShape, item: JsonObject, name: string): JsonValue | undefined {
  if (Object.hasOwn(item, name)) return null;
  return list.item.map?.defaultOf(name) ?? undefined;
}

/** For stored objects, which may hold what would be refused today: items without a name go by their position. */
export const liveItemElement = (list: ListShape, item: JsonValue, index: number): PathElement =>
  itemElement(list, item) ?? indexElement(index);

/** Why an item has no path element, in words for the one who applied it. */
export function itemProblem(list: ListShape, item: JsonValue): string {
  if (list.keys.length === 0) {
    if (item === null) return 'associative list without keys has an element that is an explicit null';
    return Array.isArray(item)
      ? 'associative list without keys may not have lists as elements'
      : 'associative list without keys may not have maps as elements';
  }
  if (item === null) return 'associative list with keys may not have a null element';
  if (!isJsonObject(item)) return 'associative list with keys may not have non-map elements';
  return `associative list with keys has an element that omits all key fields [${list.keys.map(quote).join(' ')}] (and none of them has a default)`;
}

const isScalar = (value: JsonValue): boolean => value !== null && typeof value !== 'object';
