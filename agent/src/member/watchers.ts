import { groupResourceName, type KubeObject, label, type ResourceType, type Stored } from '@quarterdeck/apis';
import { type Client, type Clock, createInformer, type Informer, type Logger } from '@quarterdeck/machinery';

/** Watches of everything the agent applied: one for each kind, started with the first object of it. DL-20 */
export interface Watchers {
  /** The live object if its kind is watched and synced: `undefined` is "not there", `'unknown'` is "ask the server". */
  peek(type: ResourceType, namespace: string, name: string): Stored<KubeObject> | undefined | 'unknown';
  /** Starts watching a kind, if it is not watched yet. */
  ensure(type: ResourceType): void;
}

export interface WatchersOptions {
  readonly memberClient: Client;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** An object with our label appeared, changed or vanished. */
  readonly onChange: (type: ResourceType, object: Stored<KubeObject>) => void;
}

/** By version too: an object read at another version has another shape than its manifest. */
const keyOf = (type: ResourceType) => `${type.version} ${groupResourceName(type)}`;

export function createWatchers({ memberClient, clock, logger, signal, onChange }: WatchersOptions): Watchers {
  const informers = new Map<string, { informer: Informer<KubeObject>; synced: boolean }>();
  return {
    peek(type, namespace, name) {
      const watched = informers.get(keyOf(type));
      if (watched?.synced !== true) return 'unknown';
      return watched.informer.get(namespace === '' ? name : `${namespace}/${name}`);
    },
    ensure(type) {
      const key = keyOf(type);
      if (informers.has(key)) return;
      const informer = createInformer(memberClient, type, { labelSelector: label.appliedWork, logger, clock });
      const watched = { informer, synced: false };
      informers.set(key, watched);
      informer.subscribe(({ object }) => onChange(type, object));
      informer.synced.then(
        () => {
          watched.synced = true;
        },
        () => informers.delete(key), // aborted with the agent
      );
      void informer.start(signal);
    },
  };
}
