import { groupResourceName, type OwnerReference, parseApiVersion, type ResourceType } from '@quarterdeck/apis';
import { foregroundFinalizer } from '@quarterdeck/machinery';
import type { StorageKey } from '../../storage/storage.ts';
import type { ControllerContext } from '../context.ts';
import { type Collectable, readCollectable } from './collectable.ts';
import type { Observed, OwnerState, SeenOwner } from './decide.ts';

/** Reads the neighbourhood of one object from the store. */
export interface Neighbourhood {
  /** Undefined when the object is gone. */
  observe(key: StorageKey): Observed | undefined;
  typeOf(key: StorageKey): ResourceType | undefined;
  /** Where an owner would be; undefined when nobody can tell. */
  ownerKey(reference: OwnerReference, dependentNamespace: string): StorageKey | undefined;
}

export function createNeighbourhood({
  store,
  resources,
}: Pick<ControllerContext, 'store' | 'resources'>): Neighbourhood {
  let known: { list: readonly ResourceType[]; byKind: Map<string, ResourceType>; byName: Map<string, ResourceType> };

  /** Rebuilt when the list is another: it is replaced, not changed. */
  function types() {
    const list = resources.list();
    if (known?.list !== list) {
      known = {
        list,
        byKind: new Map(list.map((type) => [`${type.group}/${type.kind}`, type])),
        byName: new Map(list.map((type) => [groupResourceName(type), type])),
      };
    }
    return known;
  }

  /** Kinds keep their identity over versions, so the version does not matter. */
  function ownerType({ apiVersion, kind }: OwnerReference): ResourceType | undefined {
    const parsed = parseApiVersion(apiVersion);
    return parsed === undefined ? undefined : types().byKind.get(`${parsed.group}/${kind}`);
  }

  function ownerKey(reference: OwnerReference, dependentNamespace: string): StorageKey | undefined {
    const type = ownerType(reference);
    if (type === undefined) return undefined;
    if (type.scope === 'Namespaced' && dependentNamespace === '') return undefined;
    const namespace = type.scope === 'Namespaced' ? dependentNamespace : '';
    return { resource: groupResourceName(type), namespace, name: reference.name };
  }

  function stateOf(reference: OwnerReference, dependentNamespace: string): OwnerState {
    const type = ownerType(reference);
    if (type === undefined) return 'unknown';
    const key = ownerKey(reference, dependentNamespace);
    if (key === undefined) return 'unresolvable';
    const entry = store.get(key);
    if (entry === undefined || entry.index.uid !== reference.uid) return 'absent';
    if (!entry.body.includes(`"${foregroundFinalizer}"`)) return 'live';
    const owner = readCollectable(entry);
    return owner.isDeleting && owner.finalizers.includes(foregroundFinalizer) ? 'waiting' : 'live';
  }

  return {
    ownerKey,
    typeOf: ({ resource }) => types().byName.get(resource),
    observe(key) {
      const entry = store.get(key);
      if (entry === undefined) return undefined;
      const object = readCollectable(entry);
      const owners = object.owners.map(
        (reference): SeenOwner => ({ reference, state: stateOf(reference, key.namespace) }),
      );
      const dependents = object.uid === '' ? [] : dependentsOf(object);
      return { object, owners, dependents };
    },
  };

  /** Those that may be its dependents: in its namespace, or anywhere when it is cluster-scoped. */
  function dependentsOf(owner: Collectable): Collectable[] {
    const { namespace } = owner.key;
    const entries = store.ownedBy(owner.uid).filter(({ key }) => namespace === '' || key.namespace === namespace);
    return entries.map(readCollectable);
  }
}
