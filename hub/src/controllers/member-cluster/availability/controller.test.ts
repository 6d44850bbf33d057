import { setImmediate } from 'node:timers/promises';
import {
  conditionType,
  Lease,
  type MemberCluster,
  memberLeaseDurationSeconds,
  memberLeaseName,
  memberNamespaceName,
  type Stored,
} from '@quarterdeck/apis';
import { expect, test } from 'vitest';
import { member, stored } from '../../../testing/builders.ts';
import { startShownWorld } from '../../../testing/shown-world.ts';
import { memberClusterAvailability } from './controller.ts';

/** Which heartbeats bring the controller to a member, and when it comes by itself. */

const durationMs = memberLeaseDurationSeconds * 1_000;

async function heard() {
  const world = await startShownWorld(memberClusterAvailability);
  /** What is decided together is written a moment later. */
  const settle = async (work: Promise<void>) => {
    let isOver = false;
    void work.finally(() => {
      isOver = true;
    });
    for (await setImmediate(); !isOver; await setImmediate()) await world.clock.advance(10);
  };
  const beat = (skewMs = 0) => {
    const renewTime = new Date(world.clock.now() + skewMs).toISOString().replace('Z', '000Z');
    const metadata = { namespace: memberNamespaceName('m1') };
    return settle(world.show(stored(Lease, memberLeaseName, { metadata, spec: { renewTime } } as never)));
  };
  /** The caches show what was written. */
  const catchUp = () => settle(world.show(...world.stored.values()));
  const conditions = () => {
    const { status } = world.stored.get('MemberCluster m1') as Stored<MemberCluster>;
    return Object.fromEntries((status?.conditions ?? []).map((condition) => [condition.type, condition.status]));
  };
  await settle(world.show(member('m1')));
  for (const _time of ['found', 'renewed']) {
    await beat();
    await catchUp();
    await world.clock.advance(5_000);
  }
  expect(conditions()).toMatchObject({ HubLeaseCurrent: 'True', ClockInSync: 'True' });
  world.sent.length = 0;
  return { world, beat, settle, catchUp, conditions };
}

test('CP-45, RG-30 heartbeats of a member that is heard of bring nobody to it', async () => {
  const { world, beat } = await heard();
  await using _ended = world;
  const before = await world.visits();
  for (const _beat of [1, 2, 3, 4]) {
    await world.clock.advance(5_000);
    await beat();
  }
  expect([await world.visits(), world.sent]).toEqual([before, []]);
});

test('CP-45 what a member reports of its nodes and versions brings nobody to it, what it says of its health does', async () => {
  const { world, settle, conditions } = await heard();
  await using _ended = world;
  const before = await world.visits();
  const known = world.stored.get('MemberCluster m1') as Stored<MemberCluster>;
  for (const kubernetes of ['1.35', '1.36']) {
    await settle(world.show({ ...known, status: { ...known.status, version: { kubernetes } } } as never));
  }
  expect([await world.visits(), world.sent]).toEqual([before, []]);
  const healthy = (known.status?.conditions ?? []).map((condition) =>
    condition.type === conditionType.MemberCluster.ControlPlaneHealthy ? { ...condition, status: 'True' } : condition,
  );
  await settle(world.show({ ...known, status: { ...known.status, conditions: healthy } } as never));
  expect(conditions()).toMatchObject({ Available: 'True' });
});

test('RG-31 silence is seen a whole Lease after the last heartbeat, however many came before, and its end at once', async () => {
  const { world, beat, settle, catchUp, conditions } = await heard();
  await using _ended = world;
  for (const _beat of [1, 2, 3, 4, 5]) {
    await world.clock.advance(10_000);
    await beat();
  }
  await world.clock.advance(durationMs - 100);
  await world.settled();
  expect(world.sent).toEqual([]);
  await world.clock.advance(100);
  await settle(world.settled());
  expect(conditions()).toMatchObject({ HubLeaseCurrent: 'False', Available: 'Unknown' });
  await catchUp();
  await beat();
  expect(conditions()).toMatchObject({ HubLeaseCurrent: 'True' });
});

test('RG-30 a clock that went wrong is told of with the next heartbeat', async () => {
  const { world, beat, conditions } = await heard();
  await using _ended = world;
  await beat(60_000);
  expect(conditions()).toMatchObject({ HubLeaseCurrent: 'True', ClockInSync: 'False' });
});
