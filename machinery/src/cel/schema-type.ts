import type { StructuralSchema } from '../schema/structural.ts';
import { isJsonObject, type JsonValue } from '../wire/value.ts';
import type { CelTypeProvider } from './declarations.ts';
import { escapeFieldName, isFieldKeyword } from './field-name.ts';
import { type JsonDecoder, JsonList, JsonMap } from './json.ts';
import { bytesFromText, dateFromText, dateTimeFromText, durationFromText } from './schema-formats.ts';
import { JsonKeyedList, JsonSet, mismatch, type ObjectField, objectDecoder } from './schema-values.ts';
import {
  boolType,
  bytesType,
  type CelType,
  doubleType,
  durationType,
  dynType,
  intType,
  listType,
  mapType,
  objectType,
  stringType,
  timestampType,
} from './types.ts';

/** What a schema is to expressions: its type, how its values are read, and how large they can be. */
export interface SchemaType {
  readonly type: CelType;
  readonly decode: JsonDecoder;
  /** The most elements, entries or characters a value can have, bounded by the largest request; 0 for plain values. */
  readonly maxElements: number;
  /** The fewest bytes that a value takes in JSON. */
  readonly minSerializedSize: number;
  /** Of an object, by the names that expressions write. */
  readonly fields?: ReadonlyMap<string, SchemaType>;
  /** Of a list or map. */
  readonly element?: SchemaType;
}

export interface SchemaTypeOptions {
  /** What the types of objects in it are named after. */
  readonly name: string;
  /**
   * Whether it is the root of a resource: `apiVersion`, `kind`, `metadata.name` and `metadata.generateName` are visible
   * there whatever the schema says.
   */
  readonly resourceRoot: boolean;
}

const maxRequestBytes = 3 * 1024 * 1024;
/** The most characters in a request, within quotes. */
const maxText = maxRequestBytes - 2;

/**
 * What a schema is to expressions; undefined when they cannot see it: data without a known type, and lists and maps of
 * such. KA-101d
 */
export function schemaType(schema: StructuralSchema, options: SchemaTypeOptions): SchemaType | undefined {
  const { name } = options;
  if (schema['x-kubernetes-int-or-string'] === true) return intOrString(schema);
  const whole = options.resourceRoot ? withTypeAndObjectMeta(schema) : schema;
  switch (whole.type) {
    case 'array':
      return arrayType(whole, name);
    case 'object':
      return typeof whole.additionalProperties === 'object'
        ? additionalType(whole, whole.additionalProperties, name)
        : structType(whole, name);
    case 'string':
      return nullable(whole, textType(whole));
    case 'boolean':
      return nullable(
        whole,
        plainType(boolType, 4, (json) => (typeof json === 'boolean' ? json : mismatch('bool'))),
      );
    case 'number':
      return nullable(whole, plainType(doubleType, 1, decodeDouble));
    case 'integer':
      return nullable(whole, plainType(intType, 1, decodeInt));
    default:
      return undefined;
  }
}

/** Knows the object types inside these. */
export function schemaTypeProvider(roots: readonly SchemaType[]): CelTypeProvider {
  const known = new Map<string, ReadonlyMap<string, CelType>>();
  const visit = (node: SchemaType): void => {
    if (node.element !== undefined) visit(node.element);
    if (node.fields === undefined) return;
    if (node.type.kind === 'object') {
      known.set(node.type.name, new Map([...node.fields].map(([name, field]) => [name, field.type])));
    }
    for (const field of node.fields.values()) visit(field);
  };
  roots.forEach(visit);
  return { fieldsOf: (name) => known.get(name) };
}

/** How large what a variable of this type leads to can be. The first step of a path is the variable. */
export function sizeInSchema(root: SchemaType): (path: readonly string[]) => { min: number; max: number } | undefined {
  return (path) => {
    let node: SchemaType | undefined = root;
    for (const step of path.slice(1)) {
      if (step === '@items' || step === '@values') node = node.element;
      else if (step === '@keys') node = node.type.kind === 'map' ? mapKeyType : undefined;
      else node = node.fields?.get(step);
      if (node === undefined) return undefined;
    }
    return { min: 0, max: node.maxElements };
  };
}

function plainType(type: CelType, minSerializedSize: number, decode: JsonDecoder, maxElements = 0): SchemaType {
  return { type, decode, maxElements, minSerializedSize };
}

function nullable(schema: StructuralSchema, type: SchemaType): SchemaType {
  const { decode } = type;
  const orNull: JsonDecoder =
    schema.nullable === true ? (json) => (json === null ? null : decode(json)) : notNull(decode);
  return { ...type, decode: orNull };
}

function notNull(decode: JsonDecoder): JsonDecoder {
  return (json) => (json === null ? mismatch('a value, got null for schema with nullable=false') : decode(json));
}

function decodeDouble(json: JsonValue): number {
  return typeof json === 'number' || typeof json === 'bigint' ? Number(json) : mismatch('float');
}

function decodeInt(json: JsonValue): bigint {
  if (typeof json === 'bigint') return json;
  return typeof json === 'number' && Number.isInteger(json) ? BigInt(json) : mismatch('int');
}

const decodeText = (json: JsonValue): string => (typeof json === 'string' ? json : mismatch('string'));
/** Keys of maps are texts of any length. */
const mapKeyType = plainType(stringType, 2, decodeText);

