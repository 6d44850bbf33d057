import { X509Certificate } from 'node:crypto';
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryStateStore, startAgent } from '@quarterdeck/agent';
import { startHub } from '@quarterdeck/hub';
import { createMetrics, systemClock } from '@quarterdeck/machinery';
import { eventually, testAuthority, testLogger } from '@quarterdeck/machinery/testing';
import { startSimulatedFleet } from '@quarterdeck/simulator';
import { expect, test } from 'vitest';
import { createJoinToken } from './join-token.ts';

const same = (certificate: string) => new X509Certificate(certificate).toString();

test('RG-9, RG-53 a hub whose address another CA vouches for, as a load balancer has it, is known by that one still when it publishes its own', async () => {
  await using cleanup = new AsyncDisposableStack();
  const { path: dir } = cleanup.use(await mkdtempDisposable(join(tmpdir(), 'qd-address-ca-')));
  const authority = testAuthority('of the address');
  const { cert, key } = authority.issue('hub');
  const files = { certificateFile: join(dir, 'tls.crt'), keyFile: join(dir, 'tls.key') };
  await writeFile(files.certificateFile, cert);
  await writeFile(files.keyFile, key, { mode: 0o600 });
  const members = cleanup.use(await startSimulatedFleet({ names: ['m1'], nodes: 1 }));
  const memberClient = members.members.get('m1')?.inProcessClient;
  if (memberClient === undefined) throw new Error('no member');
  const logger = testLogger();
  const hub = cleanup.use(
    await startHub({
      database: { type: 'memory' },
      listen: { host: '127.0.0.1', port: 0 },
      certificateFiles: files,
      logger,
    }),
  );
  const token = await createJoinToken(hub.adminClient, {
    clusterPattern: 'm1',
    clusterSet: 'default',
    labels: {},
    acceptance: 'Accepted',
    reusable: false,
    ttlMs: 3_600_000,
  });
  const store = memoryStateStore();
  const start = (caPem: string) =>
    startAgent({
      clusterName: 'm1',
      hubUrl: hub.url,
      trust: { caPem },
      token: () => Promise.resolve(token),
      memberClient,
      store,
      clock: systemClock,
      logger,
      metrics: createMetrics(),
    });
  {
    await using agent = start(authority.cert);
    await agent.ready;
    const known = await eventually(
      async () => {
        const { hubCa = '' } = await store.load();
        return hubCa.includes(same(hub.caPem)) && hubCa;
      },
      { timeoutMs: 60_000, message: 'the agent to take over what the hub published' },
    );
    expect(known).toBe(same(hub.caPem) + same(authority.cert));
  }
  // With what it has kept, and nothing else.
  await using agent = start((await store.load()).hubCa ?? '');
  await agent.ready;
}, 180_000);
