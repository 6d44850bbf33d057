import {
  ApiError,
  isExpired,
  isNotFound,
  type KubeList,
  type KubeObject,
  type ResourceType,
  type Stored,
} from '@quarterdeck/apis';
import { type Clock, systemClock } from '../runtime/clock.ts';
import { failureFields } from '../runtime/failure-fields.ts';
import { type Logger, silentLogger } from '../runtime/logger.ts';
import { objectKey } from '../runtime/object-key.ts';
import type { ObjectKey } from '../runtime/reconcile.ts';
import type { Reader, WatchEvent, WatchOptions } from './client.ts';
import { deepFreeze } from './deep-freeze.ts';
import { type Indexer, InformerCache, type InformerChange } from './informer-cache.ts';
import {
  type InformerCommand,
  type InformerFailure,
  type InformerInput,
  type InformerState,
  initialState,
  transition,
} from './informer-state.ts';

export interface InformerOptions<T extends KubeObject> {
  /** Absent: all namespaces. */
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  /** Named indexes for {@link Informer.byIndex}. */
  index?: Readonly<Record<string, Indexer<T>>>;
  /**
   * Default false: its objects have no managedFields, which are half of what many take in memory, and which a server keeps
   * when an update does not name them.
   */
  keepManagedFields?: boolean;
  /** Load by WatchList, falling back to list and watch when the server refuses. Default true. KA-90 */
  watchList?: boolean;
  /** Default: silent. */
  logger?: Logger;
  clock?: Clock;
  /** Waits before a failed request is tried again, ms; may end sooner. Default: the clock's sleep. @throws the signal's reason */
  pause?: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Spreads pauses and watch times; default Math.random. */
  random?: () => number;
}

export type InformerHandler<T extends KubeObject> = (change: InformerChange<T>) => void;

/**
 * A live copy of a server's objects of one kind. It loads them, follows their changes, and comes back by itself after
 * anything: closed and broken streams, restarts, compaction (410), a server restored to the past (RG-10). Errors never
 * withdraw an object: only the server's word does, as an event or by its absence from a complete load.
 */
export interface Informer<T extends KubeObject> {
  readonly type: ResourceType<T>;
  /** Runs until the signal aborts. Call once; never rejects. */
  start(signal: AbortSignal): Promise<void>;
  /** Resolves when the first load is complete; rejects with the signal's reason when stopped before. */
  readonly synced: Promise<void>;
  hasSynced(): boolean;
  /** How often everything was loaded: each time anew, what is known may be of another history of the server. RG-10 */
  loads(): number;
  /** Frozen; undefined when not there. `key` as in queues: `namespace/name` or `name`. */
  get(key: ObjectKey): Stored<T> | undefined;
  /** All, frozen, in no particular order. */
  list(): Stored<T>[];
  /** Those that the named index puts under `value`. @throws RangeError for an unknown index */
  byIndex(name: string, value: string): Stored<T>[];
  /**
   * Calls back for each change, after the cache has it; first, at once, with `added` for all that is known already.
   * Returns how to unsubscribe. A handler that throws is logged and does not hinder others.
   */
  subscribe(handler: InformerHandler<T>): () => void;
  /** What it is doing now, for health checks. */
  state(): InformerState['name'];
}

const pageSize = 1000;
/** Watches end after 5 to 10 minutes, so that connections spread over replicas again. */
const minWatchSeconds = 300;
/** An empty stream that ends sooner than this is a server in trouble. */
const minProductiveMs = 1000;

/** A kind that a server does not have yet may be installed this moment: so often it is asked for, some seconds, before that is news. */
const patience = 4;

