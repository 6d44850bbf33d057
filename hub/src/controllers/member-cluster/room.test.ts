import type { MemberCluster } from '@quarterdeck/apis';
import { expect, test } from 'vitest';
import { member } from '../../testing/builders.ts';
import { isMoreThanRoom } from './room.ts';

const before = member('m1', {
  status: {
    version: { kubernetes: '1.35.4' },
    nodes: { total: 1, ready: 1 },
    capacity: { cpu: '8' },
    allocatable: { cpu: '8' },
    requested: { cpu: '1' },
    nodeGroups: [{ count: 1, free: { cpu: '7' } }],
    capacityObservedTime: '2026-01-01T00:00:00Z',
  },
});
const reporting = (status: MemberCluster['status']) => member('m1', { status: { ...before.status, ...status } });

test.each([
  { what: 'nothing', now: before, is: false },
  {
    what: 'pods that came',
    now: reporting({
      requested: { cpu: '2' },
      nodeGroups: [{ count: 1, free: { cpu: '6' } }],
      capacityObservedTime: '2026-01-01T00:01:00Z',
    }),
    is: false,
  },
  {
    what: 'a node that came',
    now: reporting({ nodes: { total: 2, ready: 2 }, capacity: { cpu: '16' }, allocatable: { cpu: '16' } }),
    is: false,
  },
  {
    what: 'the first count',
    now: before,
    old: member('m1', { status: { version: { kubernetes: '1.35.4' } } }),
    is: false,
  },
  { what: 'another version', now: reporting({ version: { kubernetes: '1.36.0' } }), is: true },
  { what: 'a property', now: reporting({ properties: [{ name: 'a', value: 'b' }] }), is: true },
  {
    what: 'another label',
    now: member('m1', { status: before.status ?? {}, metadata: { labels: { a: 'b' } } }),
    is: true,
  },
  {
    what: 'that it leaves',
    now: member('m1', { status: before.status ?? {}, metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }),
    is: true,
  },
])('CI-27, RG-32 more than the room of a member: $what: $is', ({ now, old = before, is }) => {
  expect(isMoreThanRoom(now, old)).toBe(is);
});
