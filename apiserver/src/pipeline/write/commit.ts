import { apiError, apiVersionOf, notFound, StatusReason } from '@quarterdeck/apis';
import { encodeJson, type JsonObject, parseJson } from '@quarterdeck/machinery';
import { objectBody, objectHeader, versionedBody } from '../../cache/body.ts';
import type { Entry } from '../../cache/store.ts';
import { stringAt, valueAt, withValue } from '../../registry/fields.ts';
import type { Revision, StorageKey, Transaction, WriteOperation } from '../../storage/storage.ts';
import { convertObject, isConvertedByWebhook } from '../convert.ts';
import type { RequestScope } from '../scope.ts';
import { formOf, markCurrent, type ServedObject, servedValue } from '../served.ts';

/** Bytes of one stored object. KA-63 */
const maxObjectBytes = 1.5 * 1024 * 1024;

/** What is stored, and what a reader of the request's version will see of it. */
export interface StoredBody {
  readonly body: string;
  readonly object: JsonObject;
}

/**
 * The bytes to store for an object; one that is too large is tried once more without managedFields. A promise where a
 * webhook converts to the version that is stored.
 * @throws ApiError RequestEntityTooLarge; InternalError of a webhook
 */
export function storedBody(scope: RequestScope, object: JsonObject): StoredBody | Promise<StoredBody> {
  const { definition, version } = scope.resource;
  const isConverted = isConvertedByWebhook(scope.resource) && version.name !== definition.storageVersion;
  return isConverted ? convertedBody(scope, object) : fitting(object, (each) => bodyOf(scope, each));
}

/** There and back: what a webhook cannot show again is not stored. KA-106b */
async function convertedBody(scope: RequestScope, object: JsonObject): Promise<StoredBody> {
  const { definition, version } = scope.resource;
  const stored = await convertObject(scope, object, definition.storageVersion);
  const { body, object: kept } = fitting(stored, (each) => bodyOf(scope, each));
  return { body, object: await convertObject(scope, kept, version.name) };
}

function fitting(object: JsonObject, encode: (object: JsonObject) => string): StoredBody {
  const body = encode(object);
  if (Buffer.byteLength(body) <= maxObjectBytes) return { body, object };
  const smaller = withValue(object, ['metadata', 'managedFields'], undefined);
  const smallerBody = encode(smaller);
  if (Buffer.byteLength(smallerBody) <= maxObjectBytes) return { body: smallerBody, object: smaller };
  throw apiError(StatusReason.RequestEntityTooLarge, `the object is larger than ${maxObjectBytes} bytes`);
}

function bodyOf({ resource }: RequestScope, object: JsonObject): string {
  const { group, storageVersion, conversion } = resource.definition;
  if (conversion !== undefined) return versionedBody(object, apiVersionOf({ group, version: storageVersion }));
  return objectBody(formOf(resource)?.toStored(object) ?? object);
}

/**
 * Writes one operation, and what must be stored with it; resolves with the operation's revision.
 * @throws ExpectationFailedError
 */
export async function commit(
  scope: RequestScope,
  operation: WriteOperation,
  { also = [], ...rest }: Omit<Transaction, 'operations'> & { readonly also?: readonly WriteOperation[] } = {},
): Promise<Revision> {
  const { store } = scope.server;
  const transaction = { ...rest, operations: [operation, ...also] };
  const { revisions } = await store.write(transaction, scope.signal, (entry) => markCurrent(scope.resource, entry));
  return revisions[0] as Revision;
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
  if (revision === undefined || formOf(scope.resource) !== undefined || definition.conversion !== undefined) {
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
