import { type ApiError, apiVersionOf, badRequest, type FieldError, invalid } from '@quarterdeck/apis';
import {
  defaultValue,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  objectMetaSchema,
  type ProtobufTables,
  protobufMessageOf,
  pruneValue,
  type StructuralSchema,
  setOwn,
  validateValue,
  type WireProblem,
} from '@quarterdeck/machinery';
import { invalidField, stringAt } from '../registry/fields.ts';
import type { ResolvedResource } from '../registry/registry.ts';
import { omitZeros } from './omit-zeros.ts';
import { isTypedMetadata } from './typed-metadata.ts';
import { type TypedValues, typedValues } from './typed-values.ts';
import type { Warnings } from './warnings.ts';

export type FieldValidation = 'Ignore' | 'Warn' | 'Strict';

/** What a stored object looks like under the present schema: pruned and defaulted. KA-98, KA-99 */
export function conformStored(object: JsonObject, schema: StructuralSchema): JsonObject {
  return defaultValue(pruneValue(object, schema, { isRoot: true }).value, schema);
}

export interface SchemaPass {
  readonly resource: ResolvedResource;
  readonly fieldValidation: FieldValidation;
  readonly warnings: Warnings;
  /** What the decoder saw: duplicate keys. */
  readonly problems: readonly WireProblem[];
  /** Of built-in kinds: which of their fields are dropped when they are zero. */
  readonly tables: ProtobufTables;
  /** The failure of a built-in kind's field of the wrong type. Default: BadRequest; a patch says Invalid. */
  readonly mistyped?: (message: string) => ApiError;
  /**
   * Nulls and what is empty stay, though stored objects have neither: a manager owns what its configuration says, if only
   * that there be nothing. Default false. KA-74
   */
  readonly asWritten?: boolean;
  /** The failure under Strict, of all texts; `unknown` are the paths among them. Default: {@link strictDecodingError}. */
  readonly refuse?: (texts: readonly string[], unknown: readonly string[]) => ApiError;
}

/** KA-61a */
const strictDecodingError = (texts: readonly string[]) => badRequest(strictDecodingText(texts));
export const strictDecodingText = (texts: readonly string[]) => `strict decoding error: ${texts.join(', ')}`;

/**
 * Takes a decoded request object through its schema: prunes unknown fields, fills defaults, and treats what was unknown
 * or doubled as fieldValidation asks. KA-61, KA-98, KA-99
 * @throws ApiError BadRequest (Strict, or a field of the wrong type in a built-in kind)
 */
export function conformRequest(object: JsonObject, pass: SchemaPass): JsonObject {
  return withDefaults(withoutZeros(pruneRequest(object, pass), pass), pass.resource);
}

function withoutZeros(object: JsonObject, { resource, tables }: SchemaPass): JsonObject {
  const { definition, version } = resource;
  if (definition.origin !== 'builtin') return object;
  const apiVersion = apiVersionOf({ group: definition.group, version: version.name });
  const message = protobufMessageOf(tables, apiVersion, definition.kind);
  if (message === undefined) return object;
  // Metadata is tidied where its empty managedFields still mean something.
  const { metadata, ...rest } = object;
  const tidied = omitZeros(rest, message, version.schema, tables);
  return metadata === undefined ? tidied : { ...tidied, metadata };
}

/** What the schema and the kind itself fill in. KA-99 */
export function withDefaults(object: JsonObject, { definition, version }: ResolvedResource): JsonObject {
  const defaulted = defaultValue(object, version.schema);
  return definition.strategy.complete?.(defaulted) ?? defaulted;
}

/** The same without defaults: an applied configuration owns what it says, no more. KA-79 */
export function pruneRequest(object: JsonObject, pass: SchemaPass): JsonObject {
  const { definition, version } = pass.resource;
  const isTyped = definition.origin === 'builtin';
  const typed = (one: JsonObject) => (isTyped ? dropNulls(one, version.schema) : one);
  const asked = pass.asWritten === true ? object : tidyMetadata(typed(object));
  const { value: known, pruned } = pruneValue(asked, version.schema, { isRoot: true });
  const { value, wrong, unknown: untyped } = isTyped ? asTyped(known, pass) : { value: known, wrong: [], unknown: [] };
  const reported = pass.problems.flatMap(({ kind, path }) => (kind === 'unknownField' ? [path] : []));
  const unknown = [...pruned, ...untyped, ...reported];
  const doubled = pass.problems.flatMap(({ kind, path }) => (kind === 'duplicateField' ? [path] : []));
  const texts = [
    ...unknown.map((path) => `unknown field "${path}"`),
    ...doubled.map((path) => `duplicate field "${path}"`),
  ];
  reportProblems(pass, texts, unknown);
  refuseWrongTypes(pass.asWritten === true ? typed(value) : value, wrong, pass);
  return value;
}

