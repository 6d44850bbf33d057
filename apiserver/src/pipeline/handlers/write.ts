import { badRequest, ignoreNotFound, notFound } from '@quarterdeck/apis';
import type { JsonObject } from '@quarterdeck/machinery';
import { stringAt, valueAt } from '../../registry/fields.ts';
import { bodyEncodings, decodeBody } from '../decode-object.ts';
import { readDeleteOptions } from '../delete-options.ts';
import { agreeOnName } from '../names.ts';
import { checkCustomType, checkTypeMeta, conformRequest, withTypeMeta } from '../schema-pass.ts';
import type { Answer, RequestScope } from '../scope.ts';
import { createObject } from '../write/create.ts';
import { type Deletion, deleteObject } from '../write/delete.ts';
import { anyVersion, updateObject } from '../write/update.ts';
import { parseWriteOptions, type WriteOptions } from '../write-options.ts';
import { actionContext } from './action-context.ts';
import { handleList } from './read.ts';
import { createOrUpdate } from './upsert.ts';

/**
 * The request's body as an object of the resource: decoded, its type checked, conformed to the schema.
 * @throws ApiError BadRequest, UnsupportedMediaType
 */
export async function readConformed(
  scope: Pick<RequestScope, 'server' | 'request' | 'resource' | 'warnings'>,
  options: WriteOptions,
): Promise<JsonObject> {
  const { definition, version } = scope.resource;
  const decoded = await decodeBody(scope.request, bodyEncodings(scope.resource), scope.server);
  if (decoded === undefined) throw badRequest('the body of the request is empty: it must hold an object');
  const type = { group: definition.group, version: version.name, kind: definition.kind };
  const object = definition.origin === 'builtin' ? withTypeMeta(decoded.value, type) : decoded.value;
  if (definition.origin === 'custom') checkCustomType(object, type);
  else checkTypeMeta(object, type);
  const { fieldValidation } = options;
  return conformRequest(object, {
    resource: scope.resource,
    fieldValidation,
    warnings: scope.warnings,
    problems: decoded.problems,
    tables: scope.server.protobufTables,
  });
}

/** KA-53; for kinds that are only asked, their answer. KA-131 */
export async function handleCreate(scope: RequestScope): Promise<Answer> {
  const options = parseWriteOptions(scope.request, 'CreateOptions');
  const { answer } = scope.resource.definition.strategy;
  const conformed = await readConformed(scope, options);
  if (answer !== undefined) {
    const context = { ...actionContext(scope, options.dryRun), name: '' };
    return { type: 'document', status: 201, value: await answer(conformed, context) };
  }
  const object = agreeOnName(scope, conformed);
  if (![undefined, '', anyVersion].includes(valueAt(object, 'metadata', 'resourceVersion') as string | undefined)) {
    throw badRequest('resourceVersion should not be set on objects to be created');
  }
  return { type: 'object', status: 201, object: await createObject(scope, { object, options }) };
}

/** KA-55 */
export async function handleUpdate(scope: RequestScope): Promise<Answer> {
  const options = parseWriteOptions(scope.request, 'UpdateOptions');
  const object = agreeOnName(scope, await readConformed(scope, options));
  const { definition } = scope.resource;
  const update = () => updateObject(scope, { options, replaces: true, transform: () => object });
  if (!definition.strategy.allowCreateOnUpdate || scope.info.subresource !== '') {
    return { type: 'object', status: 200, object: await update() };
  }
  const create = async () => {
    if (stringAt(object, 'metadata', 'uid') !== '') throw notFound(definition, scope.info.name);
    return await createObject(scope, { object, options });
  };
  return await createOrUpdate(scope, { create, update });
}

/** KA-57 */
export async function handleDelete(scope: RequestScope): Promise<Answer> {
  const options = await readDeleteOptions(scope);
  const deletion = await deleteObject(scope, scope.info.name, options);
  return deletionAnswer(scope, deletion);
}

function deletionAnswer(scope: RequestScope, { outcome, object }: Deletion): Answer {
  const { definition } = scope.resource;
  if (outcome === 'waiting' || (definition.strategy.deleteReturnsObject ?? false) !== false) {
    return { type: 'object', status: 200, object };
  }
  const value: JsonObject = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: {
      name: object.name,
      ...(definition.group === '' ? {} : { group: definition.group }),
      kind: definition.plural,
      uid: stringAt(object.value(), 'metadata', 'uid'),
    },
  };
  return { type: 'document', status: 200, value };
}

/** One by one, with admission each; what is gone meanwhile is fine. Answers with the items as they were. KA-59 */
export async function handleDeleteCollection(scope: RequestScope): Promise<Answer> {
  const options = await readDeleteOptions(scope);
  const list = await handleList(scope);
  const deleted = [];
  for (const item of list.items) {
    const within = { ...scope, info: { ...scope.info, namespace: item.namespace, name: item.name } };
    const deletion = await ignoreNotFound(deleteObject(within, item.name, options));
    if (deletion !== undefined) deleted.push(item);
  }
  return { ...list, items: deleted };
}
