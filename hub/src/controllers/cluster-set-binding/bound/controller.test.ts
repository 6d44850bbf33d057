import { ClusterSetBinding } from '@quarterdeck/apis';
import { expect, test } from 'vitest';
import { clusterSet, stored } from '../../../testing/builders.ts';
import { startShownWorld } from '../../../testing/shown-world.ts';
import { clusterSetBindingBound } from './controller.ts';

const binding = stored(ClusterSetBinding, 'blue', { metadata: { namespace: 'apps' }, spec: { clusterSet: 'blue' } });
const counting = (total: number) => clusterSet('blue', { status: { members: { total, available: 0 } } });

test('PL-1 what a set counts is no concern of its bindings; that it goes is', async () => {
  await using world = await startShownWorld(clusterSetBindingBound);
  await world.show(counting(1));
  await world.show(binding);
  const told = 'update status of ClusterSetBinding apps/blue';
  expect(world.sent).toEqual([told]);
  const before = await world.visits();
  await world.show(counting(2));
  await world.show(counting(3));
  expect([await world.visits(), world.sent]).toEqual([before, [told]]);
  const { metadata } = counting(3);
  await world.show({ ...counting(3), metadata: { ...metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } });
  expect(world.sent).toEqual([told, told]);
});
