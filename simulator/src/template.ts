import { ClusterRole, ConfigMap, Namespace, ServiceAccount } from '@quarterdeck/apis';
import {
  type ApiServer,
  createApiControllers,
  createApiServer,
  createMemoryDatabase,
  openMemoryStorage,
  type Pki,
  type Storage,
  serverContext,
  systemUser,
  type WriteOperation,
} from '@quarterdeck/apiserver';
import { type Client, type Clock, createMetrics, silentLogger } from '@quarterdeck/machinery';
import { createRandom, uuidFrom } from './random.ts';

/** The objects that every API server and its controllers make at their first start. */
export type FirstObjects = readonly { readonly key: WriteOperation['key']; readonly body: string }[];

export interface TemplateOptions {
  readonly pki: Pki;
  readonly clock: Clock;
  readonly random: () => number;
}

const lookEveryMs = 5;
/** Whatever is missing then, each member makes for itself. */
const patienceMs = 5_000;

/**
 * Starts one server and takes what it made. A fleet does this once: making these objects through the API for each of a
 * thousand members would take a minute, and so all members share one copy of each text.
 */
export async function firstObjects(options: TemplateOptions): Promise<FirstObjects> {
  const { pki, clock } = options;
  await using storage = openMemoryStorage(createMemoryDatabase(), options);
  await using server = createApiServer({ ...options, storage, issuer: 'https://template.invalid' });
  await server.start();
  const controllers = createApiControllers(
    serverContext(server, pki, { clock, logger: silentLogger, metrics: createMetrics() }),
  );
  const stopping = new AbortController();
  controllers.start(stopping.signal);
  await settled(server, clock);
  stopping.abort(new Error('the template is taken'));
  await controllers.stopped;
  return rowsOf(storage);
}

async function settled(server: ApiServer, clock: Clock): Promise<void> {
  const client = server.client(systemUser);
  const until = clock.monotonic() + patienceMs;
  while (!(await isSettled(client)) && clock.monotonic() < until) await clock.sleep(lookEveryMs);
}

/** Every namespace has its account and its CA, and the aggregated roles have their rules. */
async function isSettled(client: Client): Promise<boolean> {
  const [namespaces, accounts, configMaps, roles] = await Promise.all([
    client.list(Namespace),
    client.list(ServiceAccount),
    client.list(ConfigMap),
    client.list(ClusterRole),
  ]);
  const count = namespaces.items.length;
  const isEmpty = (role: ClusterRole) => role.aggregationRule !== undefined && (role.rules ?? []).length === 0;
  return accounts.items.length >= count && configMaps.items.length >= count && !roles.items.some(isEmpty);
}

async function rowsOf(storage: Storage): Promise<FirstObjects> {
  await using snapshot = await storage.snapshot();
  const rows: { key: WriteOperation['key']; body: string }[] = [];
  for await (const page of snapshot.rows) for (const { key, body } of page) rows.push({ key, body });
  return rows;
}

/** Puts the first objects into an empty storage. Namespaces get uids of their own: that of kube-system is the cluster's. */
export async function plantFirstObjects(storage: Storage, objects: FirstObjects, seed: string): Promise<void> {
  const random = createRandom(`${seed}\nuid`);
  const { revisions } = await storage.write({
    operations: objects.map(({ key, body }) => ({
      type: 'put',
      key,
      body: key.resource === 'namespaces' ? body.replace(uidField, `"uid":"${uuidFrom(random)}"`) : body,
      expect: 'absent',
    })),
  });
  // Nobody has watched yet: the history of these would only be held, by every member.
  await storage.compact(revisions.at(-1) ?? 0);
}

const uidField = /"uid":"[^"]*"/;
