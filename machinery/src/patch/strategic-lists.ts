import { equalValues, getOwn, isJsonObject, type JsonObject, type JsonValue } from '../wire/value.ts';
import { PatchError } from './patch-error.ts';
import { at, directiveOf, patchDirective, valueOfPatch } from './strategic-directives.ts';

/** How one list merges. KA-69 */
export interface ListMerge {
  /** Of the list, dotted. */
  readonly path: string;
  /** Absent for lists of scalars. */
  readonly mergeKey: string | undefined;
  /** Merges the map of the patch into that of the list. */
  readonly mergeItem: (item: JsonObject, patch: JsonObject) => JsonObject;
}

type Items = readonly JsonValue[];

/** A list with merge strategy and a patch of it: scalars as a set, maps by their key. KA-69 */
export function mergeLists(list: Items, patch: Items, how: ListMerge): JsonValue[] {
  if (!holdMaps(how, list, patch)) return orderItems(unique([...list, ...patch]), patch, list, how);
  const { items, server, applied } = obeyDirectives(list, patch, how);
  const merged = [...items];
  for (const change of applied) {
    const key = keyOf(change, how);
    const index = merged.findIndex((item) => equalValues(keyOf(item, how), key));
    if (index >= 0) merged[index] = how.mergeItem(merged[index] as JsonObject, change);
    else merged.push(valueOfPatch(change) as JsonObject);
  }
  return orderItems(merged, applied, server, how);
}

/** Without the values that `$deleteFromPrimitiveList` names. */
export const deleteFromList = (list: Items, values: Items): JsonValue[] =>
  list.filter((item) => !values.some((value) => equalValues(item, value)));

/** Puts a list into the order that `$setElementOrder` asks for; other items keep their place among their neighbours. */
export function setElementOrder(merged: Items, order: Items, server: Items, how: ListMerge): JsonValue[] {
  if (merged.length > 0 && order.length > 0) holdMaps(how, merged, order);
  return orderItems(merged, order, server, how);
}

/**
 * Refuses a patch whose items do not stand in the order that it asks for, or are not all in it.
 * @throws PatchError `invalid`
 */
export function checkElementOrder(patch: Items, order: Items, how: ListMerge): void {
  if (patch.length === 0 || order.length === 0) return;
  const kept = patch.filter((item) => !isJsonObject(item) || !Object.hasOwn(item, patchDirective));
  const wanted = order.map((item) => keyOf(item, how));
  let position = 0;
  for (const item of kept) {
    const key = keyOf(item, how);
    while (position < wanted.length && !equalValues(wanted[position], key)) position++;
    if (position === wanted.length) {
      const message = `${at(how.path)}the items of the patch are not in the order of $setElementOrder`;
      throw new PatchError('invalid', message, how.path);
    }
    position++;
  }
}

interface Directed {
  /** What the changes are merged into. */
  readonly items: readonly JsonObject[];
  /** Whose order counts for items that the patch does not name. */
  readonly server: readonly JsonObject[];
  readonly applied: readonly JsonObject[];
}

function obeyDirectives(list: Items, patch: Items, how: ListMerge): Directed {
  let items = list as readonly JsonObject[];
  const applied: JsonObject[] = [];
  let replaces = false;
  for (const item of patch as readonly JsonObject[]) {
    switch (directiveOf(item, how.path)) {
      case undefined:
        applied.push(item);
        break;
      case 'merge': {
        const { [patchDirective]: _, ...change } = item;
        applied.push(change);
        break;
      }
      case 'delete': {
        const key = keyOf(item, how);
        items = items.filter((other) => !equalValues(getOwn(other, how.mergeKey ?? ''), key));
        break;
      }
      case 'replace':
        replaces = true;
    }
  }
  if (!replaces) return { items, server: items, applied };
  const values = applied.map((item) => valueOfPatch(item) as JsonObject);
  return { items: values, server: values, applied: [] };
}

/**
 * Whether the lists hold maps. All items must be of one type, and there are no lists of lists.
 * @throws PatchError `invalid`
 */
function holdMaps(how: ListMerge, ...lists: Items[]): boolean {
  const items = lists.flat(1) as JsonValue[];
  const maps = items.filter(isJsonObject).length;
  if (lists.some((list) => list.some(Array.isArray))) refuse(how, 'lists of lists cannot be merged');
  if (maps === 0) return false;
  if (maps < items.length) refuse(how, 'the items of the list and of the patch must be of the same type');
  if (how.mergeKey === undefined) refuse(how, 'a list of objects without a merge key cannot be merged');
  return true;
}

function refuse(how: ListMerge, why: string): never {
  throw new PatchError('invalid', `${at(how.path)}${why}`, how.path);
}

/** What tells the item from others: the value of its merge key, or itself. */
function keyOf(item: JsonValue, how: ListMerge): JsonValue {
  if (!isJsonObject(item)) return item;
  const key = how.mergeKey === undefined ? undefined : getOwn(item, how.mergeKey);
  return key === undefined ? refuse(how, `an item lacks the merge key ${how.mergeKey ?? ''}`) : key;
}

const unique = (items: Items): JsonValue[] =>
  items.filter((item, index) => items.findIndex((other) => equalValues(item, other)) === index);

/**
 * The items that the patch names, in its order, and between them the others in the order of the server: each before the
 * first named item that stood behind it on the server.
 */
function orderItems(merged: Items, patch: Items, server: Items, how: ListMerge): JsonValue[] {
  const patchPosition = positions(patch, how);
  const serverPosition = positions(server, how);
  const named = merged.filter((item) => patchPosition(item) >= 0);
  const others = merged.filter((item) => patchPosition(item) < 0);
  const left = sortBy(others, serverPosition);
  const right = sortBy(named, patchPosition);

  const ordered: JsonValue[] = [];
  let next = 0;
  for (const item of right) {
    const position = serverPosition(item);
    while (next < left.length && isBefore(serverPosition(left[next] as JsonValue), position)) {
      ordered.push(left[next] as JsonValue);
      next++;
    }
    ordered.push(item);
  }
  return [...ordered, ...left.slice(next)];
}

const isBefore = (a: number, b: number): boolean => a >= 0 && b >= 0 && a < b;

const sortBy = (items: Items, position: (item: JsonValue) => number): JsonValue[] =>
  [...items].sort((a, b) => position(a) - position(b));

/** Finds the position of an item by its key; -1 when it is not there. */
function positions(items: Items, how: ListMerge): (item: JsonValue) => number {
  const keys = items.map((item) => keyOf(item, how));
  return (item) => {
    const key = keyOf(item, how);
    return keys.findIndex((other) => equalValues(key, other));
  };
}
