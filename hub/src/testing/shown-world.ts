import { setImmediate } from 'node:timers/promises';
import type { KubeObject, ResourceType, Stored } from '@quarterdeck/apis';
import {
  type Client,
  type Controller,
  createMetrics,
  objectKey,
  silentLogger,
  type WatchEvent,
  type WatchOptions,
} from '@quarterdeck/machinery';
import { type FakeClock, fakeClock } from '@quarterdeck/machinery/testing';
import { createMemberStatusLane } from '../controllers/member-cluster/status-lane.ts';
import { createFleetCaches } from '../fleet/caches.ts';
import type { Fleet } from '../fleet/fleet.ts';

/**
 * One controller of the fleet, with real informers that show what the test shows, when it does, and a client that writes
 * without any of it being shown: a hub whose caches are behind.
 */
export interface ShownWorld extends AsyncDisposable {
  readonly clock: FakeClock;
  /** Requests so far but watches, as `verb Kind namespace/name`, in order. */
  readonly sent: string[];
  /** What the client made or changed and did not delete, by `Kind namespace/name`. */
  readonly stored: ReadonlyMap<string, Stored<KubeObject>>;
  /** How often the controller has looked at a key so far. */
  visits(): Promise<number>;
  /** The caches show these from now on, in a newer version but for what is {@link stored}; resolves when the controller has nothing left to do. */
  show(...objects: readonly Stored<KubeObject>[]): Promise<void>;
  /** They do not show them any more. */
  hide(...objects: readonly Stored<KubeObject>[]): Promise<void>;
  /** Resolves when the controller has nothing left to do at this time. */
  settled(): Promise<void>;
}

/** Events of one kind, for every watch that is open. */
class Stream {
  readonly shown = new Map<string, Stored<KubeObject>>();
  readonly #watches = new Set<{ events: WatchEvent<KubeObject>[]; wake: () => void }>();

  push(event: WatchEvent<KubeObject>): void {
    for (const watch of this.#watches) {
      watch.events.push(event);
      watch.wake();
    }
  }

  async *follow(signal: AbortSignal | undefined): AsyncGenerator<WatchEvent<KubeObject>> {
    const watch = { events: [] as WatchEvent<KubeObject>[], wake: () => {} };
    this.#watches.add(watch);
    signal?.addEventListener('abort', () => watch.wake(), { once: true });
    try {
      for (const object of this.shown.values()) yield { type: 'ADDED', object };
      yield { type: 'BOOKMARK', resourceVersion: '1', initialEventsEnd: true };
      while (signal?.aborted !== true) {
        const event = watch.events.shift();
        if (event !== undefined) yield event;
        else await this.#next(watch);
      }
    } finally {
      this.#watches.delete(watch);
    }
  }

  #next(watch: { wake: () => void }): Promise<void> {
    return new Promise((resolve) => {
      watch.wake = resolve;
    });
  }

  get isTaken(): boolean {
    return [...this.#watches].every(({ events }) => events.length === 0);
  }
}

export async function startShownWorld(make: (fleet: Fleet) => Controller): Promise<ShownWorld> {
  const stop = new AbortController();
  const clock = fakeClock();
  const streams = new Map<string, Stream>();
  const stored = new Map<string, Stored<KubeObject>>();
  const sent: string[] = [];
  let version = 1_000;
  const streamOf = (kind: string): Stream => {
    const stream = streams.get(kind) ?? new Stream();
    streams.set(kind, stream);
    return stream;
  };
  const titleOf = (kind: string, { namespace, name = '' }: KubeObject['metadata']) =>
    `${kind} ${objectKey({ name, ...(namespace === undefined ? {} : { namespace }) })}`;
  const versioned = (object: KubeObject) =>
    ({ ...object, metadata: { ...object.metadata, resourceVersion: String(++version) } }) as Stored<KubeObject>;
  const write = (verb: string, { kind }: ResourceType, object: KubeObject) => {
    const title = titleOf(kind, object.metadata);
    sent.push(`${verb} ${title}`);
    const made = versioned({ ...object, metadata: { uid: `uid-${title}`, generation: 1, ...object.metadata } });
    stored.set(title, made);
    return Promise.resolve(made);
  };
  const hubClient = {
    watch: ({ kind }: ResourceType, { signal }: WatchOptions) => streamOf(kind).follow(signal),
    create: (type: ResourceType, object: KubeObject) => write('create', type, object),
    update: (type: ResourceType, object: KubeObject, { subresource }: { subresource?: string }) =>
      write(subresource === undefined ? 'update' : `update ${subresource} of`, type, object),
    delete: ({ kind }: ResourceType, ref: KubeObject['metadata']) => {
      sent.push(`delete ${titleOf(kind, ref)}`);
      stored.delete(titleOf(kind, ref));
      return Promise.resolve(undefined);
    },
    list: ({ kind }: ResourceType) => {
      sent.push(`list ${kind}`);
      return Promise.resolve({ items: [...stored.values()].filter((object) => object.kind === kind), metadata: {} });
    },
  } as unknown as Client;
  const common = { clock, logger: silentLogger };
  const caches = createFleetCaches({ ...common, hubClient, agentIdentity: 'certificate' });
  const memberStatus = createMemberStatusLane({ hubClient, members: caches.members, clock });
  const metrics = createMetrics();
  const controller = make({
    ...common,
    hubClient,
    caches,
    memberStatus,
    metrics,
    hubUID: 'hub-uid',
    agentIdentity: 'certificate',
  });
  controller.start(stop.signal);
  const informers = Object.values(caches).map((informer) => informer.start(stop.signal));
  await Promise.all(Object.values(caches).map(({ synced }) => synced));

  async function settled(): Promise<void> {
    do await setImmediate();
    while (![...streams.values()].every(({ isTaken }) => isTaken));
    await setImmediate();
    await controller.idle();
  }
  return {
    clock,
    sent,
    stored,
    settled,
    async visits() {
      const { values } = await metrics.reconciles.get();
      return values.reduce((sum, { value }) => sum + value, 0);
    },
    show(...objects) {
      for (const object of objects) {
        const stream = streamOf(object.kind);
        const title = titleOf(object.kind, object.metadata);
        const now = stored.get(title) === object ? object : versioned(object);
        stream.push({ type: stream.shown.has(title) ? 'MODIFIED' : 'ADDED', object: now });
        stream.shown.set(title, now);
      }
      return settled();
    },
    hide(...objects) {
      for (const object of objects) {
        const stream = streamOf(object.kind);
        stream.shown.delete(titleOf(object.kind, object.metadata));
        stream.push({ type: 'DELETED', object: versioned(object) });
      }
      return settled();
    },
    async [Symbol.asyncDispose]() {
      stop.abort(new Error('the test is over'));
      await Promise.all([...informers, controller.stopped]);
    },
  };
}
