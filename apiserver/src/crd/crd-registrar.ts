import { type Clock, encodeJson, type JsonObject, type Logger, systemClock } from '@quarterdeck/machinery';
import { readStoredObject } from '../authz/stored-object.ts';
import { CompactedError, type Store, type StoreWatch } from '../cache/store.ts';
import { objectAt } from '../registry/fields.ts';
import type { Registry } from '../registry/registry.ts';
import { definitionOf } from './crd-definition.ts';
import { crdCondition, crdName, crdResource, isConditionTrue, isTerminating } from './crd-object.ts';
import type { CrdOptions } from './crd-strategy.ts';

export interface CrdRegistrarOptions extends CrdOptions {
  readonly logger: Logger;
  /** Default: the real one. */
  readonly clock?: Clock;
}

const idleMs = 60_000;
const retryMs = 200;

/**
 * Keeps the registry's custom kinds true to the CRDs in the store, on every server process. Returns with all of them
 * registered; the store must be ready. A CRD that changes replaces its definition; one that goes takes it away. KA-108
 */
export function followCrds(store: Store, registry: Registry, options: CrdRegistrarOptions): AsyncDisposable {
  const { logger, clock = systemClock } = options;
  const stop = new AbortController();
  const registered = new Map<string, Registered>();
  let watch = load();
  const done = run();

  function load(): StoreWatch {
    const { entries, revision } = store.list({ resource: crdResource });
    const crds = entries.map(readStoredObject);
    const names = new Set(crds.map(crdName));
    for (const name of [...registered.keys()]) if (!names.has(name)) remove(name);
    for (const crd of crds) put(crd);
    return store.watch({ resource: crdResource, after: revision });
  }

  function put(crd: JsonObject): void {
    const name = crdName(crd);
    const own = registered.get(name);
    const fingerprint = fingerprintOf(crd);
    if (own?.fingerprint === fingerprint) return;
    const definition = definitionOf(crd, options);
    if (definition === undefined) {
      remove(name);
      return;
    }
    // A built-in kind, or one that another CRD has, is not to be replaced. KA-95
    const taken = registry.get(definition.group, definition.plural);
    if (taken !== undefined && own === undefined) {
      logger.warn({ customResourceDefinition: name }, 'a CRD names a resource that exists already');
      return;
    }
    registered.set(name, { group: definition.group, plural: definition.plural, fingerprint });
    registry.register(definition);
  }

  function remove(name: string): void {
    const known = registered.get(name);
    registered.delete(name);
    if (known !== undefined) registry.unregister(known.group, known.plural);
  }

  async function follow(): Promise<void> {
    while (!stop.signal.aborted) {
      for (const event of await watch.next(idleMs, stop.signal)) {
        if (event.type === 'delete') remove(event.entry.key.name);
        else put(readStoredObject(event.entry));
      }
    }
  }

  async function run(): Promise<void> {
    while (!stop.signal.aborted) {
      try {
        await follow();
      } catch (error) {
        if (stop.signal.aborted) return;
        if (!(error instanceof CompactedError)) logger.warn({ err: error }, 'custom kinds lost their watch');
        await reload();
      }
    }
  }

  /** The kinds known so far go on being served until the store can be read again. */
  async function reload(): Promise<void> {
    while (!stop.signal.aborted) {
      try {
        await store.fresh(stop.signal);
        watch[Symbol.dispose]();
        watch = load();
        return;
      } catch (error) {
        if (stop.signal.aborted) return;
        logger.warn({ err: error }, 'custom kinds cannot be read again yet');
        await clock.sleep(retryMs, stop.signal).catch(() => undefined);
      }
    }
  }

  return {
    async [Symbol.asyncDispose]() {
      stop.abort(new Error('custom kinds are no longer followed'));
      await done;
      watch[Symbol.dispose]();
    },
  };
}

interface Registered {
  readonly group: string;
  readonly plural: string;
  readonly fingerprint: string;
}

/** All that a definition depends on: most writes of a CRD change a condition only, and need no new one. */
function fingerprintOf(crd: JsonObject): string {
  const { uid = null, generation = null } = objectAt(crd, 'metadata');
  const served = [crdCondition.established, crdCondition.namesAccepted].some((type) => isConditionTrue(crd, type));
  return encodeJson([uid, generation, served, isTerminating(crd), objectAt(crd, 'status', 'acceptedNames')]);
}
