import { apiError, apiVersionOf, badRequest, type FieldError, invalid, StatusReason } from '@quarterdeck/apis';
import {
  applyConfiguration,
  applyConflictMessage,
  applyJsonPatch,
  applyMergePatch,
  applyStrategicMergePatch,
  decodeJson,
  decodeYaml,
  equalValues,
  type FieldConflict,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  PatchError,
  SmdError,
  type WireProblem,
} from '@quarterdeck/machinery';
import { invalidField, objectAt, stringAt, valueAt } from '../../registry/fields.ts';
import { readBody } from '../body.ts';
import { isConvertedByWebhook } from '../convert.ts';
import { unsupportedMediaType } from '../decode-object.ts';
import { parseMediaType } from '../media-type.ts';
import { agreeOnName } from '../names.ts';
import {
  conformRequest,
  pruneRequest,
  refuseOtherType,
  reportProblems,
  strictDecodingText,
  withTypeMeta,
} from '../schema-pass.ts';
import type { Answer, RequestScope } from '../scope.ts';
import { createObject } from '../write/create.ts';
import { versionsOf } from '../write/kind-versions.ts';
import { timeText } from '../write/system-fields.ts';
import { resetPathsOf } from '../write/tracking.ts';
import { type UpdateWrite, uidOfMissing, updateObject } from '../write/update.ts';
import { parseWriteOptions, type WriteOptions } from '../write-options.ts';
import { doubledKeys, refuseDoubledKeys, undeclaredFields, untypedConfiguration } from './apply-problems.ts';
import { createOrUpdate } from './upsert.ts';

/** Media type of each patch, in the order errors name them. KA-67 */
export const patchTypes = Object.freeze({
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
});
export type PatchKind = keyof typeof patchTypes;

/** The patch types a kind takes: strategic merge needs a schema with merge keys, which only built-in kinds have. */
export function acceptedPatches(origin: 'builtin' | 'custom'): readonly PatchKind[] {
  return origin === 'builtin' ? ['json', 'merge', 'strategic', 'apply'] : ['json', 'merge', 'apply'];
}

/** KA-67 to KA-71 */
export async function handlePatch(scope: RequestScope): Promise<Answer> {
  const kind = patchKindOf(scope);
  const options = parseWriteOptions(scope.request, kind === 'apply' ? 'ApplyOptions' : 'PatchOptions');
  const bytes = await readBody(scope.request);
  const { value, problems } = kind === 'apply' ? decodeYaml(bytes) : decodeJson(bytes);
  if (kind === 'apply') return applyPatch(scope, options, value, problems);
  reportPatchProblems(scope, options, problems);
  const updated = await updateObject(scope, patchWrite(scope, options, kind, value));
  return { type: 'object', status: 200, object: updated };
}

/** @throws ApiError UnsupportedMediaType; a patch without a type too. BI-15 */
export function patchKindOf(scope: RequestScope): PatchKind {
  const given = scope.request.headers['content-type'] ?? '';
  const accepted = acceptedPatches(scope.resource.definition.origin);
  const name = parseMediaType(given)?.name;
  const found = accepted.find((kind) => patchTypes[kind] === name);
  if (found !== undefined) return found;
  throw unsupportedMediaType(accepted.map((kind) => patchTypes[kind]));
}

/** What is wrong with the patch document itself, under Strict, is 422 on the field `patch`. KA-61 */
function reportPatchProblems(scope: RequestScope, options: WriteOptions, problems: readonly WireProblem[]): void {
  const texts = problems.map((problem) => `duplicate field "${problem.path}"`);
  const { fieldValidation } = options;
  const refuse = (all: readonly string[]) => invalidPatch(scope, strictDecodingText(all));
  reportProblems({ fieldValidation, warnings: scope.warnings, refuse }, texts);
}

function invalidPatch(scope: RequestScope, why: string) {
  const error: FieldError = invalidField('patch', undefined, why);
  return invalid(scope.resource.definition, scope.info.name, [error]);
}

function patchWrite(
  scope: RequestScope,
  options: WriteOptions,
  kind: Exclude<PatchKind, 'apply'>,
  patch: JsonValue,
): UpdateWrite {
  return {
    options,
    replaces: false,
    transform: (live) => {
      const patched = runPatch(scope, kind, live, patch);
      if (!isJsonObject(patched)) throw invalidPatch(scope, 'the result is not an object');
      return conformPatched(scope, options, withoutLiveVersion(patched, live, patch, kind));
    },
  };
}

