import { type JsonObject, silentLogger } from '@quarterdeck/machinery';
import { type FakeClock, fakeClock } from '@quarterdeck/machinery/testing';
import { objectBody } from '../cache/body.ts';
import { createStore, type StoreOptions } from '../cache/create-store.ts';
import type { ListRequest, Store, StoreEvent } from '../cache/store.ts';
import { createMemoryDatabase, type MemoryDatabase, openMemoryStorage } from '../storage/memory.ts';
import type { Expectation, Revision, Storage, StorageKey } from '../storage/storage.ts';

/** A memory database with a fake clock, on which tests start stores as processes would. */
export interface StoreFixture extends AsyncDisposable {
  readonly clock: FakeClock;
  readonly database: MemoryDatabase;
  /** Another process; loaded. */
  start(options?: Partial<StoreOptions>): Promise<Store>;
  /** A storage of its own, for what happens behind a store's back. */
  readonly storage: Storage;
}

export function storeFixture(): StoreFixture {
  const clock = fakeClock();
  const database = createMemoryDatabase();
  const stack = new AsyncDisposableStack();
  const open = (): Storage => stack.use(openMemoryStorage(database, { clock }));
  return {
    clock,
    database,
    storage: open(),
    async start(options) {
      const store = stack.use(createStore(open(), { clock, logger: silentLogger, ...options }));
      await store.start();
      return store;
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** `namespace/name` of a ConfigMap, or of another resource. */
export function keyOf(path: string, resource = 'configmaps'): StorageKey {
  const [namespace = '', name = ''] = path.includes('/') ? path.split('/') : ['', path];
  return { resource, namespace, name };
}

export async function put(
  store: Pick<Store, 'write'>,
  key: StorageKey,
  object: JsonObject = {},
  expect: Expectation = 'absent',
): Promise<Revision> {
  const { metadata, ...rest } = object;
  const body = objectBody({ metadata: { name: key.name, ...(metadata as JsonObject | undefined) }, ...rest });
  const { revisions } = await store.write({ operations: [{ type: 'put', key, body, expect }] });
  return revisions[0] ?? 0;
}

export async function remove(store: Pick<Store, 'write'>, key: StorageKey, object: JsonObject = {}): Promise<Revision> {
  const lastBody = objectBody({ metadata: { name: key.name }, ...object });
  const { revisions } = await store.write({ operations: [{ type: 'delete', key, lastBody, expect: 'present' }] });
  return revisions[0] ?? 0;
}

/** `namespace/name@revision` of a list, in its order. */
export function listed(store: Store, request: ListRequest): string[] {
  return store.list(request).entries.map((entry) => `${entry.key.namespace}/${entry.key.name}@${entry.revision}`);
}

/** An event as a line: `put default/x@3 was 2`. */
export function told(event: StoreEvent): string {
  const { namespace, name } = event.entry.key;
  return `${event.type} ${namespace}/${name}@${event.revision} was ${event.previous?.revision ?? 'absent'}`;
}
