import { type Clock, encodeJson, type JsonObject, type Logger, systemClock } from '@quarterdeck/machinery';
import { readStoredObject } from '../authz/stored-object.ts';
import { type Followed, followFromNow } from '../cache/follow.ts';
import type { Store, StoreEvent } from '../cache/store.ts';
import { objectAt } from '../registry/fields.ts';
import type { Registry } from '../registry/registry.ts';
import { type CrdDefinitionOptions, definitionOf } from './crd-definition.ts';
import { crdCondition, crdName, crdResource, isConditionTrue, isTerminating } from './crd-object.ts';

export interface CrdRegistrarOptions extends CrdDefinitionOptions {
  readonly logger: Logger;
  /** Default: the real one. */
  readonly clock?: Clock;
}

/**
 * Keeps the registry's custom kinds true to the CRDs in the store, on every server process. Returns with all of them
 * registered; the store must be ready. A CRD that changes replaces its definition; one that goes takes it away. KA-108
 */
export function followCrds(store: Store, registry: Registry, options: CrdRegistrarOptions): AsyncDisposable {
  const { logger, clock = systemClock } = options;
  const stop = new AbortController();
  const registered = new Map<string, Registered>();

  function load(): Followed[] {
    const { entries, revision } = store.list({ resource: crdResource });
    const crds = entries.map(readStoredObject);
    const names = new Set(crds.map(crdName));
    for (const name of [...registered.keys()]) if (!names.has(name)) remove(name);
    for (const crd of crds) put(crd);
    return [{ watch: store.watch({ resource: crdResource, after: revision }), onEvent: apply }];
  }

  function apply({ type, entry }: StoreEvent): void {
    if (type === 'delete') remove(entry.key.name);
    else put(readStoredObject(entry));
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

  const done = followFromNow({ store, clock, logger: logger.child({ follower: 'custom kinds' }), load }, stop.signal);
  return {
    async [Symbol.asyncDispose]() {
      stop.abort(new Error('custom kinds are no longer followed'));
      await done;
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
  const conditions = [crdCondition.established, crdCondition.namesAccepted].map((type) => isConditionTrue(crd, type));
  const { acceptedNames = null, storedVersions = null } = objectAt(crd, 'status');
  return encodeJson([uid, generation, conditions, isTerminating(crd), acceptedNames, storedVersions]);
}
