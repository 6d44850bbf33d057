import { apiError, badRequest, type FieldError, invalid, StatusReason } from '@quarterdeck/apis';
import {
  applyJsonPatch,
  applyMergePatch,
  applyStrategicMergePatch,
  decodeJson,
  decodeYaml,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  PatchError,
  type WireProblem,
} from '@quarterdeck/machinery';
import { invalidField, valueAt } from '../../registry/fields.ts';
import { readBody } from '../body.ts';
import { unsupportedMediaType } from '../decode-object.ts';
import { parseMediaType } from '../media-type.ts';
import { agreeOnName } from '../names.ts';
import { conformRequest, refuseOtherType, reportProblems, strictDecodingText, withTypeMeta } from '../schema-pass.ts';
import type { Answer, RequestScope } from '../scope.ts';
import { anyVersion, updateObject } from '../write/update.ts';
import { parseWriteOptions, type WriteOptions } from '../write-options.ts';
import { type DecodedDocument, handleApply } from './apply.ts';

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
  if (kind === 'apply') return await handleApply(scope, options, decodeYaml(bytes));
  const transform = patchTransform(scope, options, kind, decodeJson(bytes));
  return { type: 'object', status: 200, object: await updateObject(scope, { options, replaces: false, transform }) };
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
function reportPatchProblems(scope: PatchScope, options: WriteOptions, problems: readonly WireProblem[]): void {
  const texts = problems.map((problem) => `duplicate field "${problem.path}"`);
  const { fieldValidation } = options;
  const refuse = (all: readonly string[]) => invalidPatch(scope, strictDecodingText(all));
  reportProblems({ fieldValidation, warnings: scope.warnings, refuse }, texts);
}

function invalidPatch(scope: PatchScope, why: string) {
  const error: FieldError = invalidField('patch', undefined, why);
  return invalid(scope.resource.definition, scope.info.name, [error]);
}

/** What a patch is about, beside the request: the object of its resource, or a Scale of it. */
type PatchScope = Pick<RequestScope, 'server' | 'info' | 'resource' | 'warnings'>;

/**
 * What a patch makes of an object of the resource, conformed to its schema.
 * @throws ApiError Invalid when the document itself is refused; so does what is returned, which throws BadRequest and
 *   RequestEntityTooLarge as well
 */
export function patchTransform(
  scope: PatchScope,
  options: WriteOptions,
  kind: Exclude<PatchKind, 'apply'>,
  { value: patch, problems }: DecodedDocument,
): (live: JsonObject) => JsonObject {
  reportPatchProblems(scope, options, problems);
  return (live) => {
    const patched = runPatch(scope, kind, live, patch);
    if (!isJsonObject(patched)) throw invalidPatch(scope, 'the result is not an object');
    return conformPatched(scope, options, withoutLiveVersion(patched, live, patch, kind));
  };
}

/** @throws ApiError BadRequest, Invalid, RequestEntityTooLarge */
function runPatch(scope: PatchScope, kind: Exclude<PatchKind, 'apply'>, live: JsonObject, patch: JsonValue): JsonValue {
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
 * A patch that does not name a resourceVersion is no precondition, so that a race is tried again; one that names it is,
 * and one that takes it away asks for whatever state there is. The live value, carried through, says none of it. KA-66
 */
function withoutLiveVersion(patched: JsonObject, live: JsonObject, patch: JsonValue, kind: PatchKind): JsonObject {
  const names = kind === 'json' || !isJsonObject(patch) ? undefined : valueAt(patch, 'metadata', 'resourceVersion');
  const known = valueAt(live, 'metadata', 'resourceVersion');
  if (!isJsonObject(patched.metadata) || known === undefined) return patched;
  const { resourceVersion, ...metadata } = patched.metadata;
  if (resourceVersion === undefined || resourceVersion === null || resourceVersion === '') {
    return { ...patched, metadata: { ...metadata, resourceVersion: anyVersion } };
  }
  if (names !== undefined || resourceVersion !== known) return patched;
  return { ...patched, metadata };
}

/** The result is an object like any other: its type, name and fields are checked. KA-70 */
function conformPatched(scope: PatchScope, options: WriteOptions, patched: JsonObject): JsonObject {
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
