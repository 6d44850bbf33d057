import { apiVersionOf, badRequest, type KubeList, type KubeObject, type Stored } from '@quarterdeck/apis';
import { systemClock } from '../runtime/clock.ts';
import { encodeJson } from '../wire/json.ts';
import { isJsonObject, type JsonValue } from '../wire/value.ts';
import type {
  CallOptions,
  Client,
  DeleteOptions,
  FieldValidation,
  ListOptions,
  PatchType,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from './client.ts';
import { createExchange, type Exchange, type HttpRequest } from './http-exchange.ts';
import { ClientConfigError, type HttpClientOptions, parseBaseUrl } from './http-options.ts';
import { collectionPath, objectPath, type Query, requiredNamespace } from './http-paths.ts';
import { createTransport } from './transport.ts';
import { decodeWatchEvent, LineSplitter } from './watch-decoder.ts';

/** A {@link Client} over HTTP. Close it: its connections keep the process alive while requests are under way. */
export interface HttpClient extends Client, AsyncDisposable {
  /** Ends watches and calls under way with an error, and closes all connections. */
  close(): Promise<void>;
}

const patchTypes: Readonly<Record<PatchType, string>> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
};

/**
 * A client of any Kubernetes API server. HTTP/2 where the server offers it, else HTTP/1.1 (docs/adr/0005); repeats what
 * the server asks to repeat; never follows redirects (SEC-15); every failure is an ApiError.
 * @throws ClientConfigError when the options cannot be used
 */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const { insecure = false, tls } = options;
  const url = parseBaseUrl(options.baseUrl, insecure);
  if (options.proxy !== undefined && url.protocol !== 'https:') {
    throw new ClientConfigError('a proxy is only used for https servers');
  }
  const clock = options.clock ?? systemClock;
  const transport = createTransport({
    url,
    tls: typeof tls === 'function' ? tls : () => tls,
    verify: !insecure,
    proxy: options.proxy,
    connectTimeoutMs: options.connectTimeoutMs ?? 10_000,
    http2: options.http2 ?? true,
    clock,
  });
  const exchange = createExchange({ ...options, url, transport, clock, timeoutMs: options.timeoutMs ?? 60_000 });
  const close = () => transport.destroy();
  return { ...clientOf(exchange, options.fieldValidation ?? 'Strict'), close, [Symbol.asyncDispose]: close };
}

function clientOf(exchange: Exchange, validation: FieldValidation): Client {
  const callForObject = async <T extends KubeObject>(request: HttpRequest): Promise<Stored<T>> =>
    (await exchange.call(request)) as Stored<T>;

  return {
    get: (type, ref, options = {}) =>
      callForObject({
        method: 'GET',
        path: objectPath(type, ref, options.subresource),
        query: { resourceVersion: options.resourceVersion },
        signal: options.signal,
      }),

    async list<T extends KubeObject>(type: Parameters<Client['list']>[0], options: ListOptions = {}) {
      const list = (await exchange.call({
        method: 'GET',
        path: collectionPath(type, options.namespace),
        query: listQuery(options),
        signal: options.signal,
      })) as KubeList<Stored<T>>;
      return withTypedItems(list, apiVersionOf(type), type.kind);
    },

    watch: (type, options = {}) => watchEvents(exchange, collectionPath(type, options.namespace), options),

    create: (type, object, options = {}) =>
      callForObject({
        method: 'POST',
        path:
          options.subresource === undefined
            ? collectionPath(type, requiredNamespace(type, object.metadata.namespace))
            : objectPath(type, object.metadata, options.subresource),
        query: writeQuery(options, validation),
        body: jsonBody(object),
        signal: options.signal,
      }),

    update: (type, object, options = {}) =>
      callForObject({
        method: 'PUT',
        path: objectPath(type, object.metadata, options.subresource),
        query: writeQuery(options, validation),
        body: jsonBody(object),
        signal: options.signal,
      }),

    patch: (type, ref, patch, options = {}) =>
      callForObject({
        method: 'PATCH',
        path: objectPath(type, ref, options.subresource),
        query: writeQuery(options, validation),
        body: { type: patchTypes[patch.type], text: encodeJson(patch.body as JsonValue) },
        signal: options.signal,
      }),

    apply: (type, object, options) =>
      callForObject({
        method: 'PATCH',
        path: objectPath(type, object.metadata, options.subresource),
        query: { ...writeQuery(options, validation), force: options.force === true ? true : undefined },
        body: { type: 'application/apply-patch+yaml', text: jsonAsYaml(encodeJson(object as JsonValue)) },
        signal: options.signal,
      }),

    async delete<T extends KubeObject>(
      type: Parameters<Client['delete']>[0],
      ref: Parameters<Client['delete']>[1],
      options: DeleteOptions = {},
    ) {
      const answer = await exchange.call({
        method: 'DELETE',
        path: objectPath(type, ref),
        query: {},
        body: jsonBody(deleteOptions(options)),
        signal: options.signal,
      });
      return isWaiting(answer) ? (answer as unknown as Stored<T>) : undefined;
    },

    async deleteCollection(type, options = {}) {
      await exchange.call({
        method: 'DELETE',
        path: collectionPath(type, requiredNamespace(type, options.namespace)),
        query: { labelSelector: options.labelSelector, fieldSelector: options.fieldSelector },
        body: jsonBody(deleteOptions(options)),
        signal: options.signal,
      });
    },

    getRaw(path: string, options: CallOptions = {}) {
      if (!path.startsWith('/')) return Promise.reject(badRequest(`"${path}" is not an absolute path`));
      return exchange.call({ method: 'GET', path, query: {}, signal: options.signal });
    },
  };
}