/** @throws ApiError BadRequest, Invalid, RequestEntityTooLarge */
export function runPatch(
  scope: RequestScope,
  kind: Exclude<PatchKind, 'apply'>,
  live: JsonObject,
  patch: JsonValue,
): JsonValue {
  try {
    switch (kind) {
      case 'json':
        return applyJsonPatch(live, patch);
      case 'merge':
        return applyMergePatch(live, objectPatch(patch));
      case 'strategic':
        return applyStrategicMergePatch(live, objectPatch(patch), scope.resource.version.schema);
      default:
        return kind satisfies never;
    }
  } catch (error) {
    if (!(error instanceof PatchError)) throw error;
    switch (error.kind) {
      case 'malformed':
        throw badRequest(error.message);
      case 'tooLarge':
        throw apiError(StatusReason.RequestEntityTooLarge, error.message);
      case 'invalid':
        throw invalidPatch(scope, error.message);
      default:
        throw error.kind satisfies never;
    }
  }
}

function objectPatch(patch: JsonValue): JsonObject {
  if (!isJsonObject(patch)) throw badRequest('the patch must be an object');
  return patch;
}

/**
 * A merge patch that does not name a resourceVersion is no precondition, so that a race is tried again; one that names
 * it is. The live value, carried through, says neither. KA-66
 */
function withoutLiveVersion(patched: JsonObject, live: JsonObject, patch: JsonValue, kind: PatchKind): JsonObject {
  const names = kind === 'json' || !isJsonObject(patch) ? undefined : valueAt(patch, 'metadata', 'resourceVersion');
  if (names !== undefined) return patched;
  const carried = valueAt(patched, 'metadata', 'resourceVersion') === valueAt(live, 'metadata', 'resourceVersion');
  if (!carried || !isJsonObject(patched.metadata)) return patched;
  const { resourceVersion: _carried, ...metadata } = patched.metadata;
  return { ...patched, metadata };
}

/** The result is an object like any other: its type, name and fields are checked. KA-70 */
function conformPatched(scope: RequestScope, options: WriteOptions, patched: JsonObject): JsonObject {
  const { definition, version } = scope.resource;
  const type = { group: definition.group, version: version.name, kind: definition.kind };
  const typed = definition.origin === 'builtin' ? withTypeMeta(patched, type) : patched;
  refuseOtherType(typed, type);
  const conformed = conformRequest(typed, {
    resource: scope.resource,
    fieldValidation: options.fieldValidation,
    warnings: scope.warnings,
    problems: [],
    tables: scope.server.protobufTables,
    refuse: (texts) => invalidPatch(scope, strictDecodingText(texts)),
    mistyped: (message) => invalidPatch(scope, message),
  });
  return agreeOnName(scope, conformed);
}

/** Server-side apply. KA-71, KA-76 */
async function applyPatch(
  scope: RequestScope,
  options: WriteOptions,
  value: JsonValue,
  problems: readonly WireProblem[],
): Promise<Answer> {
  const config = readConfiguration(scope, options, value, problems);
  const transform = (live: JsonObject) => merge(scope, options, live, config);
  const update = () => updateObject(scope, { options, replaces: false, tracked: true, transform });
  if (scope.info.subresource !== '') return { type: 'object', status: 200, object: await update() };
  const create = async () => {
    const uid = stringAt(config, 'metadata', 'uid');
    if (uid !== '') throw uidOfMissing(scope, uid);
    return await createObject(scope, { object: merge(scope, options, undefined, config), options, tracked: true });
  };
  return await createOrUpdate(scope, { create, update });
}

