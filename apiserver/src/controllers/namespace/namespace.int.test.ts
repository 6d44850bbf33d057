import { ConfigMap, ignoreNotFound, isForbidden, Namespace, Secret, ServiceAccount } from '@quarterdeck/apis';
import { configMap, eventually, namespaceObject, testLogger } from '@quarterdeck/machinery/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startTestControllers, type TestServerWithControllers } from '../../testing/controllers.ts';

let running: TestServerWithControllers;
const logger = testLogger();
beforeEach(async () => {
  running = await startTestControllers({ logger });
});
afterEach(() => running[Symbol.asyncDispose]());

const rootCa = (namespace: string) =>
  ignoreNotFound(running.client.get(ConfigMap, { namespace, name: 'kube-root-ca.crt' }));
const account = (namespace: string) =>
  ignoreNotFound(running.client.get(ServiceAccount, { namespace, name: 'default' }));

test('KA-112 every namespace gets its account and the CA, made again when deleted, set right when changed', async () => {
  const { client, pki } = running;
  await client.create(Namespace, namespaceObject('t'));
  const first = await eventually(() => account('t'));
  const ca = await eventually(() => rootCa('t'));
  expect(ca.data).toEqual({ 'ca.crt': pki.caBundle });
  for (const name of ['default', 'kube-system', 'kube-public', 'kube-node-lease']) await eventually(() => rootCa(name));

  await client.delete(ServiceAccount, { namespace: 't', name: 'default' });
  const second = await eventually(() => account('t'));
  expect(second.metadata.uid).not.toBe(first.metadata.uid);

  await client.update(ConfigMap, { ...ca, data: { 'ca.crt': 'mine', more: 'x' } });
  await eventually(async () => (await rootCa('t'))?.data?.['ca.crt'] === pki.caBundle);
  expect((await rootCa('t'))?.data).toEqual({ 'ca.crt': pki.caBundle });
  await client.delete(ConfigMap, { namespace: 't', name: 'kube-root-ca.crt' });
  await eventually(() => rootCa('t'));
});

test('KA-111 a namespace goes with all that is in it', async () => {
  const { client, server } = running;
  await client.create(Namespace, namespaceObject('t'));
  await eventually(() => rootCa('t'));
  await client.create(ConfigMap, configMap('a', {}, { namespace: 't' }));
  await client.create(Secret, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', namespace: 't' } });
  const deleted = await client.delete(Namespace, { name: 't' });
  expect(deleted?.status?.phase).toBe('Terminating');
  await eventually(async () => (await ignoreNotFound(client.get(Namespace, { name: 't' }))) === undefined);
  expect([...server.store.resourceCounts('t')]).toEqual([]);
});

test('KA-111b content that finalizers hold keeps the namespace, whose conditions say so; nothing new comes in', async () => {
  const { client } = running;
  await client.create(Namespace, namespaceObject('t'));
  await client.create(ConfigMap, configMap('held', {}, { namespace: 't', finalizers: ['example.com/hold'] }));
  await client.delete(Namespace, { name: 't' });
  const seen = await eventually(async () => {
    const namespace = await client.get(Namespace, { name: 't' });
    return namespace.status?.conditions?.some(({ message }) => message.includes('example.com/hold'))
      ? namespace
      : undefined;
  });
  const conditions = (seen.status?.conditions ?? []).map(({ lastTransitionTime: _, ...rest }) => rest);
  expect(conditions).toEqual([
    {
      type: 'NamespaceDeletionDiscoveryFailure',
      status: 'False',
      reason: 'ResourcesDiscovered',
      message: 'All resources successfully discovered',
    },
    {
      type: 'NamespaceDeletionGroupVersionParsingFailure',
      status: 'False',
      reason: 'ParsedGroupVersions',
      message: 'All legacy kube types successfully parsed',
    },
    {
      type: 'NamespaceDeletionContentFailure',
      status: 'False',
      reason: 'ContentDeleted',
      message: 'All content successfully deleted, may be waiting on finalization',
    },
    {
      type: 'NamespaceContentRemaining',
      status: 'True',
      reason: 'SomeResourcesRemain',
      message: 'Some resources are remaining: configmaps has 1 resource instances',
    },
    {
      type: 'NamespaceFinalizersRemaining',
      status: 'True',
      reason: 'SomeFinalizersRemain',
      message: 'Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances',
    },
  ]);
  await expect(client.create(ConfigMap, configMap('late', {}, { namespace: 't' }))).rejects.toSatisfy(isForbidden);

  const merge = { type: 'merge', body: { metadata: { finalizers: null } } } as const;
  await client.patch(ConfigMap, { namespace: 't', name: 'held' }, merge);
  await eventually(async () => (await ignoreNotFound(client.get(Namespace, { name: 't' }))) === undefined);
});

test('KA-111 a namespace with a finalizer of somebody else in its spec is emptied and stays', async () => {
  const { client } = running;
  await client.create(Namespace, {
    ...namespaceObject('t'),
    spec: { finalizers: ['example.com/other', 'kubernetes'] },
  });
  await client.delete(Namespace, { name: 't' });
  await eventually(async () => {
    const { spec } = await client.get(Namespace, { name: 't' });
    expect(spec?.finalizers).toEqual(['example.com/other']);
    return true;
  });
});
