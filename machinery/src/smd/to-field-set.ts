import { isJsonObject, type JsonObject, type JsonValue } from '../wire/value.ts';
import { addPath, createFieldSet, type FieldSet, type MutableFieldSet } from './field-set.ts';
import { liveItemElement } from './list-item.ts';
import { fieldElement, type PathElement } from './path-element.ts';
import { fieldShape, type ListShape, type MapShape, readingOf, type Shape } from './shape.ts';

/**
 * The fields that an object names: what a manager owns who applies it. Leaves own themselves, and so do atomic lists and
 * maps, list items, entries of free maps, null and the empty map; a declared map or list as such is owned by nobody.
 * An empty set or keyed list names nothing, exactly as in Kubernetes. KA-74
 */
export function toFieldSet(object: JsonValue, shape: Shape): FieldSet {
  const set = createFieldSet();
  visit(set, shape, object, []);
  return set;
}

function visit(set: MutableFieldSet, shape: Shape, value: JsonValue, path: PathElement[]): void {
  switch (readingOf(shape, value)) {
    case 'scalar':
      addPath(set, path);
      break;
    case 'list': {
      const list = shape.list as ListShape;
      if (!list.associative) addPath(set, path);
      else if (Array.isArray(value)) visitItems(set, list, value, path);
      break;
    }
    case 'map': {
      const map = shape.map as MapShape;
      if (map.atomic) addPath(set, path);
      else if (isJsonObject(value)) visitFields(set, map, value, path);
    }
  }
}

function visitFields(set: MutableFieldSet, shape: MapShape, map: JsonObject, path: PathElement[]): void {
  for (const name of Object.keys(map)) {
    const value = map[name] as JsonValue;
    path.push(fieldElement(name));
    visit(set, fieldShape(shape, name), value, path);
    if (value === null || isEmptyMap(value) || shape.declared(name) === undefined) addPath(set, path);
    path.pop();
  }
}

const isEmptyMap = (value: JsonValue): boolean => isJsonObject(value) && Object.keys(value).length === 0;

function visitItems(set: MutableFieldSet, shape: ListShape, list: readonly JsonValue[], path: PathElement[]): void {
  const elements = list.map((item, index) => liveItemElement(shape, item, index));
  const duplicates = duplicatesIn(elements);
  for (const [index, element] of elements.entries()) {
    path.push(element);
    // Items that share a name cannot be told apart, so they are owned together, and nothing below them.
    if (!duplicates.has(element)) visit(set, shape.item, list[index] as JsonValue, path);
    addPath(set, path);
    path.pop();
  }
}

function duplicatesIn(elements: readonly PathElement[]): ReadonlySet<PathElement> {
  const seen = new Set<PathElement>();
  const duplicates = new Set<PathElement>();
  for (const element of elements) {
    if (seen.has(element)) duplicates.add(element);
    seen.add(element);
  }
  return duplicates;
}
