import type { StructuralSchema } from '../schema/structural.ts';
import { getOwn, isJsonObject, type JsonObject, type JsonValue, setOwn } from '../wire/value.ts';
import { emptyFieldSet, type FieldSet, isEmptySet } from './field-set.ts';
import { itemElement } from './list-item.ts';
import { decodeOwners, managedFieldsOf } from './owners.ts';
import { fieldElement, type PathElement } from './path-element.ts';
import { fieldShape, type ListShape, type MapShape, objectShape, readingOf, type Shape } from './shape.ts';

/**
 * The part of a live object that a manager owns by apply: what it would have to apply again to change nothing. Holds
 * apiVersion, kind, name and namespace, and the keys of list items, owned or not, so it can be applied as it is; agents
 * compare it with what they want (drift), or change and apply it. Never mutates; shares structure with the object.
 * @param subresource default: the object itself
 * @returns undefined when the manager never applied, or has lost all it had
 */
export function extractOwned(
  object: JsonObject,
  schema: StructuralSchema,
  manager: string,
  subresource = '',
): JsonObject | undefined {
  const owners = decodeOwners(managedFieldsOf(object));
  if (owners instanceof Error) return undefined;
  const owner = owners
    .values()
    .find((entry) => entry.operation === 'Apply' && entry.manager === manager && entry.subresource === subresource);
  if (owner === undefined) return undefined;
  const owned = extractFields(object, owner.fields, objectShape(schema).map as MapShape);
  return withIdentity(object, owned);
}

function withIdentity(object: JsonObject, owned: JsonObject): JsonObject {
  const { apiVersion, kind, metadata, ...rest } = owned;
  const live = getOwn(object, 'metadata');
  const identity = isJsonObject(live ?? null) ? pick(live as JsonObject, ['name', 'namespace']) : {};
  const ownMetadata = metadata !== undefined && isJsonObject(metadata) ? metadata : {};
  return { ...pick(object, ['apiVersion', 'kind']), metadata: { ...identity, ...ownMetadata }, ...rest };
}

function pick(object: JsonObject, names: readonly string[]): JsonObject {
  const picked: JsonObject = {};
  for (const name of names) {
    const value = getOwn(object, name);
    if (value !== undefined) picked[name] = value;
  }
  return picked;
}

function extract(value: JsonValue, fields: FieldSet, shape: Shape): JsonValue {
  switch (readingOf(shape, value)) {
    case 'scalar':
      return value;
    case 'list': {
      const list = shape.list as ListShape;
      return list.associative && Array.isArray(value) ? extractItems(value, fields, list) : value;
    }
    case 'map': {
      const map = shape.map as MapShape;
      return !map.atomic && isJsonObject(value) ? extractFields(value, fields, map) : value;
    }
  }
}

function extractFields(map: JsonObject, fields: FieldSet, shape: MapShape): JsonObject {
  const owned: JsonObject = {};
  for (const name of Object.keys(map)) {
    const below = fieldsAt(fields, fieldElement(name));
    if (below !== undefined) setOwn(owned, name, extract(map[name] as JsonValue, below, fieldShape(shape, name)));
  }
  return owned;
}

function extractItems(list: readonly JsonValue[], fields: FieldSet, shape: ListShape): JsonValue[] {
  return list.flatMap((item) => {
    const element = itemElement(shape, item);
    const below = element === undefined ? undefined : fieldsAt(fields, element);
    if (below === undefined) return [];
    const owned = extract(item, below, shape.item);
    return [isJsonObject(owned) && isJsonObject(item) ? { ...pick(item, shape.keys), ...owned } : owned];
  });
}

/** What is owned below a step; undefined when neither the step nor anything below it is. */
function fieldsAt(fields: FieldSet, element: PathElement): FieldSet | undefined {
  const below = fields.children.get(element) ?? emptyFieldSet;
  return fields.members.has(element) || !isEmptySet(below) ? below : undefined;
}
