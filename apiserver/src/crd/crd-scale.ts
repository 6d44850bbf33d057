import type { FieldError } from '@quarterdeck/apis';
import {
  encodeJson,
  getOwn,
  invalidValue,
  isJsonObject,
  type JsonObject,
  type JsonValue,
} from '@quarterdeck/machinery';
import { stringAt } from '../registry/fields.ts';

const maxReplicas = 2_147_483_647;

/** Checks what `/scale` reads of an object. KA-65 */
export function scaleErrors(object: JsonObject, version: JsonObject): FieldError[] {
  const path = (name: string) => stringAt(version, 'subresources', 'scale', name);
  const selector = path('labelSelectorPath');
  return [
    ...replicaErrors(object, path('specReplicasPath')),
    ...replicaErrors(object, path('statusReplicasPath')),
    ...(selector === '' ? [] : selectorErrors(object, selector)),
  ];
}

function replicaErrors(object: JsonObject, path: string): FieldError[] {
  if (path === '') return [];
  const value = at(object, path);
  if (value === undefined) return [];
  if (typeof value !== 'bigint' && !Number.isSafeInteger(value)) {
    return [
      invalidValue(
        path,
        0,
        `${path} accessor error: ${shownValue(value)} is of the type ${typeName(value)}, expected int64`,
      ),
    ];
  }
  const replicas = Number(value);
  if (replicas < 0) return [invalidValue(path, replicas, 'should be a non-negative integer')];
  if (replicas > maxReplicas) return [invalidValue(path, replicas, `should be less than or equal to ${maxReplicas}`)];
  return [];
}

function selectorErrors(object: JsonObject, path: string): FieldError[] {
  const value = at(object, path);
  if (value === undefined || typeof value === 'string') return [];
  return [
    invalidValue(
      path,
      '',
      `${path} accessor error: ${shownValue(value)} is of the type ${typeName(value)}, expected string`,
    ),
  ];
}

/** The value at a path of plain field names. */
function at(object: JsonObject, path: string): JsonValue | undefined {
  let value: JsonValue | undefined = object;
  for (const name of path.replace(/^\./, '').split('.')) {
    value = isJsonObject(value) ? getOwn(value, name) : undefined;
  }
  return value;
}

const typeName = (value: JsonValue) => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value);

const shownValue = (value: JsonValue) => (typeof value === 'string' ? value : encodeJson(value));
