import { objectMetaSchema, type StructuralSchema, withObjectFrame } from '@quarterdeck/machinery';
import { describeField, describeKind, describeMessage } from './descriptions/describe.ts';
import { kinds } from './kinds.gen.ts';
import { checkedElsewhere, isRequired } from './lenient.ts';
import { messages } from './messages.ts';
import type { FieldRow, KindRow, MessageRow } from './table.ts';

const objectMeta = 'meta.v1.ObjectMeta';
const openObject: StructuralSchema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

/** Go does not look into it, so neither do field managers: it is owned as a whole. */
const rawObject: StructuralSchema = { ...openObject, 'x-kubernetes-map-type': 'atomic' };

const digit = '[A-Za-z0-9+/][\\r\\n]*';

/**
 * Base64 as Go reads it: the format `byte` alone, which custom resources check, knows neither the empty text (an empty
 * Secret value) nor line breaks (a block scalar). The pattern comes last, as it is slow on large values.
 */
const base64: StructuralSchema = {
  type: 'string',
  anyOf: [
    { format: 'byte' },
    { maxLength: 0 },
    { pattern: `^[\\r\\n]*(?:(?:${digit}){4})*(?:(?:${digit}){2}=[\\r\\n]*=[\\r\\n]*|(?:${digit}){3}=[\\r\\n]*)?$` },
  ],
};

/** The row of a built-in kind; undefined when the tables do not cover it. */
export function findKind(group: string, version: string, kind: string): KindRow | undefined {
  return (
    kinds.find((row) => row.group === group && row.version === version && row.kind === kind) ??
    kinds.find((row) => row.group === 'any' && row.kind === kind)
  );
}

/** The whole object of a kind: apiVersion, kind and, where the kind has it, the full metadata. Frozen in depth. */
export function buildKindSchema(row: KindRow): StructuralSchema {
  const { properties: { metadata, ...own } = {}, ...message } = buildMessage(row.message);
  const isObject = messageRow(row.message).fields.some(
    (field) => field.message === objectMeta && field.name === 'metadata',
  );
  const description = describeKind(row);
  const framed = withObjectFrame({
    ...message,
    ...(description === undefined ? {} : { description }),
    properties: own,
  });
  if (isObject) return deepFreeze(framed);
  // Options and reviews of lists: their own metadata, if any, in the frame's place.
  const { metadata: _, ...properties } = framed.properties ?? {};
  return deepFreeze({ ...framed, properties: metadata === undefined ? properties : { ...properties, metadata } });
}

const frozen = new WeakSet<object>();

/** Nodes are shared, so most are met frozen. */
function deepFreeze<T extends object>(node: T): T {
  if (frozen.has(node)) return node;
  frozen.add(node);
  for (const child of Object.values(node)) if (typeof child === 'object' && child !== null) deepFreeze(child);
  return Object.freeze(node);
}

const built = new Map<string, StructuralSchema>();
const building = new Set<string>();

/**
 * The schema of a message, shared by all fields of that type. A message that contains itself (only JSONSchemaProps does)
 * is an open object inside itself, as a structural schema is a tree.
 */
function buildMessage(name: string): StructuralSchema {
  const known = built.get(name);
  if (known !== undefined) return known;
  if (name === objectMeta) return objectMetaSchema;
  if (building.has(name)) return openObject;
  building.add(name);
  const { mapType } = messageRow(name);
  const rows = flatFields(name);
  const required = rows.filter(({ message, field }) => isRequired(message, field)).map(({ field }) => field.name);
  const description = describeMessage(name);
  const schema: StructuralSchema = {
    type: 'object',
    ...(description === undefined ? {} : { description }),
    properties: Object.fromEntries(rows.map(({ message, field }) => [field.name, buildField(message, field)])),
    ...(required.length === 0 ? {} : { required }),
    ...(mapType === undefined ? {} : { 'x-kubernetes-map-type': mapType }),
  };
  building.delete(name);
  built.set(name, schema);
  return schema;
}

/** A message's fields with those of its inline messages in their place. */
function flatFields(message: string): { message: string; field: FieldRow }[] {
  return messageRow(message).fields.flatMap((field) =>
    field.inline === true && field.message !== undefined ? flatFields(field.message) : [{ message, field }],
  );
}

function buildField(message: string, field: FieldRow): StructuralSchema {
  const isFree = checkedElsewhere.has(`${message}.${field.name}`);
  const value = isFree ? buildType(field) : withEnum(buildType(field), field);
  const description = describeField(message, field.name);
  const schema: StructuralSchema = field.map
    ? { type: 'object', additionalProperties: value }
    : field.repeated
      ? { type: 'array', items: value }
      : value;
  return {
    ...schema,
    ...(description === undefined ? {} : { description }),
    ...(field.default === undefined ? {} : { default: field.default }),
    ...(field.listType === undefined ? {} : { 'x-kubernetes-list-type': field.listType }),
    ...(field.listMapKeys === undefined ? {} : { 'x-kubernetes-list-map-keys': field.listMapKeys }),
    ...(field.mapType === undefined ? {} : { 'x-kubernetes-map-type': field.mapType }),
    ...(field.patchStrategy === undefined ? {} : { 'x-kubernetes-patch-strategy': field.patchStrategy }),
    ...(field.patchMergeKey === undefined ? {} : { 'x-kubernetes-patch-merge-key': field.patchMergeKey }),
  };
}

/** Where Go drops an empty text (`zero` omit), an empty text means unset and must pass. */
function withEnum(schema: StructuralSchema, field: FieldRow): StructuralSchema {
  if (field.enum === undefined) return schema;
  const isEmptyUnset = field.repeated !== true && (field.zero ?? 'omit') === 'omit' && !field.enum.includes('');
  return { ...schema, enum: isEmptyUnset ? ['', ...field.enum] : field.enum };
}

function buildType(field: FieldRow): StructuralSchema {
  switch (field.type) {
    case 'string':
    case 'duration':
      return { type: 'string' };
    case 'bool':
      return { type: 'boolean' };
    case 'int32':
    case 'int64':
      return { type: 'integer', format: field.type };
    case 'double':
      return { type: 'number', format: 'double' };
    case 'bytes':
      return base64;
    case 'time':
    case 'microTime':
      return { type: 'string', format: 'date-time' };
    case 'quantity':
      return { oneOf: [{ type: 'string' }, { type: 'number' }] };
    case 'intOrString':
      return { format: 'int-or-string', 'x-kubernetes-int-or-string': true };
    case 'fieldsV1':
    case 'rawExtension':
      return rawObject;
    case 'json':
    case 'schemaOrArray':
    case 'schemaOrBool':
    case 'schemaOrStringArray':
      return { 'x-kubernetes-preserve-unknown-fields': true };
    case 'stringList':
      return { type: 'array', items: { type: 'string' } };
    case 'message':
      return buildMessage(field.message ?? '');
  }
}

function messageRow(name: string): MessageRow {
  const row = messages[name];
  if (row === undefined) throw new Error(`the built-in tables have no message ${name}`);
  return row;
}
