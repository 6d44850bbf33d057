import {
  ApiException,
  CoreV1Api,
  KubeConfig,
  KubernetesObjectApi,
  makeInformer,
  PatchStrategy,
  type V1ConfigMap,
  Watch,
} from '@kubernetes/client-node';
import { buildKubeconfig, silentLogger, systemClock } from '@quarterdeck/machinery';
import { eventually } from '@quarterdeck/machinery/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startHttpListener } from '../http/listener.ts';
import { startTestServer } from '../testing/server.ts';
import { widgets } from '../testing/widgets.ts';
import { createIssuedCertificate } from '../tls/serving-certificate.ts';

/**
 * The official JavaScript client, unmodified, against our listener: what programs that never heard of us do. Our own
 * client shares our reading of the API; this one does not.
 */
const stack = new AsyncDisposableStack();
const config = new KubeConfig();

beforeAll(async () => {
  const { server, pki } = stack.use(await startTestServer({ definitions: [widgets] }));
  const identity = { pki, names: ['127.0.0.1'], clock: systemClock, logger: silentLogger };
  const certificate = stack.use(await createIssuedCertificate(identity));
  const listener = stack.use(
    await startHttpListener({ host: '127.0.0.1', port: 0, certificate, logger: silentLogger }),
  );
  listener.mount('', server.pipeline);
  const { certificate: certPem, key: keyPem } = await pki.issueClient({ user: 'admin', groups: ['system:masters'] });
  config.loadFromString(buildKubeconfig({ server: listener.url, caPem: pki.caBundle, user: { certPem, keyPem } }));
});
afterAll(() => stack.disposeAsync());

const namespace = 'default';
const configMap = (name: string, more: Partial<V1ConfigMap> = {}): V1ConfigMap & { metadata: { name: string } } => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  ...more,
  metadata: { namespace, ...more.metadata, name },
});
const header = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace } });
const configMaps = `/api/v1/namespaces/${namespace}/configmaps`;

async function codeOf(promise: Promise<unknown>): Promise<number | undefined> {
  try {
    await promise;
    return undefined;
  } catch (error) {
    if (error instanceof ApiException) return error.code;
    throw error;
  }
}

describe('@kubernetes/client-node', () => {
  test('KA-53 KA-55 KA-57 creates, reads, replaces and deletes', async () => {
    const api = KubernetesObjectApi.makeApiClient(config);
    const created = await api.create(configMap('crud', { data: { a: '1' } }));
    expect(created.metadata?.creationTimestamp).toBeInstanceOf(Date);
    const replaced = await api.replace({ ...created, data: { a: '2' } });
    expect(replaced.data).toEqual({ a: '2' });
    expect(await codeOf(api.replace({ ...created, data: { a: '3' } }))).toBe(409);
    expect((await api.read<V1ConfigMap>(header('crud'))).data).toEqual({ a: '2' });
    expect((await api.delete(header('crud'))).status).toBe('Success');
    expect(await codeOf(api.read(header('crud')))).toBe(404);
  });

  test('KA-10 finds the path of a custom kind through discovery', async () => {
    const api = KubernetesObjectApi.makeApiClient(config);
    const widget = { apiVersion: 'x.io/v1', kind: 'Widget', metadata: { name: 'found', namespace } };
    await api.create({ ...widget, spec: { color: 'red' } } as typeof widget);
    expect(await api.read(widget)).toMatchObject({ spec: { color: 'red', size: 3 } });
  });

  test.each([
    { strategy: PatchStrategy.MergePatch, want: { a: '1', b: '2' } },
    { strategy: PatchStrategy.StrategicMergePatch, want: { a: '1', b: '2' } },
  ])('KA-67 patches by $strategy', async ({ strategy, want }) => {
    const api = KubernetesObjectApi.makeApiClient(config);
    const name = `patched-${strategy.length}`;
    await api.create(configMap(name, { data: { a: '1' } }));
    const patch = configMap(name, { data: { b: '2' } });
    const patched = await api.patch(patch, undefined, undefined, undefined, undefined, strategy);
    expect(patched.data).toEqual(want);
  });

  test('KA-71 KA-76 applies, and hears of conflicts', async () => {
    const api = KubernetesObjectApi.makeApiClient(config);
    const apply = (manager: string, data: Record<string, string>, force: boolean) =>
      api.patch(configMap('applied', { data }), undefined, undefined, manager, force, PatchStrategy.ServerSideApply);
    expect((await apply('one', { a: '1', b: '1' }, false)).data).toEqual({ a: '1', b: '1' });
    expect((await apply('one', { a: '1' }, false)).data).toEqual({ a: '1' });
    expect(await codeOf(apply('two', { a: '2' }, false))).toBe(409);
    const forced = await apply('two', { a: '2' }, true);
    expect(forced.metadata?.managedFields?.map(({ manager, operation }) => [manager, operation])).toEqual([
      ['two', 'Apply'],
    ]);
  });

  test('KA-82 lists in pages', async () => {
    const api = KubernetesObjectApi.makeApiClient(config);
    const labels = { paged: 'yes' };
    for (const name of ['page-a', 'page-b', 'page-c']) await api.create(configMap(name, { metadata: { labels } }));
    const core = config.makeApiClient(CoreV1Api);
    const page = async (token?: string) => {
      const request = { namespace, labelSelector: 'paged=yes', limit: 2 };
      return core.listNamespacedConfigMap(token === undefined ? request : { ...request, _continue: token });
    };
    const first = await page();
    const second = await page(first.metadata?._continue);
    expect([first, second].map(({ items }) => items.map(({ metadata }) => metadata?.name))).toEqual([
      ['page-a', 'page-b'],
      ['page-c'],
    ]);
    expect(second.metadata?._continue).toBeUndefined();
  });

  test('KA-85 watches from a revision', async () => {
    const api = KubernetesObjectApi.makeApiClient(config);
    const { metadata } = await config.makeApiClient(CoreV1Api).listNamespacedConfigMap({ namespace });
    const seen: string[] = [];
    const query = { resourceVersion: metadata?.resourceVersion, labelSelector: 'watched=yes' };
    const note = (phase: string, object: V1ConfigMap) => void seen.push(`${phase} ${object.metadata?.name}`);
    const watch = await new Watch(config).watch(configMaps, query, note, () => {});
    const created = await api.create(configMap('watched', { metadata: { labels: { watched: 'yes' } } }));
    await api.replace({ ...created, data: { a: '1' } });
    await api.delete(header('watched'));
    await eventually(() => seen.length === 3);
    watch.abort();
    expect(seen).toEqual(['ADDED watched', 'MODIFIED watched', 'DELETED watched']);
  });

  test('KA-87 its informer follows what happens', async () => {
    const api = KubernetesObjectApi.makeApiClient(config);
    const core = config.makeApiClient(CoreV1Api);
    const labelSelector = 'informed=yes';
    const metadata = { labels: { informed: 'yes' } };
    const list = () => core.listNamespacedConfigMap({ namespace, labelSelector });
    await api.create(configMap('before', { metadata }));
    const informer = makeInformer(config, configMaps, list, labelSelector);
    const names = () => informer.list().flatMap((object) => object.metadata?.name ?? []);
    try {
      await informer.start();
      expect(names()).toEqual(['before']);
      await api.create(configMap('later', { metadata }));
      await api.delete(header('before'));
      await eventually(() => names().join() === 'later');
    } finally {
      await informer.stop();
    }
  });
});