function intOrString(schema: StructuralSchema): SchemaType {
  const decode: JsonDecoder = (json) => (typeof json === 'string' ? json : decodeInt(json));
  const max = schema.maxLength === undefined ? maxText : Math.max(schema.maxLength, 0) * 4;
  return nullable(schema, plainType(dynType, 1, decode, max));
}

function textType(schema: StructuralSchema): SchemaType {
  switch (schema.format) {
    case 'byte': {
      const max = schema.maxLength === undefined ? maxText : Math.max(schema.maxLength, 0);
      return plainType(bytesType, 2, (json) => bytesFromText(decodeText(json)), max);
    }
    case 'duration':
      return plainType(durationType, 3, (json) => durationFromText(decodeText(json)), 32);
    case 'date':
      return plainType(timestampType, 12, (json) => dateFromText(decodeText(json)), 12);
    case 'date-time':
      return plainType(timestampType, 21, (json) => dateTimeFromText(decodeText(json)), 32);
    default:
      return plainType(stringType, 2, decodeText, longestText(schema));
  }
}

/** A character takes up to four bytes. */
function longestText(schema: StructuralSchema): number {
  if (schema.maxLength !== undefined) return Math.max(schema.maxLength, 0) * 4;
  const values = schema.enum ?? [];
  if (values.length === 0) return maxText;
  return Math.max(0, ...values.map((value) => (typeof value === 'string' ? Buffer.byteLength(value) : 0)));
}

function arrayType(schema: StructuralSchema, name: string): SchemaType | undefined {
  const { items } = schema;
  const element = items === undefined ? undefined : schemaType(items, inside(items, `${name}.@idx`));
  if (element === undefined) return undefined;
  const maxElements =
    schema.maxItems === undefined
      ? Math.floor((maxRequestBytes - 2) / (element.minSerializedSize + 1))
      : Math.max(schema.maxItems, 0);
  const type = listType(element.type);
  return nullable(schema, { type, decode: listDecoder(schema, element), maxElements, minSerializedSize: 2, element });
}

function listDecoder(schema: StructuralSchema, { decode }: SchemaType): JsonDecoder {
  const keys = (schema['x-kubernetes-list-map-keys'] ?? []).map((key) => escapeFieldName(key) ?? key);
  switch (schema['x-kubernetes-list-type']) {
    case 'set':
      return (json) => (Array.isArray(json) ? new JsonSet(json, decode) : mismatch('an array'));
    case 'map':
      return (json) => (Array.isArray(json) ? new JsonKeyedList(json, decode, keys) : mismatch('an array'));
    default:
      return (json) => (Array.isArray(json) ? new JsonList(json, decode) : mismatch('an array'));
  }
}

function additionalType(schema: StructuralSchema, values: StructuralSchema, name: string): SchemaType | undefined {
  const element = schemaType(values, inside(values, `${name}.@elem`));
  if (element === undefined) return undefined;
  const maxElements =
    schema.maxProperties === undefined
      ? // A key and a value take quotes, a colon, a comma and at least the smallest value.
        Math.floor((maxRequestBytes - 2) / (element.minSerializedSize + 6))
      : Math.max(schema.maxProperties, 0);
  const decode: JsonDecoder = (json) =>
    isJsonObject(json) ? new JsonMap(json, element.decode) : mismatch('an object');
  return nullable(schema, {
    type: mapType(stringType, element.type),
    decode,
    maxElements,
    minSerializedSize: 2,
    element,
  });
}

function structType(schema: StructuralSchema, name: string): SchemaType {
  const fields = new Map<string, SchemaType>();
  const decoders = new Map<string, ObjectField>();
  const properties = schema.properties ?? {};
  let minSerializedSize = 2;
  for (const jsonName of Object.keys(properties)) {
    const property = properties[jsonName] as StructuralSchema;
    const escaped = escapeFieldName(jsonName);
    const field = schemaType(property, inside(property, `${name}.${escaped ?? jsonName}`));
    if (field === undefined) continue;
    if (escaped !== undefined) {
      fields.set(escaped, field);
      decoders.set(escaped, { jsonName, decode: field.decode });
      if (isFieldKeyword(jsonName)) {
        fields.set(jsonName, field);
        decoders.set(jsonName, { jsonName, decode: field.decode, isAlias: true });
      }
    }
    // What the server fills in by itself need not be sent.
    if (schema.required?.includes(jsonName) === true && property.default === undefined) {
      minSerializedSize += Buffer.byteLength(jsonName) + field.minSerializedSize + 4;
    }
  }
  const decode = objectDecoder(decoders);
  return nullable(schema, { type: objectType(name), decode, maxElements: 0, minSerializedSize, fields });
}

function inside(schema: StructuralSchema, name: string): SchemaTypeOptions {
  return { name, resourceRoot: schema['x-kubernetes-embedded-resource'] === true };
}

const textSchema: StructuralSchema = { type: 'string' };

function withTypeAndObjectMeta(schema: StructuralSchema): StructuralSchema {
  const { kind, apiVersion, metadata } = schema.properties ?? {};
  const known = metadata?.properties;
  const complete =
    kind?.type === 'string' &&
    apiVersion?.type === 'string' &&
    metadata?.type === 'object' &&
    known?.name?.type === 'string' &&
    known.generateName?.type === 'string';
  if (complete) return schema;
  return {
    ...schema,
    properties: {
      ...schema.properties,
      kind: textSchema,
      apiVersion: textSchema,
      metadata: { type: 'object', properties: { name: textSchema, generateName: textSchema } },
    },
  };
}
