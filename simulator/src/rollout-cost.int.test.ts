import { Deployment, type KubeObject, type ResourceType } from '@quarterdeck/apis';
import {
  createApiServer,
  createMemoryDatabase,
  loadOrCreatePki,
  openMemoryStorage,
  systemUser,
  workloadDefinitions,
} from '@quarterdeck/apiserver';
import { type Client, systemClock as clock, silentLogger } from '@quarterdeck/machinery';
import { eventually } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { simulatedControllers } from './controllers/all.ts';
import { registerNodes } from './controllers/node/nodes.ts';
import { runEngine } from './engine/engine.ts';
import { defaultShape } from './options.ts';
import { createRandom } from './random.ts';
import { deploymentObject } from './testing/objects.ts';

/** Writes by `verb Kind` or `verb Kind/subresource`, those that change nothing too. */
function countingWrites(client: Client) {
  const writes = new Map<string, number>();
  const count = (verb: string, { kind }: ResourceType, { subresource }: { subresource?: string } = {}) => {
    const name = `${verb} ${kind}${subresource === undefined ? '' : `/${subresource}`}`;
    writes.set(name, (writes.get(name) ?? 0) + 1);
  };
  const counted: Client = {
    ...client,
    create: <T extends KubeObject>(...args: Parameters<typeof client.create<T>>) => {
      count('create', args[0], args[2]);
      return client.create<T>(...args);
    },
    update: <T extends KubeObject>(...args: Parameters<typeof client.update<T>>) => {
      count('update', args[0], args[2]);
      return client.update<T>(...args);
    },
    patch: <T extends KubeObject>(...args: Parameters<typeof client.patch<T>>) => {
      count('patch', args[0], args[3]);
      return client.patch<T>(...args);
    },
  };
  return { writes, client: counted };
}

/** A thousand members share a process: each of these is paid a thousand times by one WorkSet. */
const most = {
  'create ReplicaSet': 1,
  'update ReplicaSet/status': 2,
  'update Deployment/status': 3,
  'patch Deployment': 1,
  'create Pod': 1,
  'patch Pod': 1,
  'update Pod/status': 2,
};

test('a Deployment of one pod is rolled out by eleven writes at most', async () => {
  const random = createRandom('cost');
  await using storage = openMemoryStorage(createMemoryDatabase(), { clock });
  const pki = await loadOrCreatePki(storage.settings, { clock });
  const issuer = 'https://member.example.test';
  const definitions = workloadDefinitions;
  await using server = createApiServer({ storage, pki, issuer, clock, logger: silentLogger, random, definitions });
  await server.start();
  const client = server.client(systemUser);
  const stopping = new AbortController();
  const { signal } = stopping;
  await registerNodes({ memberName: 'm1', shape: defaultShape, client, now: clock.now(), signal });
  const delays = { ready: { minMs: 1, maxMs: 5 }, failureProbability: 0 };
  const counted = countingWrites(client);
  const engine = runEngine(
    {
      controllers: simulatedControllers({ delays, seed: 'cost', clock }),
      store: server.store,
      client: counted.client,
      clock,
      logger: silentLogger,
      random,
    },
    signal,
  );
  await client.create(Deployment, deploymentObject('web'));
  await eventually(async () => {
    const { status } = await client.get(Deployment, { namespace: 'default', name: 'web' });
    return status?.conditions?.some(({ reason }) => reason === 'NewReplicaSetAvailable');
  });
  stopping.abort(new Error('the test has seen enough'));
  await engine;
  const beyond = [...counted.writes].filter(([name, number]) => number > (most[name as keyof typeof most] ?? 0));
  expect(beyond).toEqual([]);
});
