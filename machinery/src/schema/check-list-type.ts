import type { FieldError } from '@quarterdeck/apis';
import { getOwn, type JsonObject } from '../wire/value.ts';
import { forbidden, invalidValue, requiredValue, unsupportedValue } from './field-error.ts';
import { flag, has, namedAt, schemaAt, text, textsAt } from './raw-schema.ts';

/** Checks x-kubernetes-list-type and -list-map-keys of one node. KA-96, KA-100 */
export function listTypeErrors(schema: JsonObject, path: string): FieldError[] {
  const listType = getOwn(schema, 'x-kubernetes-list-type');
  const keys = textsAt(schema, 'x-kubernetes-list-map-keys');
  const type = text(schema, 'type');
  const errors: FieldError[] = [];
  if (typeof listType === 'string') {
    const why = 'must be array if x-kubernetes-list-type is specified';
    if (type === '') errors.push(requiredValue(`${path}.type`, why));
    else if (type !== 'array') errors.push(invalidValue(`${path}.type`, type, why));
    else if (listType === 'set') errors.push(...setErrors(schema, path));
    if (!['atomic', 'set', 'map'].includes(listType)) {
      errors.push(unsupportedValue(`${path}.x-kubernetes-list-type`, listType, ['atomic', 'set', 'map']));
    }
  }
  if (keys.length > 0) {
    const why = 'must be map if x-kubernetes-list-map-keys is non-empty';
    const at = `${path}.x-kubernetes-list-type`;
    if (typeof listType !== 'string') errors.push(requiredValue(at, why));
    else if (listType !== 'map') errors.push(invalidValue(at, listType, why));
  }
  if (listType === 'map') errors.push(...mapErrors(schema, keys, path));
  if (listType === 'map' || listType === 'set') errors.push(...itemErrors(schema, listType, keys, path));
  return errors;
}

/** Items of a set are compared as a whole, so they must be written as a whole. */
function setErrors(schema: JsonObject, path: string): FieldError[] {
  const items = schemaAt(schema, 'items');
  if (items === undefined) return [];
  const listType = getOwn(items, 'x-kubernetes-list-type') ?? null;
  const why = 'must be atomic as item of a list with x-kubernetes-list-type=set';
  switch (text(items, 'type')) {
    case 'array':
      return listType !== null && listType !== 'atomic'
        ? [invalidValue(`${path}.items.x-kubernetes-list-type`, listType, why)]
        : [];
    case 'object':
      return getOwn(items, 'x-kubernetes-map-type') === 'atomic'
        ? []
        : [invalidValue(`${path}.items.x-kubernetes-map-type`, listType, why)];
    default:
      return [];
  }
}

function mapErrors(schema: JsonObject, keys: readonly string[], path: string): FieldError[] {
  const keysPath = `${path}.x-kubernetes-list-map-keys`;
  const items = schemaAt(schema, 'items');
  const errors: FieldError[] = [];
  if (keys.length === 0) errors.push(requiredValue(keysPath, 'must not be empty if x-kubernetes-list-type is map'));
  if (items === undefined) {
    if (!has(schema, 'items')) {
      errors.push(requiredValue(`${path}.items`, 'must have a schema if x-kubernetes-list-type is map'));
    }
    return errors;
  }
  const type = text(items, 'type');
  if (type !== 'object') {
    const why = "must be object if parent array's x-kubernetes-list-type is map";
    return [...errors, invalidValue(`${path}.items.type`, type, why)];
  }
  const properties = new Map(namedAt(items, 'properties'));
  keys.forEach((key, index) => {
    const property = properties.get(key);
    if (property === undefined) {
      errors.push(invalidValue(keysPath, [...keys], 'entries must all be names of item properties'));
    } else if (['array', 'object'].includes(text(property, 'type'))) {
      const why = "must be a scalar type if parent array's x-kubernetes-list-type is map";
      errors.push(invalidValue(`${path}.items.properties[${key}].type`, type, why));
    }
    if (keys.indexOf(key) < index) {
      errors.push(invalidValue(keysPath, [...keys], 'must not contain duplicate entries'));
    }
  });
  return errors;
}

/** An item, and each of its keys, must be there to be compared. */
function itemErrors(schema: JsonObject, listType: string, keys: readonly string[], path: string): FieldError[] {
  const items = schemaAt(schema, 'items');
  if (items === undefined) return [];
  const errors: FieldError[] = [];
  if (flag(items, 'nullable')) {
    errors.push(forbidden(`${path}.items.nullable`, `cannot be nullable when x-kubernetes-list-type is ${listType}`));
  }
  if (listType !== 'map') return errors;
  const required = textsAt(items, 'required');
  const properties = new Map(namedAt(items, 'properties'));
  for (const key of keys) {
    const property = properties.get(key);
    if (property === undefined) continue;
    const at = `${path}.items.properties[${key}]`;
    if (!required.includes(key) && !has(property, 'default')) {
      const why = 'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property';
      errors.push(requiredValue(`${at}.default`, why));
    }
    if (flag(property, 'nullable')) {
      const why = 'this property is in x-kubernetes-list-map-keys, so it cannot be nullable';
      errors.push(forbidden(`${at}.nullable`, why));
    }
  }
  return errors;
}
