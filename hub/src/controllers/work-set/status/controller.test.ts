import { label, PlacementDecision, type Stored, Work } from '@quarterdeck/apis';
import { expect, test } from 'vitest';
import { placement, profile, stored, workSet } from '../../../testing/builders.ts';
import { startShownWorld } from '../../../testing/shown-world.ts';
import { workSetStatus } from './controller.ts';

/** The sum beside caches that are behind what it wrote itself, and beside delivery. */

const gatherMs = 100;
const fresh = workSet('shop', { metadata: { namespace: 'apps' } });
const guarded = workSet('shop', { metadata: { namespace: 'apps', finalizers: ['quarterdeck.dev/workset-cleanup'] } });
const decision = stored(PlacementDecision, 'everywhere-0', {
  metadata: {
    namespace: 'apps',
    labels: { [label.decisionKey]: 'uid-everywhere', [label.decisionIndex]: '0', [label.decisionRevision]: '1' },
    ownerReferences: [{ apiVersion: 'x', kind: 'Placement', name: 'everywhere', uid: 'uid-everywhere' }],
  },
  decisions: [{ clusterProfileRef: { name: 'm1', namespace: 'clusterset-default' } }],
} as never);
const ofM1 = (...conditions: readonly string[]): Stored<Work> =>
  stored(Work, 'apps.shop', {
    metadata: { namespace: 'member-m1', labels: { [label.workSet]: 'shop', [label.workSetNamespace]: 'apps' } },
    status: {
      conditions: conditions.map((type) => ({
        type,
        status: 'True',
        reason: 'R',
        message: '',
        lastTransitionTime: '2026-01-01T00:00:00Z',
        observedGeneration: 1,
      })),
    },
  } as never);
const write = 'update status of WorkSet apps/shop';

async function summing() {
  const world = await startShownWorld(workSetStatus);
  const pass = async (ms: number) => {
    await world.clock.advance(ms);
    await world.settled();
  };
  await world.show(profile('m1', 'clusterset-default'), placement('everywhere'), decision);
  return { ...world, pass };
}

test('DL-48 nothing is written beside the finalizer that delivery puts on, and the sum is as soon as that is shown', async () => {
  await using world = await summing();
  await world.show(fresh);
  await world.pass(gatherMs);
  expect(world.sent).toEqual([]);
  await world.show(guarded);
  await world.pass(gatherMs);
  expect(world.sent).toEqual([write]);
});

test('DL-48 a sum that is not shown yet is not written over; what came since is in the next one', async () => {
  await using world = await summing();
  await world.show(guarded);
  await world.pass(gatherMs);
  await world.show(ofM1('Applied'));
  await world.pass(gatherMs);
  await world.show(ofM1('Applied', 'Available'));
  await world.pass(gatherMs);
  expect(world.sent).toEqual([write]);
  const shop = world.stored.get('WorkSet apps/shop');
  if (shop !== undefined) await world.show(shop);
  await world.pass(gatherMs);
  expect(world.sent).toEqual([write, write]);
  expect(world.stored.get('WorkSet apps/shop')).toMatchObject({
    status: { clusters: { desired: 1, applied: 1, available: 1 } },
  });
});
