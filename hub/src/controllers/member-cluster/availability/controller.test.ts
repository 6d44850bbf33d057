import { setImmediate } from 'node:timers/promises';
import {
  conditionType,
  findCondition,
  Lease,
  type MemberCluster,
  memberLeaseDurationSeconds,
  memberLeaseName,
  memberNamespaceName,
  type Stored,
} from '@quarterdeck/apis';
import { describe, expect, test } from 'vitest';
import { member, stored } from '../../../testing/builders.ts';
import { type ShownWorld, startShownWorld } from '../../../testing/shown-world.ts';
import { memberClusterAvailability } from './controller.ts';

/** Which heartbeats bring the controller to a member, and when it comes by itself. */

const durationMs = memberLeaseDurationSeconds * 1_000;

/** What is decided together is written a moment later. */
async function settleIn(world: ShownWorld, work: Promise<void>): Promise<void> {
  let isOver = false;
  void work.finally(() => {
    isOver = true;
  });
  for (await setImmediate(); !isOver; await setImmediate()) await world.clock.advance(10);
}

function beatIn(world: ShownWorld, name: string, skewMs = 0): Promise<void> {
  const renewTime = new Date(world.clock.now() + skewMs).toISOString().replace('Z', '000Z');
  const metadata = { namespace: memberNamespaceName(name) };
  return settleIn(world, world.show(stored(Lease, memberLeaseName, { metadata, spec: { renewTime } } as never)));
}

async function started() {
  const world = await startShownWorld(memberClusterAvailability);
  const settle = (work: Promise<void>) => settleIn(world, work);
  const beat = (skewMs = 0) => beatIn(world, 'm1', skewMs);
  /** The caches show what was written. */
  const catchUp = () => settle(world.show(...world.stored.values()));
  const conditions = () => {
    const { status } = world.stored.get('MemberCluster m1') as Stored<MemberCluster>;
    return Object.fromEntries((status?.conditions ?? []).map((condition) => [condition.type, condition.status]));
  };
  return { world, beat, settle, catchUp, conditions };
}

/** A hub that has heard of its only member. */
async function heard() {
  const { world, beat, settle, catchUp, conditions } = await started();
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

describe('RG-31 the brake', () => {
  const status = {
    conditions: [{ type: 'Joined', status: 'True', reason: 'Joined', lastTransitionTime: '2026-01-01T00:00:00Z' }],
  } as NonNullable<MemberCluster['status']>;
  const denied = (name: string) => member(name, { spec: { acceptance: 'Denied', clusterSet: 'default' }, status });
  const leaving = (name: string) =>
    member(name, {
      status,
      metadata: { finalizers: ['quarterdeck.dev/member-cleanup'], deletionTimestamp: '2026-01-01T00:00:00Z' } as never,
    });
  const accepted = (name: string) => member(name, { status });

  /** All are heard of once, and then only some of them: what comes of `lost`. */
  async function after(fleet: readonly Stored<MemberCluster>[], beating: readonly string[]) {
    const world = await startShownWorld(memberClusterAvailability);
    await using _ended = world;
    await settleIn(world, world.show(...fleet));
    for (const { metadata } of fleet) await beatIn(world, metadata.name);
    for (let seconds = 0; seconds < 60; seconds += 10) {
      await settleIn(world, world.show(...world.stored.values()));
      for (const name of beating) await beatIn(world, name);
      await world.clock.advance(10_000);
    }
    const { spec, status: now } = world.stored.get('MemberCluster lost') as Stored<MemberCluster>;
    const lease = findCondition(now?.conditions, conditionType.MemberCluster.HubLeaseCurrent);
    return [lease?.status, (spec.taints ?? []).map(({ key }) => key)];
  }

  test('RG-31 of a fleet that vanishes together it is said at once, and nobody is tainted', async () => {
    const gone = ['lost', 'g1', 'g2', 'g3'].map(accepted);
    expect(await after([...gone, ...['m1', 'm2', 'm3'].map(accepted)], ['m1', 'm2', 'm3'])).toEqual(['False', []]);
  });

  test.each([
    { who: 'who was denied', as: denied },
    { who: 'who leaves', as: leaving },
  ])('RG-31 $who is no part of it: one that is lost besides is tainted', async ({ as }) => {
    const fleet = [...['o1', 'o2', 'o3', 'o4'].map(as), ...['lost', 'm1', 'm2'].map(accepted)];
    expect(await after(fleet, ['m1', 'm2'])).toEqual(['False', ['quarterdeck.dev/unreachable']]);
  });
});

test('RG-31 a hub that starts brings back nobody who was lost before: the first heartbeat does', async () => {
  const { world: before, settle: settleBefore, catchUp } = await heard();
  await before.clock.advance(durationMs);
  await settleBefore(before.settled());
  await catchUp();
  await before.clock.advance(1_000);
  await settleBefore(before.settled());
  const lost = before.stored.get('MemberCluster m1') as Stored<MemberCluster>;
  await before[Symbol.asyncDispose]();
  expect(lost.spec.taints).toHaveLength(1);

  const { world, beat, settle, conditions } = await started();
  await using _ended = world;
  await beat();
  await settle(world.show(lost));
  expect(world.sent).toEqual([]);
  await world.clock.advance(5_000);
  await beat();
  expect(conditions()).toMatchObject({ HubLeaseCurrent: 'True' });
});
