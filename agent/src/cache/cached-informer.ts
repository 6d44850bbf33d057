import type { KubeObject, Stored } from '@quarterdeck/apis';
import { type Indexer, type Informer, objectKey } from '@quarterdeck/machinery';

export interface CachedInformerOptions<T extends KubeObject> {
  /** As given to the informer itself. */
  readonly index?: Readonly<Record<string, Indexer<T>>>;
  /**
   * From when on what was known is acted on, if the server has not answered before. Default: at once. What was written down
   * last may be older than what was done last: a server that is there is heard first. F-17
   */
  readonly isAway?: Promise<void>;
}

/**
 * An informer that knows from the start what was known before, and only that until its server has answered in full. What the
 * server does not have then counts as deleted. F-14
 */
export function cachedInformer<T extends KubeObject>(
  informer: Informer<T>,
  known: readonly Stored<T>[],
  { index = {}, isAway = Promise.resolve() }: CachedInformerOptions<T> = {},
): Informer<T> {
  const before = new Map(known.map((object) => [objectKey(object.metadata), object]));
  const isLive = () => informer.hasSynced();
  // While a server answers, its first objects are told of before all of them are there: they stand before what was known.
  const withKnown = (live: Stored<T>[], matches: (object: Stored<T>) => boolean) =>
    isLive()
      ? live
      : [
          ...live,
          ...[...before].flatMap(([key, object]) =>
            informer.get(key) === undefined && matches(object) ? [object] : [],
          ),
        ];
  return {
    ...informer,
    synced: Promise.race([informer.synced, isAway]),
    hasSynced: () => true,
    get: (key) => informer.get(key) ?? (isLive() ? undefined : before.get(key)),
    list: () => withKnown(informer.list(), () => true),
    byIndex(name, value) {
      const indexer = index[name];
      if (!isLive() && indexer === undefined) throw new RangeError(`no index "${name}"`);
      return withKnown(informer.byIndex(name, value), (object) => indexer?.(object).includes(value) === true);
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
