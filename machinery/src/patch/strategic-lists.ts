import { equalValues, getOwn, identityOf, isJsonObject, type JsonObject, type JsonValue } from '../wire/value.ts';
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
  const positionOf = createFinder(merged, how);
  for (const change of applied) {
    const index = positionOf(keyOf(change, how));
    if (index >= 0) merged[index] = how.mergeItem(merged[index] as JsonObject, change);
    else merged.push(valueOfPatch(change) as JsonObject);
  }
  return orderItems(merged, applied, server, how);
}

/**
 * Finds the first item with a key; -1 when there is none. Looks at items only as far as it must, and at each once: the
 * list may grow at its end, and items may change but for their key.
 */
function createFinder(items: Items, how: ListMerge): (key: JsonValue) => number {
  const positions = new Map<Identity, number>();
  let seen = 0;
  return (key) => {
    const wanted = identityOf(key);
    while (!positions.has(wanted) && seen < items.length) {
      const identity = identityOf(keyOf(items[seen] as JsonValue, how));
      if (!positions.has(identity)) positions.set(identity, seen);
      seen++;
    }
    return positions.get(wanted) ?? -1;
  };
}

type Identity = ReturnType<typeof identityOf>;

/** Without the values that `$deleteFromPrimitiveList` names. */
export function deleteFromList(list: Items, values: Items): JsonValue[] {
  const deleted = new Set(values.map(identityOf));
  return list.filter((item) => !deleted.has(identityOf(item)));
}

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
  const deleted = new Set<Identity>();
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
      case 'delete':
        deleted.add(identityOf(keyOf(item, how)));
        break;
      case 'replace':
        replaces = true;
    }
  }
  if (!replaces) {
    const items = withoutKeys(list as readonly JsonObject[], deleted, how);
    return { items, server: items, applied };
  }
  const values = applied.map((item) => valueOfPatch(item) as JsonObject);
  return { items: values, server: values, applied: [] };
}

/** An item that lacks the key is none of those to delete. */
function withoutKeys(
  list: readonly JsonObject[],
  deleted: ReadonlySet<Identity>,
  how: ListMerge,
): readonly JsonObject[] {
  if (deleted.size === 0) return list;
  return list.filter((item) => {
    const key = getOwn(item, how.mergeKey ?? '');
    return key === undefined || !deleted.has(identityOf(key));
  });
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

/** The first of equal ones. */
function unique(items: Items): JsonValue[] {
  const seen = new Set<Identity>();
  return items.filter((item) => {
    const identity = identityOf(item);
    if (seen.has(identity)) return false;
    seen.add(identity);
    return true;
  });
}

/**
 * The items that the patch names, in its order, and between them the others in the order of the server: each before the
 * first named item that stood behind it on the server.
 */
function orderItems(merged: Items, patch: Items, server: Items, how: ListMerge): JsonValue[] {
  const patchPosition = positions(patch, how);
  const serverPosition = positions(server, how);
  const placed = merged.map((item): Placed => {
    const identity = identityOf(keyOf(item, how));
    return { item, inPatch: patchPosition.get(identity) ?? -1, onServer: serverPosition.get(identity) ?? -1 };
  });
  const left = placed.filter(({ inPatch }) => inPatch < 0).sort((a, b) => a.onServer - b.onServer);
  const right = placed.filter(({ inPatch }) => inPatch >= 0).sort((a, b) => a.inPatch - b.inPatch);

  const ordered: JsonValue[] = [];
  let next = 0;
  for (const { item, onServer } of right) {
    for (let other = left[next]; other !== undefined && isBefore(other.onServer, onServer); other = left[++next]) {
      ordered.push(other.item);
    }
    ordered.push(item);
  }
  return [...ordered, ...left.slice(next).map(({ item }) => item)];
}

/** An item, and where its key comes first in the patch and on the server; -1 where it does not. */
interface Placed {
  readonly item: JsonValue;
  readonly inPatch: number;
  readonly onServer: number;
}

const isBefore = (a: number, b: number): boolean => a >= 0 && b >= 0 && a < b;

/** Where each key comes first. */
function positions(items: Items, how: ListMerge): ReadonlyMap<Identity, number> {
  const first = new Map<Identity, number>();
  for (const [index, item] of items.entries()) {
    const identity = identityOf(keyOf(item, how));
    if (!first.has(identity)) first.set(identity, index);
  }
  return first;
}
