import type { KubeObject, Stored } from '@quarterdeck/apis';
import { type Indexer, type Informer, objectKey } from '@quarterdeck/machinery';

/**
 * An informer that knows from the start what was known before, and only that until its server has answered in full. What the
 * server does not have then counts as deleted. F-14
 * @param index as given to the informer itself
 */
export function cachedInformer<T extends KubeObject>(
  informer: Informer<T>,
  known: readonly Stored<T>[],
  index: Readonly<Record<string, Indexer<T>>> = {},
): Informer<T> {
  const before = new Map(known.map((object) => [objectKey(object.metadata), object]));
  const isLive = () => informer.hasSynced();
  return {
    ...informer,
    synced: Promise.resolve(),
    hasSynced: () => true,
    get: (key) => (isLive() ? informer.get(key) : before.get(key)),
    list: () => (isLive() ? informer.list() : [...before.values()]),
    byIndex(name, value) {
      if (isLive()) return informer.byIndex(name, value);
      const indexer = index[name];
      if (indexer === undefined) throw new RangeError(`no index "${name}"`);
      return [...before.values()].filter((object) => indexer(object).includes(value));
    },
    subscribe(handler) {
      let isSubscribed = true;
      if (!isLive()) {
        for (const [key, object] of before) handler({ key, type: 'added', object, old: undefined });
        informer.synced.then(
          () => {
            for (const [key, object] of before) {
              if (isSubscribed && informer.get(key) === undefined)
                handler({ key, type: 'deleted', object, old: object });
            }
          },
          () => {}, // stopped before the server answered
        );
      }
      const unsubscribe = informer.subscribe(handler);
      return () => {
        isSubscribed = false;
        unsubscribe();
      };
    },
  };
}
