import { apiError, apiVersionOf, badRequest, StatusReason } from '@quarterdeck/apis';
import {
  applyConfiguration,
  applyConflictMessage,
  equalValues,
  type FieldConflict,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  SmdError,
  type WireProblem,
} from '@quarterdeck/machinery';
import { objectAt, stringAt, valueAt } from '../../registry/fields.ts';
import { isConvertedByWebhook } from '../convert.ts';
import { agreeOnName } from '../names.ts';
import { conformRequest, pruneRequest, reportProblems } from '../schema-pass.ts';
import type { Answer, RequestScope } from '../scope.ts';
import { blankOf } from '../write/blank.ts';
import { createObject } from '../write/create.ts';
import { versionsOf } from '../write/kind-versions.ts';
import { timeText } from '../write/system-fields.ts';
import { resetPathsOf } from '../write/tracking.ts';
import { uidOfMissing, updateObject } from '../write/update.ts';
import type { WriteOptions } from '../write-options.ts';
import { doubledKeys, refuseDoubledKeys, undeclaredFields, untypedConfiguration } from './apply-problems.ts';
import { createOrUpdate } from './upsert.ts';

/** A document as it was decoded, with what the decoder saw. */
export interface DecodedDocument {
  readonly value: JsonValue;
  readonly problems: readonly WireProblem[];
}

/** Server-side apply. KA-71, KA-76 */
export async function handleApply(
  scope: RequestScope,
  options: WriteOptions,
  document: DecodedDocument,
): Promise<Answer> {
  const config = readConfiguration(scope, options, document);
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

/**
 * The configuration in a document, as it was written: of the type of the resource, and nothing in it that the schema does
 * not know. The name may be left to the object that is there. KA-61d, KA-71
 * @throws ApiError BadRequest
 */
export function readConfiguration(
  scope: Pick<RequestScope, 'server' | 'resource' | 'warnings'>,
  options: WriteOptions,
  { value, problems }: DecodedDocument,
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
  return pruneRequest(value, {
    resource,
    fieldValidation: 'Strict',
    warnings,
    problems: [],
    tables: scope.server.protobufTables,
    asWritten: true,
    refuse: (_texts, unknown) => undeclaredFields(resource, value, unknown),
  });
}

/** An apply says what is wrong with its type in words of its own. KA-71 */
function checkAppliedType(object: JsonObject, expected: { group: string; version: string; kind: string }): void {
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
    blank: blankOf(scope.resource, scope.server.protobufTables),
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
