import {
  CustomResourceDefinition,
  ignoreNotFound,
  type KubeObject,
  resourceType,
  type Stored,
} from '@quarterdeck/apis';
import { type Client, createInformer, createMetrics, silentLogger, systemClock } from '@quarterdeck/machinery';
import { eventually, fakeClock } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { systemUser } from '../server.ts';
import { startTestServer } from '../testing/server.ts';
import { crdController } from './crd-controller.ts';
import { widgetCrd } from './testdata/widget.ts';

const Widget = resourceType<KubeObject>('ex.test', 'v1', 'Widget', 'widgets', 'Namespaced');
const crdName = 'widgets.ex.test';

/** A server whose CRDs are looked after by a controller of the test's own: it counts what is asked, and its time stands still. */
async function underControl() {
  const { server, ...running } = await startTestServer();
  const client = server.client(systemUser);
  const clock = fakeClock();
  const asked = { lists: 0, deletions: 0 };
  const counting: Client = {
    ...client,
    list: (type, ...rest) => {
      if (type.plural === Widget.plural) asked.lists += 1;
      return client.list(type, ...rest);
    },
    deleteCollection: (type, ...rest) => {
      asked.deletions += 1;
      return client.deleteCollection(type, ...rest);
    },
  };
  const crds = createInformer(client, CustomResourceDefinition, { clock: systemClock, logger: silentLogger });
  const controller = crdController({
    crdClient: counting,
    crds,
    store: server.store,
    clock,
    logger: silentLogger,
    metrics: createMetrics(),
  });
  const stop = new AbortController();
  controller.start(stop.signal);
  const informing = crds.start(stop.signal);
  const crd = async () => await ignoreNotFound(client.get(CustomResourceDefinition, { name: crdName }));
  const conditionOf = async (type: string) =>
    (await crd())?.status?.conditions?.find((condition) => condition.type === type);
  return {
    client,
    clock,
    asked,
    crd,
    controller,
    async install() {
      await client.create(CustomResourceDefinition, widgetCrd() as unknown as CustomResourceDefinition);
      await eventually(async () => (await conditionOf('Established'))?.status === 'True');
    },
    async create(name: string, namespace = 'default'): Promise<Stored<KubeObject>> {
      const metadata = { name, namespace, finalizers: ['example.com/hold'] };
      return await client.create(Widget, { apiVersion: 'ex.test/v1', kind: 'Widget', metadata });
    },
    /** Until the controller has deleted what there is, and waits. */
    async remove() {
      await client.delete(CustomResourceDefinition, { name: crdName });
      await eventually(async () => (await conditionOf('Terminating'))?.status === 'True' && asked.deletions > 0);
      await controller.idle();
    },
    async release(name: string, namespace = 'default') {
      const { metadata, ...rest } = await client.get(Widget, { name, namespace });
      const { finalizers: _, ...free } = metadata;
      await client.update(Widget, { ...rest, metadata: free });
    },
    async [Symbol.asyncDispose]() {
      stop.abort(new Error('the test is over'));
      await Promise.all([informing, controller.stopped]);
      await running[Symbol.asyncDispose]();
    },
  };
}

test('KA-95 a CRD goes when the last of its instances does, which nobody asks for meanwhile', async () => {
  await using server = await underControl();
  await server.install();
  for (const name of ['a', 'b', 'c']) await server.create(name);
  await server.remove();
  const before = { ...server.asked };
  await server.clock.advance(29_000);
  await server.release('a');
  await server.release('b');
  await server.controller.idle();
  expect(server.asked).toEqual(before);
  expect(before.lists).toBe(0);
  expect((await server.crd())?.metadata.deletionTimestamp).toBeDefined();
  await server.release('c');
  await eventually(async () => (await server.crd()) === undefined);
});

test('KA-95 what still holds after a while is deleted again', async () => {
  await using server = await underControl();
  await server.install();
  await server.create('a');
  await server.remove();
  const { deletions } = server.asked;
  await server.clock.advance(30_000);
  await eventually(() => server.asked.deletions === deletions + 1);
  await server.release('a');
  await eventually(async () => (await server.crd()) === undefined);
});
