import {
  ApiError,
  apiVersionOf,
  type KubeList,
  type KubeObject,
  type ResourceType,
  type Status,
  type Stored,
} from '@quarterdeck/apis';
import {
  type Client,
  encodeJson,
  type GetOptions,
  type JsonObject,
  type JsonValue,
  type ListOptions,
  type ObjectRef,
  type PatchType,
  parseJson,
  type WatchEvent,
  type WatchOptions,
  type WriteOptions,
} from '@quarterdeck/machinery';
import type { UserInfo } from '../authn/authenticator.ts';
import { patchTypes } from '../pipeline/handlers/patch.ts';
import type { ApiResponse, Pipeline } from '../pipeline/http-message.ts';
import { collectBody, emptyBody, once } from './body.ts';
import { deepFreeze } from './freeze.ts';
import { deleteBody, listQuery, watchQuery, writeQuery } from './options.ts';
import { pathOf } from './path.ts';
import { readWatchEvents } from './watch-events.ts';

/**
 * The Client of code in the same process: no socket, no TLS, and otherwise a request like any other. It is authorised,
 * admitted and recorded in managedFields as its user; what it returns is frozen.
 */
export function createInProcessClient(pipeline: Pipeline, user: UserInfo): Client {
  const send = (method: string, path: string, query: URLSearchParams, options: SendOptions): Promise<ApiResponse> =>
    pipeline({
      method,
      path,
      query,
      headers: {
        accept: 'application/json',
        'user-agent': 'quarterdeck',
        ...(options.contentType === undefined ? {} : { 'content-type': options.contentType }),
      },
      headerLists: {},
      body: options.body === undefined ? emptyBody : once(options.body),
      peer: { type: 'internal', user },
      signal: options.signal ?? never,
    });

  const ask = async <T>(method: string, path: string, query: URLSearchParams, options: SendOptions): Promise<T> => {
    const response = await send(method, path, query, options);
    options.signal?.throwIfAborted();
    return decodeResponse(response) as Promise<T>;
  };

  return {
    get<T extends KubeObject>(type: ResourceType<T>, ref: ObjectRef, options: GetOptions = {}) {
      const query = new URLSearchParams();
      if (options.resourceVersion !== undefined) query.set('resourceVersion', options.resourceVersion);
      return ask<Stored<T>>('GET', pathOf(type, ref, options.subresource), query, options);
    },

    async list<T extends KubeObject>(type: ResourceType<T>, options: ListOptions = {}) {
      const path = pathOf(type, placeOf(options));
      return withTypedItems(type, await ask<KubeList<Stored<T>>>('GET', path, listQuery(options), options));
    },

    async *watch<T extends KubeObject>(
      type: ResourceType<T>,
      options: WatchOptions = {},
    ): AsyncGenerator<WatchEvent<T>> {
      const response = await send('GET', pathOf(type, placeOf(options)), watchQuery(options), options);
      options.signal?.throwIfAborted();
      if (response.status !== 200 || response.body instanceof Uint8Array) {
        await decodeResponse(response);
        return;
      }
      yield* readWatchEvents<T>(response.body);
      options.signal?.throwIfAborted();
    },

    create<T extends KubeObject>(type: ResourceType<T>, object: T, options: WriteOptions = {}) {
      const ref = {
        ...placeOf(object.metadata),
        ...(options.subresource === undefined ? {} : { name: nameOf(object) }),
      };
      return ask<Stored<T>>('POST', pathOf(type, ref, options.subresource), writeQuery(options), json(object, options));
    },

    update<T extends KubeObject>(type: ResourceType<T>, object: T, options: WriteOptions = {}) {
      const ref = { ...placeOf(object.metadata), name: nameOf(object) };
      return ask<Stored<T>>('PUT', pathOf(type, ref, options.subresource), writeQuery(options), json(object, options));
    },

    patch<T extends KubeObject>(
      type: ResourceType<T>,
      ref: ObjectRef,
      patch: { type: PatchType; body: unknown },
      options: WriteOptions = {},
    ) {
      const body = { ...options, body: encodeJson(patch.body as JsonValue), contentType: patchTypes[patch.type] };
      return ask<Stored<T>>('PATCH', pathOf(type, ref, options.subresource), writeQuery(options), body);
    },

    apply<T extends KubeObject>(
      type: ResourceType<T>,
      object: KubeObject,
      options: WriteOptions & { force?: boolean },
    ) {
      const ref = { ...placeOf(object.metadata), name: nameOf(object) };
      const query = writeQuery(options);
      if (options.force === true) query.set('force', 'true');
      const body = { ...json(object, options), contentType: patchTypes.apply };
      return ask<Stored<T>>('PATCH', pathOf(type, ref, options.subresource), query, body);
    },

    async delete<T extends KubeObject>(type: ResourceType<T>, ref: ObjectRef, options = {}) {
      const body = { ...options, body: encodeJson(deleteBody(options)), contentType: 'application/json' };
      const answer = await ask<KubeObject>('DELETE', pathOf(type, ref), new URLSearchParams(), body);
      const gone = answer.kind === 'Status' || answer.metadata.deletionTimestamp === undefined;
      return gone ? undefined : (answer as Stored<T>);
    },

    async deleteCollection(type, options = {}) {
      const body = { ...options, body: encodeJson(deleteBody(options)), contentType: 'application/json' };
      await ask('DELETE', pathOf(type, placeOf(options)), listQuery(options), body);
    },

    async getRaw(path, options = {}) {
      const [pathname = '', search = ''] = path.split('?', 2);
      return ask('GET', pathname, new URLSearchParams(search), options);
    },
  };
}

/** Lists of built-in kinds say the type of their items once; here each item says it too, as the Client promises. KA-80 */
function withTypedItems<T extends KubeObject>(type: ResourceType<KubeObject>, list: KubeList<T>): KubeList<T> {
  const { kind } = type;
  const apiVersion = apiVersionOf(type);
  const typed = (item: T): T => (item.kind === undefined ? Object.freeze({ ...item, apiVersion, kind }) : item);
  return Object.freeze({ ...list, items: Object.freeze(list.items.map(typed)) as T[] });
}

interface SendOptions {
  readonly signal?: AbortSignal;
  readonly body?: string;
  readonly contentType?: string;
}

const never = new AbortController().signal;

function placeOf({ namespace }: { namespace?: string }): { namespace?: string } {
  return namespace === undefined ? {} : { namespace };
}

function nameOf(object: KubeObject): string {
  return object.metadata.name ?? '';
}

function json(object: KubeObject, { signal }: WriteOptions): SendOptions {
  const body = encodeJson(object as unknown as JsonObject);
  return { body, contentType: 'application/json', ...(signal === undefined ? {} : { signal }) };
}

/** @throws ApiError with the Status that the server answered */
async function decodeResponse(response: ApiResponse): Promise<unknown> {
  const text = Buffer.from(await collectBody(response.body)).toString('utf8');
  const type = String(response.headers['content-type'] ?? '');
  const value = type.startsWith('application/json') ? parseJson(text) : text;
  if (response.status >= 400) throw new ApiError(value as unknown as Status);
  return deepFreeze(value);
}