function asTyped(object: JsonObject, { resource: { definition, version }, tables }: SchemaPass): TypedValues {
  const apiVersion = apiVersionOf({ group: definition.group, version: version.name });
  const message = protobufMessageOf(tables, apiVersion, definition.kind);
  return message === undefined ? { value: object, wrong: [], unknown: [] } : typedValues(object, message, tables);
}

/** @throws ApiError that lists everything, under Strict */
export function reportProblems(
  pass: Pick<SchemaPass, 'fieldValidation' | 'warnings' | 'refuse'>,
  texts: readonly string[],
  unknown: readonly string[] = [],
): void {
  if (texts.length === 0 || pass.fieldValidation === 'Ignore') return;
  if (pass.fieldValidation === 'Strict') throw (pass.refuse ?? strictDecodingError)(texts, unknown);
  for (const text of texts) pass.warnings.add(text);
}

/**
 * Empty maps, lists and texts in metadata mean absent, each where it belongs; but an empty managedFields asks to forget
 * them. KA-30, KA-77
 */
function tidyMetadata(object: JsonObject): JsonObject {
  if (!isJsonObject(object.metadata)) return object;
  const entries = Object.entries(object.metadata);
  const kept = entries.filter(([key, value]) => key === 'managedFields' || !isEmpty(key, value));
  return kept.length === entries.length ? object : { ...object, metadata: Object.fromEntries(kept) };
}

/** An empty list where a map belongs is none, and is refused like a full one. */
function isEmpty(key: string, value: JsonValue): boolean {
  if (value === null) return true;
  const { type, format } = objectMetaSchema.properties?.[key] ?? {};
  if (value === '') return type === 'string' && format === undefined;
  if (Array.isArray(value)) return type === 'array' && value.length === 0;
  return isJsonObject(value) && type === 'object' && Object.keys(value).length === 0;
}

/**
 * Go's types have no null: a field that is null is absent, and an entry of a map or an item of a list the zero of its
 * type. The same when there is none. KA-51
 */
function dropNulls(value: JsonObject, schema: StructuralSchema): JsonObject {
  const { properties, additionalProperties } = schema;
  const additional = isJsonObject(additionalProperties) ? additionalProperties : undefined;
  let changed: JsonObject | undefined;
  for (const key of Object.keys(value)) {
    const child = value[key] as JsonValue;
    const isField = properties !== undefined && Object.hasOwn(properties, key);
    const zero = isField || additional === undefined ? null : zeroOf(additional as StructuralSchema);
    if (child === null) {
      changed ??= { ...value };
      if (zero === null) delete changed[key];
      else setOwn(changed, key, zero);
      continue;
    }
    const known = isField ? properties[key] : additional;
    const kept = known === undefined ? child : dropNullsIn(child, known as StructuralSchema);
    if (kept === child) continue;
    changed ??= { ...value };
    setOwn(changed, key, kept);
  }
  return changed ?? value;
}

function dropNullsIn(value: JsonValue, schema: StructuralSchema): JsonValue {
  if (isJsonObject(value)) {
    return schema['x-kubernetes-preserve-unknown-fields'] === true ? value : dropNulls(value, schema);
  }
  const { items } = schema;
  if (!Array.isArray(value) || items === undefined) return value;
  const list = value.map((item) => (item === null ? zeroOf(items) : dropNullsIn(item, items)));
  return list.every((item, index) => item === value[index]) ? value : list;
}

/** What Go makes of a null; null itself where the schema does not tell. */
function zeroOf({ type, format, oneOf }: StructuralSchema): JsonValue {
  // A quantity, the only choice of built-in kinds.
  if (oneOf !== undefined) return '0';
  switch (type) {
    case 'string':
      return format === undefined || format === 'byte' ? '' : null;
    case 'integer':
    case 'number':
      return 0;
    case 'boolean':
      return false;
    case 'object':
      return {};
    default:
      return null;
  }
}

/** Of a custom kind only its metadata is typed. */
const metadataSchema: StructuralSchema = {
  properties: {
    metadata: {
      properties: {
        ...objectMetaSchema.properties,
        managedFields: { ...objectMetaSchema.properties?.managedFields, nullable: true },
      },
    },
  },
};
const times: ReadonlySet<string> = new Set(['metadata.creationTimestamp', 'metadata.deletionTimestamp']);

