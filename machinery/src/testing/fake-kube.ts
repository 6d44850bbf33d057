import { apiError, type KubeObject, StatusReason, type Stored } from '@quarterdeck/apis';
import type { ListOptions, Reader, WatchEvent, WatchOptions } from '../client/client.ts';
import { objectKey } from '../runtime/object-key.ts';

interface Change {
  revision: number;
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  object: Stored<KubeObject>;
}

/** How the fake server can fail. */
export type Trouble =
  /** Every request fails. */
  | 'down'
  /** The server does not have the kind (yet). */
  | 'notServed'
  /** WatchList is refused. KA-90 */
  | 'noWatchList';

/** One open watch. */
interface Stream {
  revision: number;
  end: 'open' | 'ended' | 'broken' | 'expired';
  queue: WatchEvent<KubeObject>[];
  wake: () => void;
}

/**
 * A small model of a Kubernetes server for one kind, to test informers against: revisions, a log that can be compacted,
 * streams that can be ended and broken, restores. No selectors.
 */
export class FakeKube {
  revision = 100;
  readonly objects = new Map<string, Stored<KubeObject>>();
  readonly troubles = new Set<Trouble>();
  /** Keys that vanished, each time that they did: by deletion, or by a restore. */
  readonly vanished: string[] = [];
  /** How many lists, WatchLists and resumed watches were served. */
  readonly served = { lists: 0, watchLists: 0, watches: 0 };
  #log: Change[] = [];
  #compactedTo = 100;
  #streams = new Set<Stream>();
  #writes = 0;

  put(name: string): Stored<KubeObject> {
    return this.store({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace: 'ns', name, annotations: { write: String(++this.#writes) } },
    });
  }

  /** Any object, in any namespace of the one kind that a test uses. */
  store(object: KubeObject): Stored<KubeObject> {
    const { name = '', namespace } = object.metadata;
    const key = objectKey({ name, ...(namespace === undefined ? {} : { namespace }) });
    const old = this.objects.get(key);
    const metadata = {
      ...object.metadata,
      name,
      uid: old?.metadata.uid ?? `uid-${++this.#writes}`,
      resourceVersion: String(++this.revision),
      creationTimestamp: '2026-01-01T00:00:00Z',
    };
    const next = { ...object, metadata };
    this.objects.set(key, next);
    this.#publish({ revision: this.revision, type: old === undefined ? 'ADDED' : 'MODIFIED', object: next });
    return next;
  }

  remove(name: string): void {
    const key = objectKey({ namespace: 'ns', name });
    const old = this.objects.get(key);
    if (old === undefined) return;
    this.objects.delete(key);
    this.vanished.push(key);
    const metadata = { ...old.metadata, resourceVersion: String(++this.revision) };
    this.#publish({ revision: this.revision, type: 'DELETED', object: { ...old, metadata } });
  }

  /** Forgets history: who resumes from before gets 410. */
  compact(): void {
    this.#log = [];
    this.#compactedTo = this.revision;
  }

  /** Ends all streams in one of the ways that streams end. */
  endStreams(how: 'ended' | 'broken' | 'expired'): void {
    for (const stream of this.#streams) {
      stream.end = how;
      stream.wake();
    }
    this.#streams.clear();
  }

  /** Tells all streams how far they are. */
  bookmark(): void {
    for (const stream of this.#streams) this.#send(stream, this.#bookmarkEvent(false));
  }

  openStreams(): number {
    return this.#streams.size;
  }

  snapshot(): { revision: number; objects: Map<string, Stored<KubeObject>> } {
    return { revision: this.revision, objects: new Map(this.objects) };
  }

  /** Back to an earlier state, revisions and all, as a restored backup without KA-149. */
  restore(snapshot: { revision: number; objects: Map<string, Stored<KubeObject>> }): void {
    for (const key of this.objects.keys()) if (!snapshot.objects.has(key)) this.vanished.push(key);
    this.objects.clear();
    for (const [key, object] of snapshot.objects) this.objects.set(key, object);
    this.revision = snapshot.revision;
    this.compact();
    this.endStreams('broken');
  }

  /** What an informer reads it through. */
  reader(): Reader {
    return {
      get: () => Promise.reject(new Error('not part of the model')),
      list: async (type, options: ListOptions = {}) => {
        await this.#arrive(options);
        this.served.lists++;
        const start = Number(options.continue ?? 0);
        const all = [...this.objects.values()];
        const end = options.limit === undefined ? all.length : start + options.limit;
        return {
          apiVersion: 'v1',
          kind: `${type.kind}List`,
          metadata: {
            resourceVersion: String(this.revision),
            ...(end < all.length ? { continue: String(end) } : {}),
          },
          items: all.slice(start, end) as never[],
        };
      },
      watch: (_, options = {}) => this.#watch(options) as AsyncIterable<never>,
    };
  }

  async *#watch(options: WatchOptions): AsyncGenerator<WatchEvent<KubeObject>> {
    await this.#arrive(options);
    const stream: Stream = { revision: this.revision, end: 'open', queue: [], wake: () => undefined };
    if (options.sendInitialEvents === true) this.#beginWatchList(stream);
    else this.#beginWatch(stream, Number(options.resourceVersion));
    this.#streams.add(stream);
    const onAbort = () => stream.wake();
    options.signal?.addEventListener('abort', onAbort, { once: true });
    try {
      for (;;) {
        options.signal?.throwIfAborted();
        const event = stream.queue.shift();
        if (event !== undefined) yield event;
        else if (stream.end === 'ended') return;
        else if (stream.end === 'broken') throw apiError(StatusReason.ServiceUnavailable, 'connection lost');
        else if (stream.end === 'expired') throw apiError(StatusReason.Expired, 'the server lost its history');
        else {
          await new Promise<void>((resolve) => {
            stream.wake = resolve;
          });
        }
      }
    } finally {
      this.#streams.delete(stream);
      options.signal?.removeEventListener('abort', onAbort);
    }
  }

  #beginWatchList(stream: Stream): void {
    if (this.troubles.has('noWatchList')) throw apiError(StatusReason.Invalid, 'sendInitialEvents is forbidden');
    this.served.watchLists++;
    for (const object of this.objects.values()) this.#send(stream, { type: 'ADDED', object });
    this.#send(stream, this.#bookmarkEvent(true));
  }

  #beginWatch(stream: Stream, from: number): void {
    if (from < this.#compactedTo) throw apiError(StatusReason.Expired, 'too old resource version');
    if (from > this.revision) {
      const causes = [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }];
      throw apiError(StatusReason.Timeout, 'Too large resource version', { causes });
    }
    this.served.watches++;
    for (const { revision, type, object } of this.#log) if (revision > from) this.#send(stream, { type, object });
  }

  #publish(change: Change): void {
    this.#log.push(change);
    for (const stream of this.#streams) this.#send(stream, { type: change.type, object: change.object });
  }

  #send(stream: Stream, event: WatchEvent<KubeObject>): void {
    stream.queue.push(event);
    stream.wake();
  }

  #bookmarkEvent(initialEventsEnd: boolean): WatchEvent<KubeObject> {
    return { type: 'BOOKMARK', resourceVersion: String(this.revision), initialEventsEnd };
  }

  async #arrive(options: { signal?: AbortSignal }): Promise<void> {
    await Promise.resolve();
    options.signal?.throwIfAborted();
    if (this.troubles.has('down')) throw apiError(StatusReason.ServiceUnavailable, 'connection refused');
    if (this.troubles.has('notServed')) throw apiError(StatusReason.NotFound, 'could not find the requested resource');
  }
}