/** One watch stream, decoded. The HTTP answer is given up when the consumer stops early. */
async function* watchEvents<T extends KubeObject>(
  exchange: Exchange,
  path: string,
  options: WatchOptions,
): AsyncGenerator<WatchEvent<T>> {
  const query: Query = {
    watch: true,
    labelSelector: options.labelSelector,
    fieldSelector: options.fieldSelector,
    resourceVersion: options.resourceVersion,
    resourceVersionMatch: options.resourceVersionMatch,
    sendInitialEvents: options.sendInitialEvents,
    allowWatchBookmarks: options.allowWatchBookmarks,
    timeoutSeconds: options.timeoutSeconds,
  };
  const lines = new LineSplitter();
  for await (const chunk of exchange.stream({ method: 'GET', path, query, signal: options.signal })) {
    for (const line of lines.push(chunk)) yield decodeWatchEvent<T>(line);
  }
  if (lines.pendingBytes > 0) throw exchange.cutOff(path);
}

function listQuery(options: ListOptions): Query {
  const { labelSelector, fieldSelector, limit, resourceVersion, resourceVersionMatch } = options;
  return { labelSelector, fieldSelector, limit, continue: options.continue, resourceVersion, resourceVersionMatch };
}

function writeQuery(options: WriteOptions, validation: FieldValidation): Query {
  return {
    fieldManager: options.fieldManager,
    fieldValidation: options.fieldValidation ?? validation,
    dryRun: options.dryRun === true ? 'All' : undefined,
  };
}

function deleteOptions(options: DeleteOptions): object {
  return {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    propagationPolicy: options.propagationPolicy ?? 'Background',
    preconditions: options.preconditions,
    gracePeriodSeconds: options.gracePeriodSeconds,
    dryRun: options.dryRun === true ? ['All'] : undefined,
  };
}

/**
 * What Kubernetes reads an apply as is YAML, where characters that stand for themselves in JSON are refused (DEL, C1 controls,
 * noncharacters) or are line breaks (NEL, LS, PS), which become a space: they go by their number.
 */
const jsonAsYaml = (text: string): string =>
  text.replace(
    /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

const jsonBody = (value: object) => ({ type: 'application/json', text: encodeJson(value as JsonValue) });

/** The answer to a delete is a Status when the object is gone; some kinds are shown once more all the same. KA-57 */
function isWaiting(answer: unknown): boolean {
  return isJsonObject(answer) && isJsonObject(answer.metadata) && answer.metadata.deletionTimestamp !== undefined;
}

/** Built-in kinds may leave apiVersion and kind out of list items (KA-80); ours always have them. */
function withTypedItems<T extends KubeObject>(list: KubeList<T>, apiVersion: string, kind: string): KubeList<T> {
  const items = list.items ?? [];
  return {
    ...list,
    items: items.map((item) => (item.kind === undefined ? { ...item, apiVersion, kind } : item)),
  };
}
