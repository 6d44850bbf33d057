import { equalValues, getOwn, isJsonObject, type JsonObject, type JsonValue } from '../wire/value.ts';
import { addPath, createFieldSet, type FieldSet, type MutableFieldSet, recursiveDifference } from './field-set.ts';
import { liveItemElement } from './list-item.ts';
import { fieldElement, type PathElement } from './path-element.ts';
import { fieldShape, type ListShape, type MapShape, readingOf, type Shape } from './shape.ts';

/** How one object became another. A path is in at most one of the three, but for lists with duplicate items. */
export interface Comparison {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

/** Compares two objects of one schema, either of which may hold what the schema would refuse today. KA-75 */
export function compareObjects(before: JsonValue, after: JsonValue, shape: Shape): Comparison {
  const walk: Walk = { path: [], added: createFieldSet(), modified: createFieldSet(), removed: createFieldSet() };
  visit(walk, shape, before, after);
  return { added: walk.added, modified: walk.modified, removed: walk.removed };
}

/** Leaves out the given paths and all that is below them. */
export const withoutPaths = ({ added, modified, removed }: Comparison, paths: FieldSet): Comparison => ({
  added: recursiveDifference(added, paths),
  modified: recursiveDifference(modified, paths),
  removed: recursiveDifference(removed, paths),
});

interface Walk {
  readonly path: PathElement[];
  readonly added: MutableFieldSet;
  readonly modified: MutableFieldSet;
  readonly removed: MutableFieldSet;
}

/** Undefined stands for a value that is not there; one of the two is. */
type Maybe = JsonValue | undefined;

function visit(walk: Walk, shape: Shape, before: Maybe, after: Maybe): void {
  if (before === after) return;
  const oldReading = readingOf(shape, before);
  const newReading = readingOf(shape, after);
  if (before !== undefined && after !== undefined && oldReading !== newReading) {
    // The value changed its type where that is allowed: the old parts went, and the new parts came.
    visitAs(walk, shape, oldReading, before, after);
    visitAs(walk, shape, newReading, before, after);
    return;
  }
  const isLeaf = visitAs(walk, shape, after === undefined ? oldReading : newReading, before, after);
  if (isLeaf) return;
  if (before === undefined) addPath(walk.added, walk.path);
  else if (after === undefined) addPath(walk.removed, walk.path);
}

/** @returns whether the node was compared as a whole */
function visitAs(walk: Walk, shape: Shape, reading: 'map' | 'scalar' | 'list', before: Maybe, after: Maybe): boolean {
  switch (reading) {
    case 'scalar':
      break;
    case 'list': {
      const list = shape.list as ListShape;
      const oldItems = Array.isArray(before) ? before : [];
      const newItems = Array.isArray(after) ? after : [];
      if (!list.associative || oldItems.length + newItems.length === 0) break;
      // Most lists are as before; comparing them costs less than naming their items.
      if (before !== undefined && after !== undefined && equalValues(before, after)) return false;
      visitItems(walk, list, oldItems, newItems);
      return false;
    }
    case 'map': {
      const map = shape.map as MapShape;
      const oldFields = isObject(before) ? before : {};
      const newFields = isObject(after) ? after : {};
      // Two empty ones are a leaf, so that null, {} and absent stay apart.
      if (map.atomic || Object.keys(oldFields).length + Object.keys(newFields).length === 0) break;
      visitFields(walk, map, oldFields, newFields);
      return false;
    }
  }
  visitLeaf(walk, before, after);
  return true;
}

const isObject = (value: Maybe): value is JsonObject => value !== undefined && isJsonObject(value);

function visitLeaf(walk: Walk, before: Maybe, after: Maybe): void {
  if (before === undefined) addPath(walk.added, walk.path);
  else if (after === undefined) addPath(walk.removed, walk.path);
  else if (!equalValues(before, after)) addPath(walk.modified, walk.path);
}

function visitFields(walk: Walk, shape: MapShape, before: JsonObject, after: JsonObject): void {
  for (const name of Object.keys(before)) visitField(name);
  for (const name of Object.keys(after)) if (!Object.hasOwn(before, name)) visitField(name);

  function visitField(name: string): void {
    visitBelow(walk, fieldElement(name), fieldShape(shape, name), getOwn(before, name), getOwn(after, name));
  }
}

function visitBelow(walk: Walk, element: PathElement, shape: Shape, before: Maybe, after: Maybe): void {
  walk.path.push(element);
  visit(walk, shape, before, after);
  walk.path.pop();
}

function visitItems(walk: Walk, shape: ListShape, before: readonly JsonValue[], after: readonly JsonValue[]): void {
  const oldItems = groupItems(shape, before);
  const newItems = groupItems(shape, after);
  for (const [element, items] of oldItems) visitItem(walk, shape, element, items, newItems.get(element) ?? []);
  for (const [element, items] of newItems) if (!oldItems.has(element)) visitItem(walk, shape, element, [], items);
}

function groupItems(shape: ListShape, list: readonly JsonValue[]): Map<PathElement, JsonValue[]> {
  const groups = new Map<PathElement, JsonValue[]>();
  for (const [index, item] of list.entries()) {
    const element = liveItemElement(shape, item, index);
    const group = groups.get(element);
    if (group === undefined) groups.set(element, [item]);
    else group.push(item);
  }
  return groups;
}

/** Items that share a name are compared together, as one atomic thing under that name. */
function visitItem(
  walk: Walk,
  shape: ListShape,
  element: PathElement,
  before: readonly JsonValue[],
  after: readonly JsonValue[],
): void {
  const hadDuplicates = before.length > 1;
  const hasDuplicates = after.length > 1;
  if (!hadDuplicates && !hasDuplicates) {
    visitBelow(walk, element, shape.item, before[0], after[0]);
    return;
  }
  const path = [...walk.path, element];
  if (hadDuplicates && hasDuplicates) {
    if (!equalValues([...before], [...after])) addPath(walk.modified, path);
    return;
  }
  if (hadDuplicates) {
    if (after.length === 1) visitBelow(walk, element, shape.item, undefined, after[0]);
    addPath(walk.removed, path);
    return;
  }
  if (before.length === 1) visitBelow(walk, element, shape.item, before[0], undefined);
  addPath(walk.added, path);
}
