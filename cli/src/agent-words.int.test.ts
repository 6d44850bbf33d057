import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileWorkCache } from '@quarterdeck/agent';
import { MemberCluster } from '@quarterdeck/apis';
import { eventually } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { isAvailable, startTestFleet } from './testing/fleet.ts';

/** What an agent says of itself and its hub while that refuses it. */

const within = { timeoutMs: 120_000 };

test('F-14, RG-22 an agent that starts from what it keeps is not connected before the hub lets it in', async () => {
  await using cleanup = new AsyncDisposableStack();
  const { path: dir } = cleanup.use(await mkdtempDisposable(join(tmpdir(), 'qd-agent-words-')));
  const fleet = cleanup.use(await startTestFleet(['m1']));
  const accept = (acceptance: string) =>
    fleet.admin.patch(MemberCluster, { name: 'm1' }, { type: 'merge', body: { spec: { acceptance } } });
  const options = { agent: { workCache: fileWorkCache(join(dir, 'works')) } };
  const first = await fleet.join('m1', options);
  await first.agent.connected;
  await isAvailable(fleet.admin, 'm1');
  await eventually(async () => (await options.agent.workCache.load()) !== undefined, within);
  await first.agent.stop();

  await accept('Denied');
  const again = await fleet.join('m1', { ...options, store: first.store, useToken: first.token });
  let isConnected = false;
  void again.agent.connected.then(() => {
    isConnected = true;
  });
  await again.agent.ready;
  expect(isConnected).toBe(false);
  await accept('Accepted');
  await again.agent.connected;
}, 240_000);

test('RG-41 an agent whose member was removed says so once, whatever of it the hub refuses', async () => {
  await using fleet = await startTestFleet(['m1']);
  const { logger } = fleet;
  await fleet.join('m1', { tunnel: true });
  await isAvailable(fleet.admin, 'm1');
  const before = logger.lines.length;
  const body = { metadata: { annotations: { 'quarterdeck.dev/force-removal': 'true' } } };
  await fleet.admin.patch(MemberCluster, { name: 'm1' }, { type: 'merge', body });
  await fleet.admin.delete(MemberCluster, { name: 'm1' });
  const refused = (level: string) =>
    logger.lines
      .slice(before)
      .filter((line) => line.level === level && line.cluster === 'm1' && /forbidden|403/.test(String(line.reason)))
      .map(({ msg, kind }) => (kind === undefined ? String(msg) : `${msg} ${kind}`));
  // Several times of everything that goes on asking.
  await eventually(() => refused('debug').filter((msg) => /heartbeat/.test(msg)).length >= 4, within);
  const told = refused('warn');
  expect(told.filter((msg) => /refuses the heartbeat/.test(msg))).toHaveLength(1);
  expect(told).toEqual([...new Set(told)]);
}, 240_000);