/** @throws ApiError BadRequest */
function readConfiguration(
  scope: RequestScope,
  options: WriteOptions,
  value: JsonValue,
  problems: readonly WireProblem[],
): JsonObject {
  const { definition, version } = scope.resource;
  if (!isJsonObject(value)) throw badRequest('the applied configuration must be an object');
  checkAppliedType(value, { group: definition.group, version: version.name, kind: definition.kind });
  if (
    valueAt(value, 'metadata', 'managedFields') !== undefined &&
    valueAt(value, 'metadata', 'managedFields') !== null
  ) {
    throw badRequest('metadata.managedFields must be nil');
  }
  // Defaults must not come in here: a configuration owns what it says, no more. KA-79
  const { resource, warnings } = scope;
  reportProblems(
    { fieldValidation: options.fieldValidation, warnings, refuse: refuseDoubledKeys },
    doubledKeys(problems),
  );
  // No merge without a type for every field: whatever fieldValidation says, unknown ones are refused. KA-61d
  const config = pruneRequest(value, {
    resource,
    fieldValidation: 'Strict',
    warnings,
    problems: [],
    tables: scope.server.protobufTables,
    refuse: (_texts, unknown) => undeclaredFields(resource, value, unknown),
  });
  agreeOnName(scope, config);
  // As it was written: a namespace that the path alone names is none of the configuration.
  return config;
}

/** An apply says what is wrong with its type in words of its own. KA-71 */
export function checkAppliedType(object: JsonObject, expected: { group: string; version: string; kind: string }): void {
  const given = typeof object.apiVersion === 'string' ? object.apiVersion : '';
  const kind = typeof object.kind === 'string' ? object.kind : '';
  if (given === apiVersionOf(expected) && kind === expected.kind) return;
  const type = given === '' ? '/' : given.includes('/') ? given : `/${given}`;
  throw badRequest(`invalid object type: ${type}, Kind=${kind}`);
}

/**
 * An object with a configuration applied to it, conformed to the schema; `live` undefined: a new one. KA-76
 * @throws ApiError Conflict with a cause per field, BadRequest
 */
export function merge(
  scope: RequestScope,
  options: WriteOptions,
  live: JsonObject | undefined,
  config: JsonObject,
): JsonObject {
  const { definition, version } = scope.resource;
  const result = mergeConfiguration(scope, {
    live,
    config,
    schema: version.schema,
    manager: options.fieldManager,
    apiVersion: apiVersionOf({ group: definition.group, version: version.name }),
    subresource: scope.info.subresource,
    force: options.force,
    now: timeText(scope.now),
    resetPaths: resetPathsOf(scope),
    versions: versionsOf(scope),
  });
  if (result.conflicts !== undefined) throw conflictOf(result.conflicts);
  return conformMerged(scope, result.object, config, live);
}

/** A configuration that does not fit the schema is the client's mistake, like any body that does not decode. KA-61 */
function mergeConfiguration(
  scope: RequestScope,
  input: Parameters<typeof applyConfiguration>[0],
): ReturnType<typeof applyConfiguration> {
  try {
    return applyConfiguration(input);
  } catch (error) {
    if (error instanceof SmdError) throw untypedConfiguration(scope.resource, input.config, ` ${error.message}`);
    throw error;
  }
}

function conflictOf(conflicts: readonly FieldConflict[]) {
  return apiError(StatusReason.Conflict, applyConflictMessage(conflicts), {
    causes: conflicts.map(({ field, message }) => ({ reason: 'FieldManagerConflict', message, field })),
  });
}

/** The merged object with defaults; its resourceVersion is a precondition only if the configuration names one. */
function conformMerged(
  scope: RequestScope,
  object: JsonObject,
  config: JsonObject,
  live: JsonObject | undefined,
): JsonObject {
  const named = valueAt(config, 'metadata', 'resourceVersion');
  const { resourceVersion: _carried, ...meta } = objectAt(object, 'metadata');
  const pinned = { ...object, metadata: { ...meta, ...(named === undefined ? {} : { resourceVersion: named }) } };
  // What a webhook shows may lack what this version has by default; an apply that changes nothing does not bring it. KA-79
  const isSame =
    live !== undefined && isConvertedByWebhook(scope.resource) && equalValues(contentOf(object), contentOf(live));
  const conform = isSame ? pruneRequest : conformRequest;
  const conformed = conform(pinned, {
    resource: scope.resource,
    fieldValidation: 'Ignore',
    warnings: scope.warnings,
    problems: [],
    tables: scope.server.protobufTables,
  });
  return agreeOnName(scope, conformed);
}

function contentOf(object: JsonObject): JsonObject {
  const { metadata: _meta, ...content } = object;
  return content;
}
