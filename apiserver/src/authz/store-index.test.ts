import { eventually, testLogger } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { CompactedError, type Store } from '../cache/store.ts';
import { startStoredObjects } from '../testing/stored-objects.ts';
import { rbacResources } from './rbac-objects.ts';
import { followStore } from './store-index.ts';

const role = (name: string) => ({
  metadata: { name },
  rules: [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }],
});
const key = (name: string) => ({ resource: rbacResources.clusterRoles, namespace: '', name });

test('KA-127 an index that fell out of history is made anew, and the old one answers until then', async () => {
  const logger = testLogger();
  await using objects = await startStoredObjects(logger);
  const { store } = objects;
  await objects.put(rbacResources.clusterRoles, role('a'));
  let breakWatches = false;
  const breaking: Store = Object.create(store, {
    watch: {
      value: (request: Parameters<Store['watch']>[0]) => {
        const watch = store.watch(request);
        return Object.create(watch, {
          next: {
            value: async (ms: number, signal?: AbortSignal) => {
              const events = await watch.next(ms, signal);
              if (breakWatches) throw new CompactedError('out of history');
              return events;
            },
          },
          [Symbol.dispose]: { value: () => watch[Symbol.dispose]() },
        });
      },
    },
  }) as Store;
  await using followed = followStore(breaking, { logger, clock: objects.clock });
  const first = followed.index;
  const knows = (name: string) => followed.index.rulesOf({ kind: 'ClusterRole', name }, '') !== undefined;
  expect(knows('a')).toBe(true);
  breakWatches = true;
  await objects.put(rbacResources.clusterRoles, role('b'));
  await eventually(() => knows('b'));
  expect(followed.index).not.toBe(first);
  breakWatches = false;
  await objects.put(rbacResources.clusterRoles, role('c'));
  await eventually(() => knows('c'));
  await objects.remove(key('a'));
  await eventually(() => !knows('a'));
  expect(logger.messages('warn')).toEqual([]);
});
