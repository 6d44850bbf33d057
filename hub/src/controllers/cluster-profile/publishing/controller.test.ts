import { type ClusterProfile, Namespace, type Stored } from '@quarterdeck/apis';
import { expect, test } from 'vitest';
import { clusterSet, member, profile, stored } from '../../../testing/builders.ts';
import { startShownWorld } from '../../../testing/shown-world.ts';
import { clusterProfilePublishing } from './controller.ts';

/** What brings all members of a set here, and what does not. */

const names = ['m1', 'm2', 'm3'];
const setOf = (total: number, profileNamespaces: string[] = []) =>
  clusterSet('default', {
    spec: { profileNamespaces },
    status: { namespace: 'clusterset-default', members: { total, available: 0 } },
  });

async function published(profileNamespaces: string[] = []) {
  const world = await startShownWorld(clusterProfilePublishing);
  const pass = async () => {
    await world.settled();
    await world.clock.advance(100);
    await world.settled();
  };
  await world.show(setOf(3, profileNamespaces), ...names.map((name) => member(name)));
  await pass();
  expect(world.sent.toSorted()).toEqual(names.map((name) => `create ClusterProfile clusterset-default/${name}`));
  // As they were made, and with their status.
  for (const _step of ['made', 'filled']) {
    await world.show(...world.stored.values());
    await pass();
  }
  world.sent.length = 0;
  return { world, pass };
}

test('CP-45 what a set counts brings none of its members here: a thousand that join would look at each other', async () => {
  const { world, pass } = await published();
  await using _ended = world;
  const before = await world.visits();
  for (const total of [4, 5, 6]) {
    await world.show(setOf(total));
    await pass();
  }
  expect([await world.visits(), world.sent]).toEqual([before, []]);
});

test('CI-9 a namespace for copies that is made later gets them', async () => {
  const { world, pass } = await published(['apps']);
  await using _ended = world;
  await world.show(stored(Namespace, 'apps', {}));
  await pass();
  expect(world.sent.toSorted()).toEqual(names.map((name) => `create ClusterProfile apps/${name}`));
});

test('CI-9 copies follow the list of their set', async () => {
  const { world, pass } = await published();
  await using _ended = world;
  await world.show(stored(Namespace, 'apps', {}));
  await pass();
  expect(world.sent).toEqual([]);
  await world.show(setOf(3, ['apps']));
  await pass();
  expect(world.sent.toSorted()).toEqual(names.map((name) => `create ClusterProfile apps/${name}`));
});

const home = 'ClusterProfile clusterset-default/m1';
const relabelled = (before: Stored<ClusterProfile>, labels: Record<string, string>) => ({
  ...before,
  metadata: { ...before.metadata, labels },
});

test.each([
  { what: 'without any', labels: {} },
  { what: 'of another member', labels: { 'quarterdeck.dev/member-cluster': 'm2' } },
])('SEC-10, CI-5 a profile is known by its name and manager: labels $what are set right', async ({ labels }) => {
  const { world, pass } = await published();
  await using _ended = world;
  const before = world.stored.get(home) as Stored<ClusterProfile>;
  await world.show(relabelled(before, labels));
  await pass();
  expect(world.sent).toEqual([`update ${home}`]);
  expect(world.stored.get(home)?.metadata.labels).toEqual(before.metadata.labels);
});

test('SEC-10, CI-2 what another manager wrote is not ours for a label, and what is ours goes without one', async () => {
  const { world, pass } = await published();
  await using _ended = world;
  const labels = { 'quarterdeck.dev/member-cluster': 'm1', 'x-k8s.io/cluster-manager': 'quarterdeck' };
  const others = { metadata: { namespace: 'apps', labels }, spec: { clusterManager: { name: 'other' } } };
  await world.show(profile('m1', 'apps', others), profile('another', 'apps', others));
  await pass();
  expect(world.sent).toEqual([]);
  await world.show(profile('m1', 'left-behind'));
  await pass();
  expect(world.sent).toEqual(['delete ClusterProfile left-behind/m1']);
});

test('CP-45, CI-27 pods that come and go on a member bring nobody to its profile, its version does', async () => {
  const { world, pass } = await published();
  await using _ended = world;
  const before = await world.visits();
  for (const cpu of ['1', '2']) {
    await world.show(member('m1', { status: { requested: { cpu }, nodes: { total: 1, ready: 1 } } }));
    await pass();
  }
  expect([await world.visits(), world.sent]).toEqual([before, []]);
  await world.show(member('m1', { status: { version: { kubernetes: '1.36.0' } } }));
  await pass();
  expect(world.sent).toEqual(['update status of ClusterProfile clusterset-default/m1']);
});

test('CI-6, CI-2 where another manager has a profile of the name, none is made, which is told once; when it is gone, one is', async () => {
  const world = await startShownWorld(clusterProfilePublishing);
  await using _ended = world;
  const pass = async () => {
    await world.settled();
    await world.clock.advance(100);
    await world.settled();
  };
  const theirs = profile('m1', 'clusterset-default', { spec: { clusterManager: { name: 'other' } } });
  await world.show(theirs, setOf(1), member('m1'));
  await pass();
  await world.show(member('m1', { status: { version: { kubernetes: '1.36.0' } } }));
  await pass();
  expect(world.sent).toEqual([expect.stringMatching(/^create Event default\/m1\./)]);
  expect([...world.stored.values()].filter(({ kind }) => kind === 'Event')).toMatchObject([
    {
      reason: 'ProfileNameTaken',
      message: expect.stringContaining('the cluster manager "other" has a ClusterProfile m1'),
    },
  ]);
  world.sent.length = 0;
  await world.hide(theirs);
  await pass();
  expect(world.sent).toEqual(['create ClusterProfile clusterset-default/m1']);
});
