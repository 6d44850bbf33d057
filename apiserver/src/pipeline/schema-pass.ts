import { type ApiError, apiError, apiVersionOf, badRequest, type FieldError, StatusReason } from '@quarterdeck/apis';
import {
  defaultValue,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  pruneValue,
  type StructuralSchema,
  setOwn,
  validateValue,
  type WireProblem,
} from '@quarterdeck/machinery';
import type { ResolvedResource } from '../registry/registry.ts';
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
  /** The failure under Strict. Default: BadRequest; a patch says Invalid. */
  readonly refuse?: (message: string) => ApiError;
}

/**
 * Takes a decoded request object through its schema: prunes unknown fields, fills defaults, and treats what was unknown
 * or doubled as fieldValidation asks. KA-61, KA-98, KA-99
 * @throws ApiError BadRequest (Strict, or a field of the wrong type in a built-in kind)
 */
export function conformRequest(object: JsonObject, pass: SchemaPass): JsonObject {
  return withDefaults(pruneRequest(object, pass), pass.resource);
}

/** What the schema and the kind itself fill in. KA-99 */
export function withDefaults(object: JsonObject, { definition, version }: ResolvedResource): JsonObject {
  const defaulted = defaultValue(object, version.schema);
  return definition.strategy.complete?.(defaulted) ?? defaulted;
}

/** The same without defaults: an applied configuration owns what it says, no more. KA-79 */
export function pruneRequest(object: JsonObject, pass: SchemaPass): JsonObject {
  const { definition, version } = pass.resource;
  const typed = tidyMetadata(definition.origin === 'builtin' ? dropNulls(object, version.schema) : object);
  const { value, pruned } = pruneValue(typed, version.schema, { isRoot: true });
  reportProblems(pass, [
    ...pruned.map((path) => `unknown field "${path}"`),
    ...pass.problems.map((problem) =>
      problem.kind === 'duplicateField' ? `duplicate field "${problem.path}"` : `unknown field "${problem.path}"`,
    ),
  ]);
  if (definition.origin === 'builtin') refuseWrongTypes(value, pass.resource);
  return value;
}

/** @throws ApiError BadRequest that lists everything, under Strict */
export function reportProblems(
  pass: Pick<SchemaPass, 'fieldValidation' | 'warnings' | 'refuse'>,
  texts: readonly string[],
): void {
  if (texts.length === 0 || pass.fieldValidation === 'Ignore') return;
  if (pass.fieldValidation === 'Strict')
    throw (pass.refuse ?? badRequest)(`strict decoding error: ${texts.join(', ')}`);
  for (const text of texts) pass.warnings.add(text);
}

/** Empty maps, lists and texts in metadata mean absent; but an empty managedFields asks to forget them. KA-30, KA-77 */
function tidyMetadata(object: JsonObject): JsonObject {
  if (!isJsonObject(object.metadata)) return object;
  const entries = Object.entries(object.metadata);
  const kept = entries.filter(([key, value]) => key === 'managedFields' || !isEmpty(value));
  return kept.length === entries.length ? object : { ...object, metadata: Object.fromEntries(kept) };
}

function isEmpty(value: JsonValue): boolean {
  if (value === null || value === '') return true;
  if (Array.isArray(value)) return value.length === 0;
  return isJsonObject(value) && Object.keys(value).length === 0;
}

/** A Go client's types have no null: it means absent. Lists keep theirs, to be refused. KA-51 */
function dropNulls(value: JsonObject, schema: StructuralSchema): JsonObject {
  const out: JsonObject = {};
  for (const key of Object.keys(value)) {
    const child = value[key] as JsonValue;
    if (child === null) continue;
    const additional = isJsonObject(schema.additionalProperties) ? schema.additionalProperties : undefined;
    const known =
      schema.properties !== undefined && Object.hasOwn(schema.properties, key) ? schema.properties[key] : additional;
    setOwn(out, key, known === undefined ? child : dropNullsIn(child, known as StructuralSchema));
  }
  return out;
}

function dropNullsIn(value: JsonValue, schema: StructuralSchema): JsonValue {
  if (isJsonObject(value)) {
    return schema['x-kubernetes-preserve-unknown-fields'] === true ? value : dropNulls(value, schema);
  }
  const { items } = schema;
  return Array.isArray(value) && items !== undefined ? value.map((item) => dropNullsIn(item, items)) : value;
}

/** A typed server cannot even decode these; so 400, where a custom kind gets 422. */
function refuseWrongTypes(value: JsonObject, { definition, version }: ResolvedResource): void {
  const wrong = validateValue(value, version.schema).filter((error) => error.reason === 'FieldValueTypeInvalid');
  if (wrong.length === 0) return;
  const texts = wrong.map((error) => `${error.field}: ${error.message}`);
  throw apiError(
    StatusReason.BadRequest,
    `${definition.kind} in version "${version.name}" cannot be handled as a ${definition.kind}: ${texts.join(', ')}`,
  );
}

/** Schema errors of an object about to be stored; `old` makes unchanged values pass (KA-105). */
export function schemaErrors(object: JsonObject, resource: ResolvedResource, old?: JsonObject): readonly FieldError[] {
  return validateValue(object, resource.version.schema, old === undefined ? {} : { old });
}

/**
 * The body names the kind that the URL names. KA-53
 * @throws ApiError BadRequest
 */
export function checkTypeMeta(object: JsonObject, expected: { group: string; version: string; kind: string }): void {
  const apiVersion = apiVersionOf(expected);
  if (object.apiVersion === apiVersion && object.kind === expected.kind) return;
  throw apiError(
    StatusReason.BadRequest,
    `the API version in the data (${String(object.apiVersion ?? '')}, kind ${String(object.kind ?? '')}) does not match the expected API version (${apiVersion}, kind ${expected.kind})`,
  );
}
