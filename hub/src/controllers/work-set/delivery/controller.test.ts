import { label, PlacementDecision, type Stored, Work, type WorkSet } from '@quarterdeck/apis';
import { expect, test } from 'vitest';
import { member, placement, profile, stored, workSet } from '../../../testing/builders.ts';
import { startShownWorld } from '../../../testing/shown-world.ts';
import { workSetDelivery } from './controller.ts';

/** Delivery beside caches that are behind what it wrote itself. */

/** For how long changes of Works are gathered. */
const gatherMs = 100;
const names = ['m1', 'm2', 'm3'];
const shop = workSet('shop', {
  metadata: { namespace: 'apps', finalizers: ['quarterdeck.dev/workset-cleanup'] },
});
const going = {
  ...shop,
  metadata: { ...shop.metadata, resourceVersion: '2', deletionTimestamp: '2026-01-01T00:00:00Z' },
} as Stored<WorkSet>;
const decision = stored(PlacementDecision, 'everywhere-0', {
  metadata: {
    namespace: 'apps',
    labels: { [label.decisionKey]: 'uid-everywhere', [label.decisionIndex]: '0', [label.decisionRevision]: '1' },
    ownerReferences: [{ apiVersion: 'x', kind: 'Placement', name: 'everywhere', uid: 'uid-everywhere' }],
  },
  decisions: names.map((name) => ({ clusterProfileRef: { name, namespace: 'clusterset-default' } })),
} as never);
const fleet = names.flatMap((name) => [member(name), profile(name, 'clusterset-default')]);
const creates = names.map((name) => `create Work member-${name}/apps.shop`);

async function delivering() {
  const world = await startShownWorld(workSetDelivery);
  await world.show(...fleet, placement('everywhere'), shop);
  await world.show(decision);
  expect(world.sent).toEqual(creates);
  return world;
}
const made = ({ stored: objects }: Awaited<ReturnType<typeof delivering>>) =>
  [...objects.values()].filter(({ kind }) => kind === Work.kind);

test('DL-40 Works that the caches do not show yet are not made again, however often it looks', async () => {
  await using world = await delivering();
  for (const work of made(world)) await world.show(work);
  await world.show({ ...decision, metadata: { ...decision.metadata, resourceVersion: '3' } });
  await world.clock.advance(5_000);
  await world.settled();
  expect(world.sent).toEqual(creates);
});

test('DL-40 one that somebody takes away before it is shown is made again after a moment', async () => {
  await using world = await delivering();
  const [, ...others] = made(world);
  await world.show(...others);
  expect(world.sent).toEqual(creates);
  await world.clock.advance(1_000);
  await world.settled();
  expect(world.sent).toEqual([...creates, creates[0]]);
});

test('WK-34 a WorkSet that is deleted keeps its finalizer while the hub has Works that the caches do not show', async () => {
  await using world = await delivering();
  await world.show(going);
  await world.clock.advance(60_000);
  await world.settled();
  expect(world.sent.filter((each) => !each.startsWith('list'))).toEqual(creates);
  const works = made(world);
  await world.show(...works);
  await world.clock.advance(gatherMs);
  await world.settled();
  expect(world.sent.slice(-3)).toEqual(names.map((name) => `delete Work member-${name}/apps.shop`));
  await world.hide(...works);
  await world.clock.advance(gatherMs);
  await world.settled();
  expect(world.sent.slice(-2)).toEqual(['list Work', 'update WorkSet apps/shop']);
  expect(world.stored.get('WorkSet apps/shop')?.metadata.finalizers).toEqual([]);
});

test('DL-40 Works that go one after another bring a visit now and then, not one each, and the last one another', async () => {
  await using world = await delivering();
  const works = made(world);
  await world.show(...works);
  await world.clock.advance(gatherMs);
  await world.show(going);
  await world.clock.advance(gatherMs);
  const before = await world.visits();
  for (const work of works) await world.hide(work);
  expect(await world.visits()).toBe(before);
  await world.clock.advance(gatherMs);
  await world.settled();
  expect((await world.visits()) - before).toBe(1);
  expect(world.sent.at(-1)).toBe('update WorkSet apps/shop');
});

test('PD-20 who joins, leaves or changes brings a WorkSet back only when its decision names the cluster', async () => {
  await using world = await delivering();
  await world.show(...made(world));
  await world.clock.advance(1_000);
  await world.settled();
  const costOf = async (change: () => Promise<void>) => {
    const before = await world.visits();
    await change();
    return (await world.visits()) - before;
  };
  const denied = (name: string) => member(name, { spec: { acceptance: 'Denied', clusterSet: 'default' } });
  const [m4, published] = [member('m4'), profile('m4', 'clusterset-default')];
  expect(await costOf(() => world.show(m4, published))).toBe(0);
  expect(await costOf(() => world.show(denied('m4')))).toBe(0);
  expect(await costOf(() => world.hide(published))).toBe(0);
  expect(await costOf(() => world.hide(m4))).toBe(0);
  expect(await costOf(() => world.show(denied('m1')))).toBe(1);
  const [copy, own] = [profile('m2', 'elsewhere'), profile('m2', 'clusterset-default')];
  expect(await costOf(() => world.show(copy))).toBe(0);
  expect(await costOf(() => world.hide(copy))).toBe(0);
  expect(await costOf(() => world.hide(own))).toBe(1);
  expect(await costOf(() => world.show(own))).toBe(1);
  const counted = { ...placement('everywhere'), status: { numberOfSelectedClusters: 3 } };
  expect(await costOf(() => world.show(counted))).toBe(0);
  const sliced = { ...counted, status: { ...counted.status, decisionSlices: [{ name: 'everywhere-0' }] } };
  expect(await costOf(() => world.show(sliced))).toBe(1);
});
