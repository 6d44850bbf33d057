import { silentLogger } from '@quarterdeck/machinery';
import { expect, test } from 'vitest';
import { objectBody } from './body.ts';
import { createEntryFactory } from './entry.ts';
import { createEvent, heldBytes, type RingItem } from './event.ts';
import { createRing, defaultRingLimits } from './ring.ts';

const factory = createEntryFactory(silentLogger);
const minute = 60_000;

function item(revision: number, at = 0, namespace = 'default', name = `n${revision}`): RingItem {
  const body = objectBody({ metadata: { name, namespace } });
  const entry = factory.create({ key: { resource: 'configmaps', namespace, name }, revision, body });
  return { revision, at, event: createEvent('put', entry, undefined) };
}

test('KA-82 history is kept for five minutes and for less than ten', () => {
  const ring = createRing(0, defaultRingLimits);
  for (let revision = 1; revision <= 12; revision++) ring.append(item(revision, revision * minute));
  ring.prune(12 * minute);
  expect(ring.floor).toBe(6);
  expect(ring.items().map(({ revision }) => revision)).toEqual([7, 8, 9, 10, 11, 12]);
});

test('F-12 history is bounded by its number of events', () => {
  const ring = createRing(0, { ...defaultRingLimits, ringSize: 3 });
  for (let revision = 1; revision <= 5; revision++) ring.append(item(revision));
  expect(ring.floor).toBe(2);
  expect(ring.channels.find({ resource: 'configmaps' })?.events.first?.revision).toBe(3);
});

test('F-12 history is bounded by the bytes it alone holds', () => {
  const ring = createRing(0, { ...defaultRingLimits, ringBytes: 2 * heldBytes(item(1)) });
  for (let revision = 1; revision <= 5; revision++) ring.append(item(revision));
  expect(ring.floor).toBe(3);
});

test('KA-43 only revisions that were issued since the floor are known', () => {
  const ring = createRing(10, defaultRingLimits);
  ring.append(item(11));
  ring.append({ revision: 500, at: 0, event: undefined });
  ring.append(item(501));
  expect([9, 10, 11, 12, 499, 500, 501, 502].filter((revision) => ring.issued(revision))).toEqual([10, 11, 500, 501]);
});

test('KA-93 encoded forms are shared while fresh and forgotten when old', () => {
  const ring = createRing(0, defaultRingLimits);
  const old = item(1, 0);
  const fresh = item(2, minute);
  for (const appended of [old, fresh]) {
    ring.append(appended);
    appended.event?.frames.set('json', Buffer.from('{}'));
  }
  ring.prune(minute);
  expect([old.event?.frames.size, fresh.event?.frames.size]).toEqual([0, 1]);
});

test('KA-93 channels without events and watches are forgotten', () => {
  const ring = createRing(0, { ...defaultRingLimits, ringSize: 1 });
  ring.append(item(1, 0, 'a'));
  expect(ring.channels.find({ resource: 'configmaps', namespace: 'a' })?.events.length).toBe(1);
  ring.append(item(2, 0, 'b'));
  expect(ring.channels.find({ resource: 'configmaps', namespace: 'a' })).toBeUndefined();
  const watched = ring.channels.acquire({ resource: 'configmaps', namespace: 'b' }, 2);
  ring.append(item(3, 0, 'c'));
  expect(ring.channels.find({ resource: 'configmaps', namespace: 'b' })).toBe(watched);
  expect(watched.floor).toBe(2);
  ring.channels.release({ resource: 'configmaps', namespace: 'b' });
  expect(ring.channels.find({ resource: 'configmaps', namespace: 'b' })).toBeUndefined();
});

test('KA-93 the channel of one object has its events alone, and reaches back as far as the earliest of its watches', () => {
  const ring = createRing(0, { ...defaultRingLimits, ringSize: 4 });
  const x = { resource: 'configmaps', namespace: 'a', name: 'x' };
  for (const [index, name] of ['x', 'y', 'x'].entries()) ring.append(item(index + 1, 0, 'a', name));
  const late = ring.channels.acquire(x, 2);
  const revisions = () => late.events.slice(0, late.events.length).map(({ revision }) => revision);
  expect(revisions()).toEqual([3]);
  expect(ring.channels.acquire(x, 0)).toBe(late);
  expect(revisions()).toEqual([1, 3]);
  let woken = 0;
  late.waiters.add({ wake: () => void woken++ });
  ring.append(item(4, 0, 'a', 'y'));
  ring.append(item(5, 0, 'b', 'x'));
  ring.channels.wake();
  expect([woken, revisions(), late.floor]).toEqual([0, [3], 1]);
  ring.append(item(6, 0, 'a', 'x'));
  ring.channels.wake();
  expect([woken, revisions(), late.floor]).toEqual([1, [3, 6], 1]);
});

test('KA-93 the channel of one object is forgotten with its last watch', () => {
  const ring = createRing(0, defaultRingLimits);
  const x = { resource: 'configmaps', namespace: 'a', name: 'x' };
  const first = ring.channels.acquire(x, 0);
  expect(ring.channels.acquire(x, 0)).toBe(first);
  ring.channels.release(x);
  ring.append(item(1, 0, 'a', 'x'));
  expect(first.events.length).toBe(1);
  ring.channels.release(x);
  expect(ring.channels.acquire(x, 1)).not.toBe(first);
});

test('KA-82 six minutes of a Lease that is renewed each ten seconds take less than four of it', () => {
  const ring = createRing(0, defaultRingLimits);
  const key = { resource: 'leases', namespace: 'member-m1', name: 'member' };
  const items: RingItem[] = [];
  for (let revision = 1; revision <= 36; revision++) {
    const spec = { renewTime: new Date(revision * 10_000).toISOString(), holderIdentity: 'm1 '.repeat(200) };
    const previous = items.at(-1)?.event?.entry;
    const entry = factory.create(
      { key, revision, body: objectBody({ metadata: { name: 'member' }, spec }) },
      { neighbour: previous },
    );
    const item = { revision, at: 0, event: createEvent('put', entry, previous) };
    items.push(item);
    ring.append(item);
  }
  const held = items.reduce((sum, { event }) => sum + (event?.entry.heldBytes ?? 0), 0);
  expect(held).toBeLessThan(4 * (items[0]?.event?.entry.body.length ?? 0));
  expect(items.map(({ event }) => event?.entry.key === items[0]?.event?.entry.key)).not.toContain(false);
});
