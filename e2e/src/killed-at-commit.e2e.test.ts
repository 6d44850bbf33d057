import { join } from 'node:path';
import { ConfigMap, isAlreadyExists, isConflict, isNotFound } from '@quarterdeck/apis';
import { removeEmbeddedPostgres, startEmbeddedPostgres } from '@quarterdeck/apiserver';
import { type FaultProxy, startFaultProxy } from '@quarterdeck/apiserver/testing';
import { createHttpClient, type HttpClient, loadKubeconfig, silentLogger, systemClock } from '@quarterdeck/machinery';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type HubProcess, startHubProcess } from './harness/hub.ts';
import { tempDir } from './harness/temp-dir.ts';

/**
 * A hub is killed with a write on its way: the message that carries it is kept from PostgreSQL, or its answer from the hub.
 * Between the two lies the commit. The hub knows nothing of it: what keeps them stands on the wire.
 */
const cleanup = new AsyncDisposableStack();
let proxy: FaultProxy;
let hub: HubProcess;
let client: HttpClient;

beforeAll(async () => {
  const dir = cleanup.use(await tempDir()).path;
  const common = { clock: systemClock, logger: silentLogger };
  const dataDir = join(dir, 'postgres');
  cleanup.defer(() => removeEmbeddedPostgres(dataDir, common));
  const database = cleanup.use(await startEmbeddedPostgres({ dataDir, ...common }));
  proxy = cleanup.use(await startFaultProxy(database.url));
  hub = cleanup.use(await startHubProcess({ dataDir: join(dir, 'hub'), database: proxy.url }));
  client = cleanup.use(createHttpClient({ ...(await loadKubeconfig({ path: hub.kubeconfig })), clock: systemClock }));
});
afterAll(() => cleanup.disposeAsync());

const namespace = 'default';
const configMap = (name: string, text: string) => ({
  apiVersion: 'v1' as const,
  kind: 'ConfigMap' as const,
  metadata: { name, namespace },
  data: { text },
});

/** Kills the hub when the write has come this far; then there is a new one. */
async function killedAt(moment: 'before' | 'after', name: string, write: () => Promise<unknown>): Promise<void> {
  const fault = proxy.once(name, moment === 'before' ? 'keep' : 'keepReply');
  const unanswered = expect(write()).rejects.toThrow();
  await (moment === 'before' ? fault.hit : fault.answered);
  await hub.kill('SIGKILL');
  await unanswered;
  await hub.restart();
}

/** What became of the object since, from first to last. */
async function history(name: string, since: string | undefined): Promise<unknown[]> {
  const seen: unknown[] = [];
  if (since === undefined) throw new Error('there is no version to start from');
  const watched = { namespace, fieldSelector: `metadata.name=${name}`, resourceVersion: since, timeoutSeconds: 1 };
  for await (const event of client.watch(ConfigMap, watched)) {
    if (event.type !== 'BOOKMARK') seen.push([event.type, event.object.data?.text]);
  }
  return seen;
}

const revision = async () => (await client.list(ConfigMap, { namespace })).metadata.resourceVersion;

test.each(['before', 'after'] as const)(
  'F-2 the hub is killed %s the commit of a create: asked again, the object is there once',
  async (moment) => {
    const name = `created-${moment}`;
    const since = await revision();
    const create = () => client.create(ConfigMap, configMap(name, 'once'));
    await killedAt(moment, name, create);
    if (moment === 'before') await create();
    else await expect(create()).rejects.toSatisfy(isAlreadyExists);
    expect(await history(name, since)).toEqual([['ADDED', 'once']]);
  },
);

test.each(['before', 'after'] as const)(
  'F-2 the hub is killed %s the commit of an update: asked again with the same version, it happens once',
  async (moment) => {
    const name = `updated-${moment}`;
    const first = await client.create(ConfigMap, configMap(name, 'first'));
    const update = () => client.update(ConfigMap, { ...first, data: { text: 'second' } });
    await killedAt(moment, name, update);
    if (moment === 'before') await update();
    else await expect(update()).rejects.toSatisfy(isConflict);
    expect(await history(name, first.metadata.resourceVersion)).toEqual([['MODIFIED', 'second']]);
  },
);

test.each(['before', 'after'] as const)(
  'F-2 the hub is killed %s the commit of a deletion: asked again with the same uid, it happens once',
  async (moment) => {
    const name = `deleted-${moment}`;
    const { metadata } = await client.create(ConfigMap, configMap(name, 'last'));
    const remove = () => client.delete(ConfigMap, { namespace, name }, { preconditions: { uid: metadata.uid } });
    await killedAt(moment, name, remove);
    if (moment === 'before') await remove();
    else await expect(remove()).rejects.toSatisfy(isNotFound);
    expect(await history(name, metadata.resourceVersion)).toEqual([['DELETED', 'last']]);
  },
);

test('F-2 the hub is killed after the commit of an apply: asked again, nothing changes', async () => {
  const name = 'applied-after';
  const since = await revision();
  const apply = () => client.apply(ConfigMap, configMap(name, 'once'), { fieldManager: 'test' });
  await killedAt('after', name, apply);
  await apply();
  expect(await history(name, since)).toEqual([['ADDED', 'once']]);
});
