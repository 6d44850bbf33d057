import { ConfigMap, Namespace } from '@quarterdeck/apis';
import { createInformer, createMetrics, silentLogger, systemClock } from '@quarterdeck/machinery';
import { configMap, namespaceObject } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { systemUser } from '../../../server.ts';
import { startTestServer } from '../../../testing/server.ts';
import { serverContext } from '../../server-context.ts';
import { namespaceDeletion } from './controller.ts';

test('KA-111 a namespace that took the name of one that went keeps what is in it, whatever is remembered', async () => {
  await using running = await startTestServer();
  const { server, pki } = running;
  const client = server.client(systemUser);
  await client.create(Namespace, namespaceObject('t'));
  const old = await client.delete(Namespace, { name: 't' });
  if (old === undefined) throw new Error('a namespace is returned');
  await client.update(Namespace, { ...old, spec: { finalizers: [] } }, { subresource: 'finalize' });
  await client.create(Namespace, namespaceObject('t'));
  await client.create(ConfigMap, configMap('kept', { a: '1' }, { namespace: 't' }));

  const namespaces = createInformer(client, Namespace);
  const controller = namespaceDeletion({
    ...serverContext(server, pki, { clock: systemClock, logger: silentLogger, metrics: createMetrics() }),
    namespaceClient: client,
    namespaces: { ...namespaces, get: (key) => (key === 't' ? old : namespaces.get(key)) },
  });
  const stopping = new AbortController();
  controller.start(stopping.signal);
  const informing = namespaces.start(stopping.signal);
  await namespaces.synced;
  await controller.idle();
  expect((await client.get(ConfigMap, { namespace: 't', name: 'kept' })).data).toEqual({ a: '1' });
  stopping.abort(new Error('the test ends'));
  await Promise.all([informing, controller.stopped]);
});
