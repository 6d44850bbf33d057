import { apiVersionOf } from '@quarterdeck/apis';
import {
  type JsonObject,
  type JsonValue,
  type ProtobufField,
  type ProtobufTables,
  plainZero,
  protobufMessageOf,
  type StructuralSchema,
} from '@quarterdeck/machinery';
import type { ResolvedResource } from '../../registry/registry.ts';

const blanks = new WeakMap<StructuralSchema, JsonObject>();

/**
 * A built-in object before anything is said in it, as Go's types have it: structs without pointers are there and empty,
 * plain values are zero, and required lists are null. Who creates an object owns what differs from that, so that nobody
 * owns a Deployment's `spec` itself. KA-75
 * @returns an empty object for custom kinds, and where the tables have no such kind
 */
export function blankOf({ definition, version }: ResolvedResource, tables: ProtobufTables): JsonObject {
  if (definition.origin !== 'builtin') return {};
  const known = blanks.get(version.schema);
  if (known !== undefined) return known;
  const { group, kind } = definition;
  const message = protobufMessageOf(tables, apiVersionOf({ group, version: version.name }), kind);
  const { metadata: _, ...blank } = message === undefined ? {} : zeroMessage(message, version.schema, tables);
  blanks.set(version.schema, blank);
  return blank;
}

function zeroMessage(message: string, schema: StructuralSchema, tables: ProtobufTables): JsonObject {
  const required = new Set(schema.required ?? []);
  const fields = (tables.messages[message] ?? []).flatMap((field) => {
    const value = zeroOf(field, schema.properties?.[field.name], required.has(field.name), tables);
    return value === undefined ? [] : [[field.name, value] as const];
  });
  return Object.fromEntries(fields);
}

function zeroOf(
  field: ProtobufField,
  schema: StructuralSchema | undefined,
  isRequired: boolean,
  tables: ProtobufTables,
): JsonValue | undefined {
  if (schema === undefined) return undefined;
  if (field.repeated === true || field.map === true) return isRequired ? null : undefined;
  if (field.zero !== 'always') return undefined;
  return field.type === 'message' ? zeroMessage(field.message ?? '', schema, tables) : plainZero(field);
}
