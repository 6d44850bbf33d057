import {
  type ClusterSet,
  type Condition,
  conditionType,
  label,
  type MemberCluster,
  managedByValue,
  Namespace,
  type Stored,
} from '@quarterdeck/apis';
import { expect, test } from 'vitest';
import { clusterSet, member, stored } from '../../../testing/builders.ts';
import { startShownWorld } from '../../../testing/shown-world.ts';
import { clusterSetMembership } from './controller.ts';

/** What of its members brings the controller to a set, and what does not. */

const available = (status: Condition['status']): Condition[] => [
  {
    type: conditionType.MemberCluster.Available,
    status,
    reason: 'R',
    message: '',
    lastTransitionTime: '2026-01-01T00:00:00Z',
  },
];
const spec = { clusterSet: 'default', acceptance: 'Accepted' } as const;
const m1 = (over: Partial<MemberCluster> = {}) => member('m1', { spec, ...over } as Partial<MemberCluster>);
const reporting = (kubernetes: string, status: Condition['status'] = 'True') =>
  m1({ status: { version: { kubernetes }, conditions: available(status) } });

async function counted() {
  const world = await startShownWorld(clusterSetMembership);
  const pass = async () => {
    await world.settled();
    await world.clock.advance(500);
    await world.settled();
  };
  const labels = {
    [label.clusterSet]: 'default',
    [label.clusterSetLegacy]: 'default',
    [label.managedBy]: managedByValue,
  };
  await world.show(clusterSet('default'), reporting('1.34'));
  await pass();
  await world.show(
    ...world.stored.values(),
    stored(Namespace, 'clusterset-default', { metadata: { labels } } as never),
  );
  await pass();
  await world.show(...world.stored.values());
  await pass();
  const count = () => (world.stored.get('ClusterSet default') as Stored<ClusterSet>).status?.members;
  expect(count()).toEqual({ total: 1, available: 1 });
  return { world, pass, count };
}

test('CI-11 what a member reports each minute brings nobody to its set', async () => {
  const { world, pass } = await counted();
  await using _ended = world;
  const before = await world.visits();
  for (const version of ['1.35', '1.36', '1.37']) {
    await world.show(reporting(version));
    await pass();
  }
  expect(await world.visits()).toBe(before);
});

test.each([
  { what: 'is lost', now: reporting('1.34', 'Unknown'), want: { total: 1, available: 0 } },
  {
    what: 'is denied',
    now: m1({ spec: { ...spec, acceptance: 'Denied' }, status: { conditions: available('True') } }),
    want: { total: 0, available: 0 },
  },
  { what: 'moves', now: m1({ spec: { ...spec, clusterSet: 'other' } }), want: { total: 0, available: 0 } },
])('CI-11 one that $what is counted anew', async ({ now, want }) => {
  const { world, pass, count } = await counted();
  await using _ended = world;
  await world.show(now);
  await pass();
  expect(count()).toEqual(want);
});

test('CI-11 one that goes is counted no more', async () => {
  const { world, pass, count } = await counted();
  await using _ended = world;
  await world.hide(reporting('1.34'));
  await pass();
  expect(count()).toEqual({ total: 0, available: 0 });
});
