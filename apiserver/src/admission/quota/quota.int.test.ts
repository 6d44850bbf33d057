import { ConfigMap, type KubeObject, Namespace, Pod, Secret } from '@quarterdeck/apis';
import { type Client, type JsonObject, silentLogger, systemClock } from '@quarterdeck/machinery';
import { configMap, eventually, namespaceObject } from '@quarterdeck/machinery/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ResourceQuota } from '../../controllers/resource-quota/kind.ts';
import { systemUser } from '../../server.ts';
import { createMemoryDatabase, openMemoryStorage } from '../../storage/memory.ts';
import { openPostgresStorage } from '../../storage/postgres/open.ts';
import { send, startTestServer, type TestServer } from '../../testing/index.ts';
import { podKinds } from '../../testing/pod-kinds.ts';
import { sharedTestPostgres, type TestPostgres } from '../../testing/postgres.ts';

let started: TestServer;
let client: Client;
beforeEach(async () => {
  started = await startTestServer({ controllers: true, definitions: podKinds });
  client = started.server.client(systemUser);
  await client.create(Namespace, namespaceObject('q'));
});
afterEach(() => started[Symbol.asyncDispose]());

const quota = (hard: Record<string, string>, more: object = {}): ResourceQuota => ({
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { name: 'quota', namespace: 'q' },
  spec: { hard, ...more },
});
const get = () => client.get(ResourceQuota, { namespace: 'q', name: 'quota' });
const used = async () => (await get()).status?.used;
const until = (want: Record<string, string>) =>
  eventually(async () => {
    expect(await used()).toEqual(want);
    return true;
  });
/** A quota whose status is there. */
async function withQuota(hard: Record<string, string>, more: object = {}): Promise<void> {
  await client.create(ResourceQuota, quota(hard, more));
  await eventually(async () => Object.keys((await used()) ?? {}).length === Object.keys(hard).length);
}
const inQ = (name: string) => configMap(name, {}, { namespace: 'q' });
const pod = (name: string, resources: object, more: object = {}): KubeObject =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'q' },
    spec: { containers: [{ name: 'c', image: 'i', resources }], ...more },
  }) as KubeObject;
const createPod = (...parts: Parameters<typeof pod>) => client.create(Pod, pod(...parts) as Pod);

test('KA-119 the status is there promptly, says what was there before, and follows the spec', async () => {
  await eventually(async () => (await client.list(ConfigMap, { namespace: 'q' })).items.length === 1);
  await withQuota({ configmaps: '5', 'count/secrets': '2', 'requests.cpu': '1' });
  expect((await get()).status).toEqual({
    hard: { configmaps: '5', 'count/secrets': '2', 'requests.cpu': '1' },
    used: { configmaps: '1', 'count/secrets': '0', 'requests.cpu': '0' },
  });
  await client.update(ResourceQuota, { ...(await get()), spec: { hard: { services: '3' } } });
  await eventually(async () => {
    expect((await get()).status).toEqual({ hard: { services: '3' }, used: { services: '0' } });
    return true;
  });
});

test('KA-119 what is created is charged in the same transaction, what is too much is refused, what goes is given back', async () => {
  await withQuota({ secrets: '2', 'count/secrets': '9' });
  const secret = (name: string) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'q' } });
  await client.create(Secret, secret('a'));
  expect(await used()).toEqual({ 'count/secrets': '1', secrets: '1' });
  await client.create(Secret, secret('b'));
  await expect(client.create(Secret, secret('c'))).rejects.toMatchObject({
    code: 403,
    reason: 'Forbidden',
    message:
      'secrets "c" is forbidden: exceeded quota: quota, requested: secrets=1, used: secrets=2, limited: secrets=2',
  });
  expect(await used()).toEqual({ 'count/secrets': '2', secrets: '2' });
  await client.delete(Secret, { namespace: 'q', name: 'a' });
  await until({ 'count/secrets': '1', secrets: '1' });
  await client.create(Secret, secret('c'));
});

describe('two servers on one database', () => {
  let postgres: TestPostgres;
  beforeAll(async () => {
    postgres = await sharedTestPostgres();
  });
  afterAll(() => postgres[Symbol.asyncDispose]());
  const common = { clock: systemClock, logger: silentLogger };
  const inMemory = () => {
    const memory = createMemoryDatabase();
    return () => openMemoryStorage(memory, common);
  };
  const inPostgres = () => {
    const options = { url: postgres.url, schema: postgres.schema('quota'), ...common };
    return () => openPostgresStorage(options);
  };

  test.each([
    { database: 'memory', openAll: inMemory },
    { database: 'PostgreSQL', openAll: inPostgres },
  ])('KA-119 create exactly as many of many at once as allowed: $database', async ({ openAll }) => {
    const open = openAll();
    await using one = await startTestServer({ controllers: true, storage: open(), definitions: podKinds });
    await using two = await startTestServer({ storage: open(), definitions: podKinds });
    const clients = [one, two].map(({ server }) => server.client(systemUser));
    const first = one.server.client(systemUser);
    await first.create(Namespace, namespaceObject('q'));
    await first.create(ResourceQuota, quota({ 'count/secrets': '10' }));
    await two.server.store.fresh();
    const creates = Array.from({ length: 40 }, async (_, index) => {
      const metadata = { name: `s${index}`, namespace: 'q' };
      return await clients[index % 2]?.create(Secret, { apiVersion: 'v1', kind: 'Secret', metadata });
    });
    const outcomes = await Promise.allSettled(creates);
    const refusals = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as Error] : []));
    const reasons = new Set(refusals.map(({ message }) => message.replace(/^.*forbidden: |, requested.*$/g, '')));
    expect([outcomes.length - refusals.length, [...reasons]]).toEqual([10, ['exceeded quota: quota']]);
    const { items } = await first.list(Secret, { namespace: 'q' });
    const { status } = await first.get(ResourceQuota, { namespace: 'q', name: 'quota' });
    expect([items.length, status?.used]).toEqual([10, { 'count/secrets': '10' }]);
  });
});

