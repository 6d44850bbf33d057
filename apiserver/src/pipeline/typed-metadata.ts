import { isJsonObject, type JsonObject, type JsonValue } from '@quarterdeck/machinery';
import { timeAsStored } from './typed-leaves.ts';

/**
 * Whether all that metadata says has the types of ObjectMeta, by which Go decodes it in custom objects too. A quick look
 * before the schema's: false means to look closely, and find the words. Costs some 2 µs. KA-47, KA-61
 */
export function isTypedMetadata(metadata: JsonObject): boolean {
  for (const key of Object.keys(metadata)) {
    const isTyped = fields[key];
    if (isTyped !== undefined && !isTyped(metadata[key] as JsonValue)) return false;
  }
  return true;
}

type Check = (value: JsonValue) => boolean;

const isText: Check = (value) => typeof value === 'string';
const isFlag: Check = (value) => typeof value === 'boolean';
const isTime: Check = (value) => typeof value === 'string' && timeAsStored(value, 'time') !== undefined;
/** As decoded: beyond the safe ones an integer is a bigint, and a number that came from an exponent or a point is none. */
const isInteger: Check = (value) => typeof value === 'bigint' || Number.isSafeInteger(value);
const isTexts: Check = (value) => isJsonObject(value) && Object.values(value).every(isText);
const listOf =
  (isItem: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(isItem);
const objectOf =
  (known: Readonly<Record<string, Check>>): Check =>
  (value) =>
    isJsonObject(value) &&
    Object.keys(value).every((key) => known[key] === undefined || known[key](value[key] as JsonValue));

const reference = { apiVersion: isText, kind: isText, name: isText, uid: isText };
const owner = { ...reference, controller: isFlag, blockOwnerDeletion: isFlag };
const manager = {
  ...{ apiVersion: isText, fieldsType: isText, manager: isText, operation: isText, subresource: isText, time: isTime },
  fieldsV1: isJsonObject,
};

const fields: Readonly<Record<string, Check>> = Object.assign(Object.create(null) as Record<string, Check>, {
  ...{ name: isText, generateName: isText, namespace: isText, resourceVersion: isText, selfLink: isText, uid: isText },
  ...{ creationTimestamp: isTime, deletionTimestamp: isTime, generation: isInteger },
  ...{ deletionGracePeriodSeconds: isInteger, labels: isTexts, annotations: isTexts, finalizers: listOf(isText) },
  ownerReferences: listOf(objectOf(owner)),
  managedFields: listOf(objectOf(manager)),
});
