import { apiVersionOf, groupResourceName, type KubeObject, type ResourceType, type Stored } from '@quarterdeck/apis';
import { type Entry, objectHeader, type Store } from '@quarterdeck/apiserver';
import { parseJson } from '@quarterdeck/machinery';

/**
 * A member's objects, read straight from its store: no informer, no second copy. What a write returned is seen by the
 * next read, so that no controller here needs expectations.
 */
export interface World {
  get<T extends KubeObject>(type: ResourceType<T>, key: string): Stored<T> | undefined;
  /** Sorted by `namespace/name`. `matches` looks at what is indexed, before anything is decoded. */
  list<T extends KubeObject>(type: ResourceType<T>, matches?: (entry: Entry) => boolean): Stored<T>[];
  /** Those of a kind that name this uid as an owner, by name. */
  ownedBy<T extends KubeObject>(type: ResourceType<T>, uid: string): Stored<T>[];
}

export function createWorld(store: Pick<Store, 'get' | 'list' | 'ownedBy'>): World {
  return {
    get(type, key) {
      const slash = key.indexOf('/');
      const entry = store.get({
        resource: groupResourceName(type),
        namespace: slash === -1 ? '' : key.slice(0, slash),
        name: key.slice(slash + 1),
      });
      return entry === undefined ? undefined : decodeEntry(type, entry);
    },
    list(type, matches) {
      const request = { resource: groupResourceName(type), ...(matches === undefined ? {} : { matches }) };
      return store.list(request).entries.map((entry) => decodeEntry(type, entry));
    },
    ownedBy(type, uid) {
      const resource = groupResourceName(type);
      return store
        .ownedBy(uid)
        .filter(({ key }) => key.resource === resource)
        .map((entry) => decodeEntry(type, entry))
        .sort((one, other) => (one.metadata.name < other.metadata.name ? -1 : 1));
    },
  };
}

export function decodeEntry<T extends KubeObject>(type: ResourceType<T>, entry: Entry): Stored<T> {
  const header = objectHeader(apiVersionOf(type), type.kind, entry.revision);
  return parseJson(header + entry.body.toString('utf8')) as unknown as Stored<T>;
}