test('KA-119 a quota counts from its first moment, before its status is there', async () => {
  await using plain = await startTestServer({ definitions: podKinds });
  const alone = plain.server.client(systemUser);
  await alone.create(Namespace, namespaceObject('q'));
  await alone.create(ConfigMap, inQ('a'));
  await alone.create(ResourceQuota, quota({ configmaps: '2' }));
  await alone.create(ConfigMap, inQ('b'));
  await expect(alone.create(ConfigMap, inQ('c'))).rejects.toMatchObject({ code: 403 });
  const stored = await alone.get(ResourceQuota, { namespace: 'q', name: 'quota' });
  expect(stored.status).toEqual({ hard: { configmaps: '2' }, used: { configmaps: '2' } });
});

test('KA-60d a dry run is checked and not charged', async () => {
  await withQuota({ 'count/secrets': '1' });
  const metadata = { name: 'a', namespace: 'q' };
  const dry = () => client.create(Secret, { apiVersion: 'v1', kind: 'Secret', metadata }, { dryRun: true });
  await dry();
  expect(await used()).toEqual({ 'count/secrets': '0' });
  await client.create(Secret, { apiVersion: 'v1', kind: 'Secret', metadata: { ...metadata, name: 'b' } });
  await expect(dry()).rejects.toMatchObject({ code: 403 });
});

test('KA-119 objects of a custom kind are counted as count/PLURAL.GROUP', async () => {
  const spec = {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'gadgets', singular: 'gadget', kind: 'Gadget', listKind: 'GadgetList' },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
  };
  const post = (url: string, body: JsonObject) => send(started.server.pipeline, { method: 'POST', url, body });
  await post('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'gadgets.example.com' },
    spec,
  });
  await withQuota({ 'count/gadgets.example.com': '1' });
  const create = (name: string) =>
    post('/apis/example.com/v1/namespaces/q/gadgets', {
      apiVersion: 'example.com/v1',
      kind: 'Gadget',
      metadata: { name },
    });
  await eventually(async () => (await create('a')).status === 201);
  expect([(await create('b')).status, await used()]).toEqual([403, { 'count/gadgets.example.com': '1' }]);
  await send(started.server.pipeline, { method: 'DELETE', url: '/apis/example.com/v1/namespaces/q/gadgets/a' });
  await until({ 'count/gadgets.example.com': '0' });
});

describe('pods', () => {
  test('KA-119 their requests and limits are summed, those that are over count no more', async () => {
    await withQuota({ pods: '3', 'requests.cpu': '1', 'limits.memory': '1Gi', 'count/pods': '9' });
    await createPod('a', { requests: { cpu: '600m' }, limits: { memory: '512Mi' } });
    expect(await used()).toEqual({ 'count/pods': '1', 'limits.memory': '512Mi', pods: '1', 'requests.cpu': '600m' });
    await expect(createPod('b', { requests: { cpu: '500m' }, limits: { memory: '1Mi' } })).rejects.toMatchObject({
      message:
        'pods "b" is forbidden: exceeded quota: quota, requested: requests.cpu=500m, used: requests.cpu=600m, limited: requests.cpu=1',
    });
    await expect(createPod('c', { requests: { cpu: '1m' } })).rejects.toMatchObject({
      message: 'pods "c" is forbidden: failed quota: quota: must specify limits.memory for: c',
    });
    const running = await client.get(Pod, { namespace: 'q', name: 'a' });
    const status = { ...running.status, phase: 'Succeeded' } as Pod['status'];
    await client.update(Pod, { ...running, ...(status === undefined ? {} : { status }) }, { subresource: 'status' });
    await until({ 'count/pods': '1', 'limits.memory': '0', pods: '0', 'requests.cpu': '0' });
  });

  test('KA-119 a quota with scopes counts the pods that are in all of them', async () => {
    await withQuota({ pods: '1' }, { scopes: ['BestEffort'] });
    await createPod('limited', { requests: { cpu: '1m' } });
    expect(await used()).toEqual({ pods: '0' });
    await createPod('free', {});
    await expect(createPod('more', {})).rejects.toMatchObject({ code: 403 });
    await until({ pods: '1' });
  });
});
