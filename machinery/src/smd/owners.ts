import { getOwn, isJsonObject, type JsonObject, type JsonValue } from '../wire/value.ts';
import { type FieldSet, isEmptySet } from './field-set.ts';
import { decodeFieldsV1, encodeFieldsV1 } from './fields-v1.ts';
import { canonicalJson, compareText, quote } from './text.ts';

/** One entry of `metadata.managedFields`: who owns which fields. KA-72 */
export interface Owner {
  /** Empty in entries that came without one. */
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  /** Of the schema in which the paths are written. */
  readonly apiVersion: string;
  /** Empty: the object itself. */
  readonly subresource: string;
  /** A Time in whole seconds; absent when the entry never changed the object. */
  readonly time?: string;
  readonly fields: FieldSet;
}

/** What makes an entry another entry: manager, operation, subresource, and for updates the API version. KA-72 */
export type OwnerId = string;

/** All entries of an object, by identity. */
export type Owners = ReadonlyMap<OwnerId, Owner>;

/** Identifiers order as Kubernetes' do, which decides ties between entries of one second. */
export function ownerId(owner: Pick<Owner, 'manager' | 'operation' | 'apiVersion' | 'subresource'>): OwnerId {
  const parts: string[] = [];
  const add = (name: string, text: string): void => {
    if (text !== '') parts.push(`"${name}":${canonicalJson(text)}`);
  };
  add('manager', owner.manager);
  add('operation', owner.operation);
  if (owner.operation === 'Update') add('apiVersion', owner.apiVersion);
  add('subresource', owner.subresource);
  return `{${parts.join(',')}}`;
}

/**
 * Reads `metadata.managedFields`. Of two entries with the same identity the last counts.
 * @returns an Error when any entry is invalid: then none counts (KA-77). Empty when there are none
 */
export function decodeOwners(managedFields: JsonValue | undefined): Owners | Error {
  const owners = new Map<OwnerId, Owner>();
  if (managedFields === undefined || managedFields === null) return owners;
  if (!Array.isArray(managedFields)) return new Error('managedFields must be a list');
  for (const [index, entry] of managedFields.entries()) {
    const owner = isJsonObject(entry) ? decodeOwner(entry) : new Error('must be an object');
    if (owner instanceof Error) return new Error(`managedFields entry ${index}: ${owner.message}`);
    owners.set(ownerId(owner), owner);
  }
  return owners;
}

function decodeOwner(entry: JsonObject): Owner | Error {
  const texts: Record<'manager' | 'apiVersion' | 'subresource' | 'fieldsType' | 'operation', string> = {
    manager: '',
    apiVersion: '',
    subresource: '',
    fieldsType: '',
    operation: '',
  };
  for (const name of Object.keys(texts) as (keyof typeof texts)[]) {
    const text = getOwn(entry, name) ?? '';
    if (typeof text !== 'string') return new Error(`${name} must be a string`);
    texts[name] = text;
  }
  const { manager, apiVersion, subresource, fieldsType, operation } = texts;
  if (operation !== 'Apply' && operation !== 'Update') return new Error('operation must be `Apply` or `Update`');
  if (apiVersion === '') return new Error('apiVersion must not be empty');
  if (fieldsType !== 'FieldsV1') return new Error(`fieldsType must be "FieldsV1", not ${quote(fieldsType)}`);
  const fields = decodeFieldsV1(getOwn(entry, 'fieldsV1') ?? {});
  if (fields instanceof Error) return fields;
  const time = wholeSeconds(getOwn(entry, 'time'));
  return { manager, operation, apiVersion, subresource, fields, ...(time === undefined ? {} : { time }) };
}

const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** A Time in UTC and whole seconds; undefined for what is no time. KA-51 */
export function wholeSeconds(time: JsonValue | undefined): string | undefined {
  if (typeof time !== 'string' || !rfc3339.test(time)) return undefined;
  const ms = Date.parse(time);
  if (Number.isNaN(ms)) return undefined;
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/**
 * `metadata.managedFields` in Kubernetes' order: by operation, time, manager, API version, subresource. KA-72
 * @returns undefined when there is no owner: then the field is absent
 */
export function encodeOwners(owners: Owners): JsonObject[] | undefined {
  if (owners.size === 0) return undefined;
  return [...owners.values()].sort(compareOwners).map(encodeOwner);
}

const compareOwners = (a: Owner, b: Owner): number =>
  compareText(a.operation, b.operation) ||
  compareTimes(a, b) ||
  compareText(a.manager, b.manager) ||
  compareText(a.apiVersion, b.apiVersion) ||
  compareText(a.subresource, b.subresource);

/** No time comes first, like the beginning of the epoch. */
export const compareTimes = (a: Owner, b: Owner): number => compareText(a.time ?? '', b.time ?? '');

function encodeOwner(owner: Owner): JsonObject {
  return {
    ...(owner.manager === '' ? {} : { manager: owner.manager }),
    operation: owner.operation,
    apiVersion: owner.apiVersion,
    ...(owner.time === undefined ? {} : { time: owner.time }),
    fieldsType: 'FieldsV1',
    fieldsV1: encodeFieldsV1(owner.fields),
    ...(owner.subresource === '' ? {} : { subresource: owner.subresource }),
  };
}

/** The owners with other fields for one of them; without it when it has none left. */
export function withFields(owners: Map<OwnerId, Owner>, owner: Owner, fields: FieldSet): void {
  if (isEmptySet(fields)) owners.delete(ownerId(owner));
  else owners.set(ownerId(owner), { ...owner, fields });
}

/** `metadata.managedFields` as it stands in the object. */
export function managedFieldsOf(object: JsonObject | undefined): JsonValue | undefined {
  const metadata = object === undefined ? undefined : getOwn(object, 'metadata');
  return metadata !== undefined && isJsonObject(metadata) ? getOwn(metadata, 'managedFields') : undefined;
}

/** The object with these managedFields, or without the field when undefined. */
export function withManagedFields(object: JsonObject, managedFields: JsonValue | undefined): JsonObject {
  if (managedFields === undefined && managedFieldsOf(object) === undefined) return object;
  const metadata = getOwn(object, 'metadata') ?? {};
  if (!isJsonObject(metadata)) return object;
  const { managedFields: _, ...rest } = metadata;
  return { ...object, metadata: managedFields === undefined ? rest : { ...rest, managedFields } };
}
