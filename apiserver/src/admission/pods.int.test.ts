import { type KubeObject, Namespace, Pod, ServiceAccount } from '@quarterdeck/apis';
import type { Client, JsonObject } from '@quarterdeck/machinery';
import { namespaceObject } from '@quarterdeck/machinery/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemUser } from '../server.ts';
import { send, startTestServer, type TestServer } from '../testing/index.ts';
import { podKinds } from '../testing/pod-kinds.ts';

let started: TestServer;
let client: Client;
beforeAll(async () => {
  started = await startTestServer({ controllers: true, definitions: podKinds });
  client = started.server.client(systemUser);
});
afterAll(() => started[Symbol.asyncDispose]());

let count = 0;
/** A namespace of each test's own. */
async function namespace(): Promise<string> {
  count += 1;
  const name = `pods-${count}`;
  await client.create(Namespace, namespaceObject(name));
  return name;
}
const pod = (namespace: string, spec: object = {}, container: object = {}): KubeObject =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace },
    spec: { containers: [{ name: 'c', image: 'i', ...container }], ...spec },
  }) as KubeObject;
const create = async (...parts: Parameters<typeof pod>) =>
  (await client.create(Pod, pod(...parts) as Pod)) as unknown as JsonObject & { spec: JsonObject };
const post = (url: string, body: JsonObject) => send(started.server.pipeline, { method: 'POST', url, body });

describe('the account of a pod', () => {
  const mountPath = '/var/run/secrets/kubernetes.io/serviceaccount';

  test('KA-2 is the default one, whose token, CA and namespace every container can read', async () => {
    const initContainers = [{ name: 'init', image: 'i' }];
    const { spec } = await create(await namespace(), { initContainers });
    const name = expect.stringMatching(/^kube-api-access-[a-z0-9]{5}$/);
    expect(spec).toMatchObject({
      serviceAccountName: 'default',
      containers: [{ volumeMounts: [{ name, readOnly: true, mountPath }] }],
      initContainers: [{ volumeMounts: [{ name, readOnly: true, mountPath }] }],
      volumes: [
        {
          name,
          projected: {
            sources: [
              { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
              { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
              { downwardAPI: { items: [{ path: 'namespace', fieldRef: { fieldPath: 'metadata.namespace' } }] } },
            ],
          },
        },
      ],
    });
  });

  test.each([
    { name: 'KA-2 a pod opts out', account: {}, pod: { automountServiceAccountToken: false }, mounted: false },
    { name: 'KA-2 an account opts out', account: { automountServiceAccountToken: false }, pod: {}, mounted: false },
    {
      name: 'KA-2 the word of the pod counts before that of the account',
      account: { automountServiceAccountToken: false },
      pod: { automountServiceAccountToken: true },
      mounted: true,
    },
  ])('$name', async ({ account, pod, mounted }) => {
    const where = await namespace();
    const metadata = { name: 'bot', namespace: where };
    await client.create(ServiceAccount, { apiVersion: 'v1', kind: 'ServiceAccount', metadata, ...account });
    const { spec } = await create(where, { serviceAccountName: 'bot', ...pod });
    expect([spec.serviceAccountName, Array.isArray(spec.volumes)]).toEqual(['bot', mounted]);
  });

  test('KA-2 its pull secrets are the pod’s when that has none, and an account that is not there is refused', async () => {
    const where = await namespace();
    await client.create(ServiceAccount, {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'bot', namespace: where },
      imagePullSecrets: [{ name: 'registry' }],
    });
    const { spec } = await create(where, { serviceAccountName: 'bot' });
    expect(spec.imagePullSecrets).toEqual([{ name: 'registry' }]);
    await expect(create(where, { serviceAccountName: 'nobody' })).rejects.toMatchObject({
      code: 403,
      message: `pods "p" is forbidden: error looking up service account ${where}/nobody: serviceaccount "nobody" not found`,
    });
  });
});

describe('limit ranges', () => {
  const limitTo = (namespace: string, limits: JsonObject[]) =>
    post(`/api/v1/namespaces/${namespace}/limitranges`, {
      apiVersion: 'v1',
      kind: 'LimitRange',
      metadata: { name: 'limits' },
      spec: { limits },
    });
  const resourcesOf = ({ spec }: { spec: JsonObject }) => (spec.containers as JsonObject[])[0]?.resources;

  test('KA-2 a container gets what it lacks, keeps what it has, and an annotation says so', async () => {
    const where = await namespace();
    const limits = [
      {
        type: 'Container',
        default: { cpu: '500m', memory: '500Mi' },
        defaultRequest: { cpu: '100m', memory: '200Mi' },
      },
    ];
    expect((await limitTo(where, limits)).status).toBe(201);
    const created = await create(where, {}, { resources: { requests: { cpu: '300m' } } });
    expect(resourcesOf(created)).toEqual({
      limits: { cpu: '500m', memory: '500Mi' },
      requests: { cpu: '300m', memory: '200Mi' },
    });
    expect((created.metadata as JsonObject).annotations).toEqual({
      'kubernetes.io/limit-ranger':
        'LimitRanger plugin set: memory request for container c; cpu, memory limit for container c',
    });
  });

  test('KA-2 too little and too much are refused, by container and by pod', async () => {
    const where = await namespace();
    const limits = [
      { type: 'Container', min: { cpu: '100m' }, max: { cpu: '1' }, maxLimitRequestRatio: { cpu: '4' } },
      { type: 'Pod', max: { cpu: '1' } },
    ];
    expect((await limitTo(where, limits)).status).toBe(201);
    const refused = async (requests: string, limit: string, more: object = {}) => {
      const resources = { requests: { cpu: requests }, limits: { cpu: limit } };
      const made: Promise<unknown> = create(where, more, { resources });
      return await made.then(
        () => 'created',
        (error: Error) => error.message.replace('pods "p" is forbidden: ', ''),
      );
    };
    const second = { name: 'd', image: 'i', resources: { requests: { cpu: '900m' }, limits: { cpu: '900m' } } };
    const containers = [{ ...second, name: 'c' }, second];
    expect([
      await refused('50m', '200m'),
      await refused('500m', '2'),
      await refused('100m', '500m'),
      await refused('1', '1', { containers }),
      await refused('200m', '800m'),
    ]).toEqual([
      'minimum cpu usage per Container is 100m, but request is 50m',
      '[maximum cpu usage per Container is 1, but limit is 2, maximum cpu usage per Pod is 1, but limit is 2]',
      'cpu max limit to request ratio per Container is 4, but provided ratio is 5.000000',
      'maximum cpu usage per Pod is 1, but limit is 1800m',
      'created',
    ]);
  });
});
