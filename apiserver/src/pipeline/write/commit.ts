import { apiError, apiVersionOf, notFound, StatusReason } from '@quarterdeck/apis';
import { encodeJson, type JsonObject, parseJson } from '@quarterdeck/machinery';
import { objectBody, objectHeader } from '../../cache/body.ts';
import type { Entry } from '../../cache/store.ts';
import { stringAt, valueAt, withValue } from '../../registry/fields.ts';
import type { Revision, StorageKey, Transaction, WriteOperation } from '../../storage/storage.ts';
import type { RequestScope } from '../scope.ts';
import { formOf, markCurrent, type ServedObject, servedValue } from '../served.ts';

/** Bytes of one stored object. KA-63 */
const maxObjectBytes = 1.5 * 1024 * 1024;

/**
 * The bytes to store for an object; one that is too large is tried once more without managedFields.
 * @throws ApiError RequestEntityTooLarge
 */
export function storedBody(scope: RequestScope, object: JsonObject): { body: string; object: JsonObject } {
  const body = bodyOf(scope, object);
  if (Buffer.byteLength(body) <= maxObjectBytes) return { body, object };
  const smaller = withValue(object, ['metadata', 'managedFields'], undefined);
  const smallerBody = bodyOf(scope, smaller);
  if (Buffer.byteLength(smallerBody) <= maxObjectBytes) return { body: smallerBody, object: smaller };
  throw apiError(StatusReason.RequestEntityTooLarge, `the object is larger than ${maxObjectBytes} bytes`);
}

function bodyOf(scope: RequestScope, object: JsonObject): string {
  return objectBody(formOf(scope.resource)?.toStored(object) ?? object);
}

/**
 * Writes one operation, and what must be stored with it; resolves with the operation's revision.
 * @throws ExpectationFailedError
 */
export async function commit(
  scope: RequestScope,
  operation: WriteOperation,
  { guards = [], also = [] }: { guards?: Transaction['guards']; also?: readonly WriteOperation[] } = {},
): Promise<Revision> {
  const { store } = scope.server;
  const { revisions } = await store.write({ operations: [operation, ...also], guards }, scope.signal);
  const revision = revisions[0] as Revision;
  const entry = store.get(operation.key);
  if (operation.type === 'put' && entry?.revision === revision) markCurrent(scope.resource, entry);
  return revision;
}

/** The answer of a write: what was stored, at its revision; none on a dry run of a create. KA-60 */
export function written(
  scope: RequestScope,
  object: JsonObject,
  body: string,
  revision: Revision | undefined,
): ServedObject {
  const { definition, version } = scope.resource;
  const apiVersion = apiVersionOf({ group: definition.group, version: version.name });
  if (revision === undefined || formOf(scope.resource) !== undefined) {
    return servedValue({
      ...object,
      apiVersion,
      kind: definition.kind,
      metadata: {
        ...(object.metadata as JsonObject),
        ...(revision === undefined ? {} : { resourceVersion: String(revision) }),
      },
    });
  }
  const header = objectHeader(apiVersion, definition.kind, revision);
  return {
    namespace: stringAt(object, 'metadata', 'namespace'),
    name: stringAt(object, 'metadata', 'name'),
    json: () => [header, Buffer.from(body, 'utf8')],
    value: () => parseJson(header + body) as JsonObject,
  };
}

/**
 * The namespace that a create happens in: there, and not on its way out; the guard keeps it so until the commit. KA-110
 * @returns undefined for cluster-scoped kinds
 * @throws ApiError NotFound, Forbidden
 */
export function namespaceGuard(scope: RequestScope, name: string): { key: StorageKey; expect: Revision } | undefined {
  if (scope.resource.definition.scope === 'Cluster') return undefined;
  const { namespace } = scope.info;
  const key: StorageKey = { resource: 'namespaces', namespace: '', name: namespace };
  const entry = scope.server.store.get(key);
  if (entry === undefined) throw notFound({ group: '', plural: 'namespaces' }, namespace);
  if (!isTerminating(entry)) return { key, expect: entry.revision };
  const { definition } = scope.resource;
  const qualified = definition.group === '' ? definition.plural : `${definition.plural}.${definition.group}`;
  const message = `namespace ${namespace} is being terminated`;
  throw apiError(
    StatusReason.Forbidden,
    `${qualified} ${encodeJson(name)} is forbidden: unable to create new content in namespace ${namespace} because it is being terminated`,
    {
      name,
      ...(definition.group === '' ? {} : { group: definition.group }),
      kind: definition.plural,
      causes: [{ reason: 'NamespaceTerminating', message, field: 'metadata.namespace' }],
    },
  );
}

/** Decodes only when the bytes may hold the field: this runs for every create in a namespace. */
function isTerminating(entry: Entry): boolean {
  if (!entry.body.includes('"deletionTimestamp"')) return false;
  const namespace = parseJson(objectHeader('v1', 'Namespace', entry.revision) + entry.body.toString('utf8'));
  return valueAt(namespace as JsonObject, 'metadata', 'deletionTimestamp') !== undefined;
}
