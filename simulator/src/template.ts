import {
  createApiServer,
  createMemoryDatabase,
  openMemoryStorage,
  type Pki,
  type Storage,
  type WriteOperation,
} from '@quarterdeck/apiserver';
import type { Clock } from '@quarterdeck/machinery';
import { createRandom, uuidFrom } from './random.ts';

/** The objects that every API server makes at its first start: namespaces, roles, bindings. */
export type FirstObjects = readonly { readonly key: WriteOperation['key']; readonly body: string }[];

/**
 * Starts one server and takes what it made. A fleet does this once: making a hundred objects through the API for each
 * of a thousand members would take minutes, and the texts are shared by all.
 */
export async function firstObjects(options: { pki: Pki; clock: Clock; random: () => number }): Promise<FirstObjects> {
  await using storage = openMemoryStorage(createMemoryDatabase(), options);
  await using server = createApiServer({ ...options, storage, issuer: 'https://template.invalid' });
  await server.start();
  await using snapshot = await storage.snapshot();
  const rows: { key: WriteOperation['key']; body: string }[] = [];
  for await (const page of snapshot.rows) for (const { key, body } of page) rows.push({ key, body });
  return rows;
}

/** Puts the first objects into an empty storage. Namespaces get uids of their own: that of kube-system is the cluster's. */
export async function plantFirstObjects(storage: Storage, objects: FirstObjects, seed: string): Promise<void> {
  const random = createRandom(`${seed}\nuid`);
  await storage.write({
    operations: objects.map(({ key, body }) => ({
      type: 'put',
      key,
      body: key.resource === 'namespaces' ? body.replace(uidField, `"uid":"${uuidFrom(random)}"`) : body,
      expect: 'absent',
    })),
  });
}

const uidField = /"uid":"[^"]*"/;
