import type { FieldError } from '@quarterdeck/apis';
import { equalValues, type JsonObject } from '@quarterdeck/machinery';
import { forbiddenField, invalidField, objectAt, stringAt, valueAt } from '../registry/fields.ts';

/** What ConfigMaps and Secrets share. KA-116 */

/** `immutable: true` keeps the data and itself. */
export function immutableErrors(object: JsonObject, old: JsonObject, fields: readonly string[]): FieldError[] {
  if (valueAt(old, 'immutable') !== true) return [];
  const why = 'field is immutable when `immutable` is set';
  return [
    ...(valueAt(object, 'immutable') === true ? [] : [forbiddenField('immutable', why)]),
    ...fields
      .filter((field) => !equalValues(objectAt(object, field), objectAt(old, field)))
      .map((field) => forbiddenField(field, why)),
  ];
}

/** How many entries a table shows. */
export function countEntries(object: JsonObject, ...fields: readonly string[]): number {
  return fields.reduce((sum, field) => sum + Object.keys(objectAt(object, field)).length, 0);
}

/** `data` fields hold base64. */
export function base64Errors(object: JsonObject, field: string): FieldError[] {
  const data = objectAt(object, field);
  return Object.keys(data)
    .filter((key) => !/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(stringAt(data, key)))
    .map((key) => invalidField(`${field}[${key}]`, '<value>', 'must be base64'));
}
