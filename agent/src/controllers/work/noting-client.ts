import { apiVersionOf, type KubeObject, type ResourceType, type Stored } from '@quarterdeck/apis';
import { type Client, objectKey } from '@quarterdeck/machinery';

/** Which state of each object was written last, by kind and key: no more of it than that. */
export type Notes = Map<string, Stored<KubeObject>>;

/** Later than any: of what is gone every state that a cache still shows is too old. */
const afterAll = String(2n ** 63n - 1n);

/** A client that notes what it wrote of some kinds; of what it deleted, or let go of as the last, that it is gone. */
export function notingClient(client: Client, kinds: ReadonlySet<string>, notes: Notes): Client {
  const note = (type: ResourceType, { metadata }: Stored<KubeObject>): void => {
    if (!kinds.has(type.kind)) return;
    const { name, namespace, uid, creationTimestamp, deletionTimestamp, finalizers = [] } = metadata;
    const isGone = deletionTimestamp !== undefined && finalizers.length === 0;
    const state = {
      ...{ name, uid, creationTimestamp, resourceVersion: isGone ? afterAll : metadata.resourceVersion },
      ...(namespace === undefined ? {} : { namespace }),
      ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
    };
    notes.set(`${type.kind} ${objectKey(state)}`, { apiVersion: apiVersionOf(type), kind: type.kind, metadata: state });
  };
  const noting = async <T extends KubeObject>(
    type: ResourceType<T>,
    answer: Promise<Stored<T>>,
  ): Promise<Stored<T>> => {
    const stored = await answer;
    note(type, stored);
    return stored;
  };
  return {
    get: (type, ref, options) => client.get(type, ref, options),
    list: (type, options) => client.list(type, options),
    watch: (type, options) => client.watch(type, options),
    getRaw: (path, options) => client.getRaw(path, options),
    create: (type, object, options) => noting(type, client.create(type, object, options)),
    update: (type, object, options) => noting(type, client.update(type, object, options)),
    patch: (type, ref, patch, options) => noting(type, client.patch(type, ref, patch, options)),
    apply: (type, object, options) => noting(type, client.apply(type, object, options)),
    async delete(type, ref, options) {
      const left = await client.delete(type, ref, options);
      const gone = { ...ref, uid: '', resourceVersion: afterAll, creationTimestamp: '', deletionTimestamp: 'gone' };
      note(type, left ?? { apiVersion: apiVersionOf(type), kind: type.kind, metadata: gone });
      return left;
    },
    deleteCollection: (type, options) => client.deleteCollection(type, options),
  };
}