/**
 * A typed server cannot even decode these; so 400, where what is the user's own in a custom kind gets 422. What is stored is looked at once more, whole: in
 * between come defaults and admission, which read what has the right types. Looking twice costs a Lease some 8 µs.
 */
function refuseWrongTypes(value: JsonObject, found: readonly string[], pass: SchemaPass): void {
  const { resource, mistyped } = pass;
  const { definition, version } = resource;
  const errors =
    definition.origin === 'builtin' ? validateValue(value, version.schema) : metadataTypeErrors(value, pass);
  const wrong = errors.filter((error) => error.reason === 'FieldValueTypeInvalid' || times.has(error.field));
  if (wrong.length === 0 && found.length === 0) return;
  const texts = [...wrong.map((error) => `${error.field}: ${error.message}`), ...found];
  const message = `${definition.kind} in version "${version.name}" cannot be handled as a ${definition.kind}: ${texts.join(', ')}`;
  throw (mistyped ?? badRequest)(message);
}

/** Of a configuration, what is wrong with its metadata is told by the merge. */
function metadataTypeErrors(value: JsonObject, { asWritten }: SchemaPass): readonly FieldError[] {
  const { metadata } = value;
  if (asWritten === true || !isJsonObject(metadata) || isTypedMetadata(metadata)) return [];
  return validateValue(value, metadataSchema);
}

/** Schema errors of an object about to be stored; `old` makes unchanged values pass (KA-105). */
export function schemaErrors(object: JsonObject, resource: ResolvedResource, old?: JsonObject): readonly FieldError[] {
  return validateValue(object, resource.version.schema, old === undefined ? {} : { old });
}

interface TypeName {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** A typed body that does not say what it is, is what the URL names; Go's typed clients often leave it out. KA-53 */
export function withTypeMeta(object: JsonObject, expected: TypeName): JsonObject {
  const { apiVersion, kind, ...rest } = object;
  if (!isUnset(apiVersion) && !isUnset(kind)) return object;
  return {
    apiVersion: isUnset(apiVersion) ? apiVersionOf(expected) : apiVersion,
    kind: isUnset(kind) ? expected.kind : kind,
    ...rest,
  };
}

const isUnset = (value: JsonValue | undefined): value is undefined | null | '' =>
  value === undefined || value === null || value === '';

/**
 * The same of a custom kind, whose objects have no types to fall back on. KA-53
 * @throws ApiError BadRequest without a kind or with another version; Invalid with another kind
 */
export function checkCustomType(object: JsonObject, expected: TypeName): void {
  const { apiVersion, kind } = object;
  if (isUnset(kind)) {
    throw badRequest(`the object provided is unrecognized (must be of type ${expected.kind}): it has no kind`);
  }
  if (apiVersion !== apiVersionOf(expected)) {
    throw badRequest(
      `the API version in the data (${isUnset(apiVersion) ? '' : String(apiVersion)}) does not match the expected API version (${apiVersionOf(expected)})`,
    );
  }
  refuseOtherType(object, expected);
}

/** @throws ApiError Invalid, with a cause for apiVersion and one for kind */
export function refuseOtherType(object: JsonObject, expected: TypeName): void {
  const wanted = { apiVersion: apiVersionOf(expected), kind: expected.kind };
  const errors = (['apiVersion', 'kind'] as const).flatMap((field) =>
    object[field] === wanted[field] ? [] : [invalidField(field, object[field], `must be ${wanted[field]}`)],
  );
  if (errors.length === 0) return;
  const name = stringAt(object, 'metadata', 'name');
  throw invalid({ group: expected.group, kind: String(object.kind) }, name, errors);
}

/**
 * The body names the kind that the URL names. KA-53
 * @throws ApiError BadRequest
 */
export function checkTypeMeta(object: JsonObject, expected: TypeName): void {
  const apiVersion = apiVersionOf(expected);
  if (object.apiVersion === apiVersion && object.kind === expected.kind) return;
  const [given, wanted] =
    object.apiVersion === apiVersion
      ? [`${apiVersion}, kind ${String(object.kind ?? '')}`, `${apiVersion}, kind ${expected.kind}`]
      : [String(object.apiVersion ?? ''), apiVersion];
  throw badRequest(`the API version in the data (${given}) does not match the expected API version (${wanted})`);
}
