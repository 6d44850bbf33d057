import { X509Certificate } from 'node:crypto';
import { memoryStateStore, startAgent } from '@quarterdeck/agent';
import { ConfigMap, MemberCluster, Work } from '@quarterdeck/apis';
import { startHub } from '@quarterdeck/hub';
import { createMetrics } from '@quarterdeck/machinery';
import { eventually, fakeClock, testLogger } from '@quarterdeck/machinery/testing';
import { startSimulatedFleet } from '@quarterdeck/simulator';
import { expect, test } from 'vitest';
import { createJoinToken } from './join-token.ts';

/** The least that a certificate request may ask for. KA-132 */
const lifeSeconds = 600;
/** What is waited for comes at its time of the clock below, which goes as fast as the machine lets it. */
const within = { timeoutMs: 390_000 };

test('F-21, RG-6, RG-8 a certificate is issued, renewed in the last third of its life, expires while the agent is away, and is got anew', async () => {
  await using cleanup = new AsyncDisposableStack();
  const clock = fakeClock(Date.now());
  const logger = testLogger();
  let ticking = true;
  let stepMs = 200;
  // Time goes twenty times as fast, for hub and agent alike; what passes between them is real. Faster while little does.
  const ticker = (async () => {
    while (ticking) {
      await clock.advance(stepMs);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  })();
  cleanup.defer(async () => {
    ticking = false;
    await ticker;
  });
  const members = cleanup.use(await startSimulatedFleet({ names: ['m1'], nodes: 1 }));
  const memberClient = members.members.get('m1')?.inProcessClient;
  if (memberClient === undefined) throw new Error('no member');
  const hub = await startHub({
    database: { type: 'memory' },
    listen: { host: '127.0.0.1', port: 0 },
    logger,
    clock,
  });
  cleanup.defer(() => hub.stop());
  const newToken = () =>
    createJoinToken(hub.adminClient, {
      clusterPattern: 'm1',
      clusterSet: 'default',
      labels: {},
      acceptance: 'Accepted',
      reusable: false,
      ttlMs: 7_200_000,
    });
  let token: string | undefined = await newToken();
  const store = memoryStateStore();
  const start = () =>
    startAgent({
      clusterName: 'm1',
      hubUrl: hub.url,
      trust: { caHash: hub.caHash },
      token: () => Promise.resolve(token),
      expirationSeconds: lifeSeconds,
      memberClient,
      store,
      clock,
      logger,
      metrics: createMetrics(),
    });
  const certificate = async () => {
    const { certificate: pem } = await store.load();
    return pem === undefined ? undefined : new X509Certificate(pem);
  };
  const isAvailable = async () => {
    const { items } = await hub.adminClient.list(MemberCluster);
    return items[0]?.status?.conditions?.some(({ type, status }) => type === 'Available' && status === 'True');
  };

  const first = start();
  cleanup.defer(() => first.stop());
  await eventually(isAvailable, within);
  await hub.adminClient.create(Work, {
    apiVersion: 'multicluster.x-k8s.io/v1alpha1',
    kind: 'Work',
    metadata: { name: 'kept', namespace: 'member-m1' },
    spec: {
      workload: {
        manifests: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'kept', namespace: 'default' } }],
      },
    },
  });
  const kept = await eventually(() => memberClient.get(ConfigMap, { namespace: 'default', name: 'kept' }), within);
  const issued = await certificate();
  token = undefined; // it has done its work

  // Renewed by itself, at a moment of the last third.
  stepMs = 500;
  const renewed = await eventually(async () => {
    const now = await certificate();
    return now?.serialNumber === issued?.serialNumber ? undefined : now;
  }, within);
  const renewedAt = clock.now();
  stepMs = 200;
  const [from, to] = [issued?.validFromDate.getTime() ?? 0, issued?.validToDate.getTime() ?? 0];
  expect(renewedAt).toBeGreaterThan(from + ((to - from) * 2) / 3);
  expect(renewedAt).toBeLessThan(to + 30_000);
  expect(renewed?.subject).toBe(issued?.subject);
  await eventually(isAvailable, within);

  // Away for longer than the certificate lives: it says so, and changes nothing.
  await first.stop();
  stepMs = 1_000;
  await eventually(() => clock.now() > (renewed?.validToDate.getTime() ?? 0), within);
  stepMs = 200;
  const second = start();
  cleanup.defer(() => second.stop());
  await eventually(
    () =>
      logger.messages('error').some((text) => text.startsWith('the agent needs a bootstrap token for this cluster')),
    within,
  );
  expect((await memberClient.get(ConfigMap, { namespace: 'default', name: 'kept' })).metadata.uid).toBe(
    kept.metadata.uid,
  );

  // A token arrives, and it is the member that it was, without a restart.
  token = await newToken();
  await eventually(isAvailable, within);
  const last = await certificate();
  expect([last?.subject, last?.serialNumber === renewed?.serialNumber]).toEqual([issued?.subject, false]);
  expect((await memberClient.get(ConfigMap, { namespace: 'default', name: 'kept' })).metadata.uid).toBe(
    kept.metadata.uid,
  );
}, 400_000);
