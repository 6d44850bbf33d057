import type { Client } from '@quarterdeck/machinery';

/** A client that counts what passes through it: `get ConfigMap`, `apply Deployment`. Watches count once each. */
export interface CountedClient extends Client {
  /** Calls so far, in order. */
  readonly calls: readonly string[];
  forget(): void;
}

export function countedClient(client: Client): CountedClient {
  const calls: string[] = [];
  const count = <R>(verb: string, kind: string, result: R): R => {
    calls.push(`${verb} ${kind}`);
    return result;
  };
  return {
    calls,
    forget: () => void calls.splice(0),
    get: (type, ref, options) => count('get', type.kind, client.get(type, ref, options)),
    list: (type, options) => count('list', type.kind, client.list(type, options)),
    watch: (type, options) => count('watch', type.kind, client.watch(type, options)),
    getRaw: (path, options) => count('get', path, client.getRaw(path, options)),
    create: (type, object, options) => count('create', type.kind, client.create(type, object, options)),
    update: (type, object, options) => count('update', type.kind, client.update(type, object, options)),
    patch: (type, ref, patch, options) => count('patch', type.kind, client.patch(type, ref, patch, options)),
    apply: (type, object, options) => count('apply', type.kind, client.apply(type, object, options)),
    delete: (type, ref, options) => count('delete', type.kind, client.delete(type, ref, options)),
    deleteCollection: (type, options) => count('deletecollection', type.kind, client.deleteCollection(type, options)),
  };
}