export function createInformer<T extends KubeObject>(
  client: Reader,
  type: ResourceType<T>,
  options: InformerOptions<T> = {},
): Informer<T> {
  const { logger = silentLogger, clock = systemClock, random = Math.random } = options;
  const pause = options.pause ?? ((ms: number, signal: AbortSignal) => clock.sleep(ms, signal));
  const scope = {
    ...(options.namespace === undefined ? {} : { namespace: options.namespace }),
    ...(options.labelSelector === undefined ? {} : { labelSelector: options.labelSelector }),
    ...(options.fieldSelector === undefined ? {} : { fieldSelector: options.fieldSelector }),
  };
  const kept: Kept<T> = options.keepManagedFields === true ? deepFreeze : withoutManagedFields;
  const cache = new InformerCache<T>(options.index);
  const handlers = new Set<InformerHandler<T>>();
  const synced = Promise.withResolvers<void>();
  // Whoever awaits it sees the rejection; nobody has to.
  synced.promise.catch(() => undefined);
  let isSynced = false;
  let loads = 0;
  let state = initialState(options.watchList ?? true);

  function step(input: InformerInput): InformerCommand | undefined {
    const next = transition(state, input, random());
    if (next.state.name !== state.name)
      logger.debug({ kind: type.kind, from: state.name, to: next.state.name }, 'informer state');
    state = next.state;
    return next.command;
  }

  function notify(change: InformerChange<T> | undefined): void {
    if (change === undefined) return;
    for (const handler of [...handlers]) call(handler, change);
  }

  function call(handler: InformerHandler<T>, change: InformerChange<T>): void {
    try {
      handler(change);
    } catch (error) {
      logger.error({ err: error, kind: type.kind, key: change.key }, 'informer handler failed');
    }
  }

  function replaceAll(objects: ReadonlyMap<ObjectKey, Stored<T>>): void {
    loads++;
    for (const change of cache.replace(objects)) notify(change);
  }

  function markSynced(): void {
    if (isSynced) return;
    isSynced = true;
    synced.resolve();
  }

  async function perform(command: InformerCommand, signal: AbortSignal): Promise<InformerCommand | undefined> {
    try {
      switch (command.type) {
        case 'list':
          return await list(signal);
        case 'stream':
          return await follow({ resourceVersionMatch: 'NotOlderThan', sendInitialEvents: true }, signal);
        case 'watch':
          return await follow({ resourceVersion: command.resourceVersion }, signal);
        case 'wait':
          await pause(command.ms, signal);
          return step({ type: 'elapsed' });
      }
    } catch (error) {
      if (signal.aborted) return undefined;
      const failure = classify(error);
      const isSoonServed = isNotFound(error) && state.failures < patience;
      const level = failure === 'other' && !isSoonServed ? 'warn' : 'debug';
      const code = error instanceof ApiError ? { code: error.code } : {};
      logger[level]({ ...failureFields(error), ...code, kind: type.kind, failure }, 'informer request failed');
      return step({ type: 'failed', failure });
    }
  }

  async function list(signal: AbortSignal): Promise<InformerCommand | undefined> {
    const { objects, resourceVersion } = await listAll(client, type, { ...scope, kept }, signal);
    replaceAll(objects);
    const command = step({ type: 'loaded', resourceVersion });
    markSynced();
    return command;
  }

  /** Follows one stream to its end, or until an event shows that it cannot be trusted. */
  async function follow(start: WatchOptions, signal: AbortSignal): Promise<InformerCommand | undefined> {
    const startedAt = clock.monotonic();
    const timeoutSeconds = Math.round(minWatchSeconds * (1 + random()));
    const watch = client.watch(type, { ...scope, ...start, allowWatchBookmarks: true, timeoutSeconds, signal });
    let loading = start.sendInitialEvents === true ? new Map<ObjectKey, Stored<T>>() : undefined;
    let events = 0;
    for await (const event of watch) {
      signal.throwIfAborted();
      events++;
      if (loading !== undefined) {
        if (event.type !== 'BOOKMARK') collectInitial(loading, event, kept);
        else if (event.initialEventsEnd) {
          replaceAll(loading);
          loading = undefined;
          const command = step({ type: 'loaded', resourceVersion: event.resourceVersion });
          markSynced();
          if (command !== undefined) return command;
        }
        continue;
      }
      const command = applyEvent(event);
      if (command !== undefined) return command;
    }
    const productive = events > 0 || clock.monotonic() - startedAt >= minProductiveMs;
    return step({ type: 'ended', productive });
  }

  function applyEvent(event: WatchEvent<T>): InformerCommand | undefined {
    const isBookmark = event.type === 'BOOKMARK';
    const resourceVersion = isBookmark ? event.resourceVersion : event.object.metadata.resourceVersion;
    const command = step({ type: 'advanced', resourceVersion, isBookmark });
    if (command !== undefined) {
      logger.warn({ kind: type.kind, resourceVersion }, 'server revision went backwards, loading anew');
      return command;
    }
    if (isBookmark) return undefined;
    const object = kept(event.object);
    notify(event.type === 'DELETED' ? cache.remove(objectKey(object.metadata), object) : cache.put(object));
    return undefined;
  }

  return {
    type,
    synced: synced.promise,
    hasSynced: () => isSynced,
    loads: () => loads,
    get: (key) => cache.get(key),
    list: () => cache.list(),
    byIndex: (name, value) => cache.byIndex(name, value),
    state: () => state.name,
    subscribe(handler) {
      handlers.add(handler);
      for (const object of cache.list()) {
        call(handler, { key: objectKey(object.metadata), type: 'added', object, old: undefined });
      }
      return () => void handlers.delete(handler);
    },
    async start(signal) {
      let command = signal.aborted ? undefined : step({ type: 'start' });
      while (command !== undefined && !signal.aborted) command = await perform(command, signal);
      step({ type: 'stop' });
      if (!isSynced) synced.reject(signal.reason);
    },
  };
}

