import {
  groupResourceName,
  isForbidden,
  isUnauthorized,
  type KubeObject,
  label,
  type ResourceType,
  type Stored,
} from '@quarterdeck/apis';
import { type Client, type Clock, createInformer, type Informer, type Logger } from '@quarterdeck/machinery';

/** How an object is watched: by one watch of its kind, by one of its namespace, or not, so that it must be asked for. DL-20 */
export type WatchMode = 'Cluster' | 'Namespace' | 'Polling';

/** Watches of everything the agent applied, with our label: one for each kind where that is allowed. DL-20 */
export interface Watchers {
  /** The live object if it is watched and synced: `undefined` is "not there", `'unknown'` is "ask the server". */
  peek(type: ResourceType, namespace: string, name: string): Stored<KubeObject> | undefined | 'unknown';
  /** Starts watching a kind, or a namespace of it, if it is not watched yet. */
  ensure(type: ResourceType, namespace: string): void;
  /**
   * The same, and waits until the watch knows what there is, so that objects need not be asked for one by one; not longer
   * than {@link readyWithinMs}, and not for what may not be watched.
   */
  ready(type: ResourceType, namespace: string, signal: AbortSignal): Promise<void>;
  /** As far as it is known by now. */
  mode(type: ResourceType, namespace: string): WatchMode;
  /**
   * Ends what was not needed and not asked for since the last time either; what comes back is watched anew, from all there is.
   * @param isNeeded whether a kind is; `namespace` is '' where one watch serves all
   * @returns how many watches are left
   */
  endIdle(isNeeded: (type: ResourceType, namespace: string) => boolean): number;
}

export interface WatchersOptions {
  readonly memberClient: Client;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** An object with our label appeared, changed or vanished. */
  readonly onChange: (type: ResourceType, object: Stored<KubeObject>) => void;
}

interface Watched {
  readonly type: ResourceType;
  readonly namespace: string;
  readonly informer: Informer<KubeObject>;
  readonly ending: AbortController;
  synced: boolean;
  /** Was not needed when last looked at, and was not asked for since. */
  isIdle: boolean;
}

/** A watch that takes longer is not waited for. */
const readyWithinMs = 3_000;

/** Rights change; what was refused is asked again after this. */
const askAgainMs = 60_000;

/** By version too: an object read at another version has another shape than its manifest. */
const keyOf = (type: ResourceType, namespace = '') => `${type.version} ${groupResourceName(type)} ${namespace}`;

export function createWatchers({ memberClient, clock, logger, signal, onChange }: WatchersOptions): Watchers {
  const informers = new Map<string, Watched>();
  /** What may not be watched, and until when that is believed. */
  const refused = new Map<string, number>();
  const asking = new Map<string, Promise<void>>();
  const isRefused = (key: string) => (refused.get(key) ?? 0) > clock.monotonic();

  function start(type: ResourceType, namespace: string): void {
    const key = keyOf(type, namespace);
    if (informers.has(key)) return;
    const scope = namespace === '' ? {} : { namespace };
    const informer = createInformer(memberClient, type, {
      ...scope,
      labelSelector: label.appliedWork,
      // Whose a field is tells what is drift. DL-21
      keepManagedFields: true,
      logger,
      clock,
    });
    const ending = new AbortController();
    const watched: Watched = { type, namespace, informer, ending, synced: false, isIdle: false };
    informers.set(key, watched);
    informer.subscribe(({ object }) => onChange(type, object));
    informer.synced.then(
      () => {
        watched.synced = true;
      },
      () => {}, // ended, or aborted with the agent
    );
    void informer.start(AbortSignal.any([signal, ending.signal]));
  }

  /** Whether this may be watched; the server is asked once, for one object. */
  async function isAllowed(type: ResourceType, namespace: string): Promise<boolean> {
    const scope = namespace === '' ? {} : { namespace };
    try {
      await memberClient.list(type, { ...scope, labelSelector: label.appliedWork, limit: 1, signal });
      return true;
    } catch (error) {
      // Everything else the informer gets over by itself.
      return !isForbidden(error) && !isUnauthorized(error);
    }
  }

  async function choose(type: ResourceType, namespace: string): Promise<void> {
    for (const scope of namespace === '' ? [''] : ['', namespace]) {
      const key = keyOf(type, scope);
      if (informers.has(key)) return;
      if (isRefused(key)) continue;
      if (await isAllowed(type, scope)) return start(type, scope);
      refused.set(key, clock.monotonic() + askAgainMs);
      logger.info({ resource: groupResourceName(type), namespace: scope }, 'may not watch; a weaker mode is used');
    }
  }

  /** Resolves when it is known how the kind is watched. */
  function ensure(type: ResourceType, namespace: string): Promise<void> {
    const key = keyOf(type, namespace);
    const before = asking.get(key);
    if (before !== undefined) return before;
    const watched = watchedFor(type, namespace);
    if (watched !== undefined) {
      watched.isIdle = false;
      return Promise.resolve();
    }
    if (isRefused(keyOf(type)) && (namespace === '' || isRefused(key))) return Promise.resolve();
    const chosen = choose(type, namespace).finally(() => asking.delete(key));
    asking.set(key, chosen);
    return chosen;
  }

  const watchedFor = (type: ResourceType, namespace: string): Watched | undefined =>
    informers.get(keyOf(type)) ?? (namespace === '' ? undefined : informers.get(keyOf(type, namespace)));

  return {
    peek(type, namespace, name) {
      const watched = watchedFor(type, namespace);
      if (watched?.synced !== true) return 'unknown';
      return watched.informer.get(namespace === '' ? name : `${namespace}/${name}`);
    },
    ensure: (type, namespace) => void ensure(type, namespace),
    async ready(type, namespace, within) {
      const isReady = async () => {
        await ensure(type, namespace);
        await watchedFor(type, namespace)?.informer.synced;
      };
      const watched = watchedFor(type, namespace);
      if (watched?.synced === true) {
        watched.isIdle = false;
        return;
      }
      const tooLong = new AbortController();
      const outer = AbortSignal.any([within, tooLong.signal]);
      await Promise.race([isReady(), clock.sleep(readyWithinMs, outer)]).catch(() => {});
      tooLong.abort();
    },
    mode(type, namespace) {
      if (informers.has(keyOf(type))) return 'Cluster';
      if (namespace !== '' && informers.has(keyOf(type, namespace))) return 'Namespace';
      return isRefused(keyOf(type)) ? 'Polling' : 'Cluster';
    },
    endIdle(isNeeded) {
      for (const [key, watched] of informers) {
        const isUsed = isNeeded(watched.type, watched.namespace);
        if (!isUsed && watched.isIdle) {
          informers.delete(key);
          watched.ending.abort(new Error('no Work uses this kind any more'));
        }
        watched.isIdle = !isUsed;
      }
      for (const key of refused.keys()) if (!isRefused(key)) refused.delete(key);
      return informers.size;
    },
  };
}
