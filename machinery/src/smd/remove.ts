import { isJsonObject, type JsonObject, type JsonValue, setOwn } from '../wire/value.ts';
import { type FieldSet, isEmptySet } from './field-set.ts';
import { liveItemElement } from './list-item.ts';
import { fieldElement, fieldNameOf, isKeyElement, type PathElement } from './path-element.ts';
import { fieldShape, type ListShape, type MapShape, readingOf, type Shape } from './shape.ts';

/**
 * The object without the fields of a set. A member goes with all that is below it; what is below an atomic node cannot
 * go alone. A container that loses all it had becomes null, as in Kubernetes: whether the container itself goes is said
 * by its own membership.
 */
export function removeFields(object: JsonObject, fields: FieldSet, shape: Shape): JsonObject {
  const left = removeBelow(object, fields, shape);
  return left === null || !isJsonObject(left) ? {} : left;
}

function removeBelow(value: JsonValue, fields: FieldSet, shape: Shape): JsonValue {
  switch (readingOf(shape, value)) {
    case 'scalar':
      return value;
    case 'list': {
      const list = shape.list as ListShape;
      if (!Array.isArray(value) || !list.associative) return null;
      const items = keepItems(value, fields, list);
      return items.length === 0 ? null : items;
    }
    case 'map': {
      const map = shape.map as MapShape;
      if (!isJsonObject(value) || map.atomic) return null;
      const left = keepFields(value, fields, map);
      return Object.keys(left).length === 0 ? null : left;
    }
  }
}

function keepItems(list: readonly JsonValue[], fields: FieldSet, shape: ListShape): JsonValue[] {
  const kept: JsonValue[] = [];
  for (const [index, item] of list.entries()) {
    const element = liveItemElement(shape, item, index);
    if (!fields.members.has(element)) kept.push(removeAt(item, fields, element, shape.item));
  }
  return kept;
}

function keepFields(map: JsonObject, fields: FieldSet, shape: MapShape): JsonObject {
  const kept: JsonObject = {};
  for (const name of Object.keys(map)) {
    const element = fieldElement(name);
    if (fields.members.has(element)) continue;
    setOwn(kept, name, removeAt(map[name] as JsonValue, fields, element, fieldShape(shape, name)));
  }
  return kept;
}

function removeAt(value: JsonValue, fields: FieldSet, element: PathElement, shape: Shape): JsonValue {
  const below = fields.children.get(element);
  return below === undefined || isEmptySet(below) ? value : removeBelow(value, below, shape);
}

/**
 * Adds the declared fields that lie on the way to a member. Managers own the leaves of declared maps, not the maps; but
 * when the last leaf goes, the map goes with it.
 */
export function withDeclaredParents(set: FieldSet, shape: Shape | undefined): FieldSet {
  const members = new Set(set.members);
  const children = new Map<PathElement, FieldSet>();
  for (const [element, child] of set.children) {
    const name = fieldNameOf(element);
    if (name !== undefined && shape?.map?.declared(name) !== undefined) members.add(element);
    children.set(element, withDeclaredParents(child, shapeBelow(shape, element)));
  }
  return { members, children };
}

function shapeBelow(shape: Shape | undefined, element: PathElement): Shape | undefined {
  const name = fieldNameOf(element);
  if (name !== undefined) return shape?.map?.declared(name) ?? shape?.map?.rest;
  return isKeyElement(element) ? shape?.list?.item : undefined;
}