/** What is kept of an object, frozen. */
type Kept<T extends KubeObject> = (object: Stored<T>) => Stored<T>;

function withoutManagedFields<T extends KubeObject>(object: Stored<T>): Stored<T> {
  if (object.metadata.managedFields === undefined) return deepFreeze(object);
  const { managedFields: _fields, ...metadata } = object.metadata;
  return deepFreeze({ ...object, metadata });
}

function collectInitial<T extends KubeObject>(
  objects: Map<ObjectKey, Stored<T>>,
  event: Exclude<WatchEvent<T>, { type: 'BOOKMARK' }>,
  kept: Kept<T>,
): void {
  const key = objectKey(event.object.metadata);
  if (event.type === 'DELETED') objects.delete(key);
  else objects.set(key, kept(event.object));
}

/** Everything, by pages; when a page comes too late for its snapshot (KA-82), once more in one piece. */
async function listAll<T extends KubeObject>(
  client: Reader,
  type: ResourceType<T>,
  { kept, ...scope }: { namespace?: string; labelSelector?: string; fieldSelector?: string; kept: Kept<T> },
  signal: AbortSignal,
): Promise<{ objects: Map<ObjectKey, Stored<T>>; resourceVersion: string }> {
  const objects = new Map<ObjectKey, Stored<T>>();
  const addAll = (list: KubeList<Stored<T>>) => {
    for (const item of list.items) objects.set(objectKey(item.metadata), kept(item));
    return { objects, resourceVersion: list.metadata.resourceVersion ?? '' };
  };
  let token: string | undefined;
  try {
    for (;;) {
      const page = { ...scope, limit: pageSize, ...(token === undefined ? {} : { continue: token }), signal };
      const list = await client.list(type, page);
      const loaded = addAll(list);
      token = list.metadata.continue;
      if (token === undefined || token === '') return loaded;
    }
  } catch (error) {
    if (token === undefined || !isExpired(error)) throw error;
    objects.clear();
    return addAll(await client.list(type, { ...scope, signal }));
  }
}

function classify(error: unknown): InformerFailure {
  if (!(error instanceof ApiError)) return 'other';
  if (isExpired(error)) return 'expired';
  if (error.status.details?.causes?.some(({ reason }) => reason === 'ResourceVersionTooLarge')) return 'regressed';
  // 422 is what KA-90 names; 400 and 501 come from servers that never heard of the parameter.
  return [400, 422, 501].includes(error.code) ? 'unsupported' : 'other';
}
