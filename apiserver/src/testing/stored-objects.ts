import type { JsonObject, Logger } from '@quarterdeck/machinery';
import { type FakeClock, fakeClock } from '@quarterdeck/machinery/testing';
import { objectBody } from '../cache/body.ts';
import { createStore } from '../cache/create-store.ts';
import type { Store } from '../cache/store.ts';
import { createMemoryDatabase, openMemoryStorage } from '../storage/memory.ts';
import type { SettingsStore, StorageKey } from '../storage/storage.ts';

/** A store over memory, with verbs for tests that need stored objects and no API. */
export interface StoredObjects extends AsyncDisposable {
  readonly store: Store;
  readonly settings: SettingsStore;
  readonly clock: FakeClock;
  /** Creates or replaces; metadata.name, and namespace where there is one, make the key. */
  put(resource: string, object: JsonObject): Promise<void>;
  remove(key: StorageKey): Promise<void>;
}

export async function startStoredObjects(logger: Logger): Promise<StoredObjects> {
  const clock = fakeClock();
  const storage = openMemoryStorage(createMemoryDatabase(), { clock });
  const store = createStore(storage, { clock, logger });
  await store.start();
  return {
    store,
    settings: storage.settings,
    clock,
    async put(resource, object) {
      const { name, namespace } = object.metadata as { name: string; namespace?: string };
      const key = { resource, namespace: namespace ?? '', name };
      const expect = store.get(key)?.revision ?? 'absent';
      await store.write({ operations: [{ type: 'put', key, body: objectBody(object), expect }] });
    },
    async remove(key) {
      const lastBody = store.get(key)?.body.toString('utf8') ?? '';
      await store.write({ operations: [{ type: 'delete', key, lastBody, expect: 'present' }] });
    },
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]();
      await storage[Symbol.asyncDispose]();
    },
  };
}
