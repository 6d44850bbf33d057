import { memoryStateStore } from '@quarterdeck/agent';
import { conditionType, findCondition, MemberCluster } from '@quarterdeck/apis';
import { eventually } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { conditionOf, isAvailable, startTestFleet } from './testing/fleet.ts';

test('RG-11 a second agent of a cluster shows on its MemberCluster, by name, until one of the two is gone', async () => {
  await using fleet = await startTestFleet(['m1']);
  const { admin } = fleet;
  const first = await fleet.join('m1');
  await isAvailable(admin, 'm1');
  expect(await conditionOf(admin, 'm1', 'OneAgent')).toBeUndefined();

  const store = memoryStateStore(await first.store.load());
  const process = { identity: 'other-host/7', isGone: () => false };
  await fleet.join('m1', { store, agent: { process } });
  // A first beat could be of long ago: the second tells.
  const within = { timeoutMs: 60_000 };
  await eventually(async () => (await conditionOf(admin, 'm1', 'OneAgent')) === 'False SecondAgent', within);
  const { status } = await admin.get(MemberCluster, { name: 'm1' });
  expect(findCondition(status?.conditions, conditionType.MemberCluster.OneAgent)?.message).toContain(
    'a second agent of this cluster runs: other-host/7. ',
  );
  expect(await conditionOf(admin, 'm1', 'Available')).toBe('True Available');

  await first.agent.stop();
  const cleared = { timeoutMs: 90_000 };
  await eventually(async () => (await conditionOf(admin, 'm1', 'OneAgent')) === 'True OneAgent', cleared);
  expect(await conditionOf(admin, 'm1', 'Available')).toBe('True Available');
}, 180_000);
