import { silentLogger } from '@quarterdeck/machinery';
import { expect, test } from 'vitest';
import type { Change, Revision } from '../storage.ts';
import { createFollower } from './follower.ts';
import type { LogPage } from './poll.ts';

const change = (revision: Revision): Change => ({
  type: 'put',
  key: { resource: 'configmaps', namespace: 'n', name: `n${revision}` },
  revision,
  body: '',
});
const page = (entries: (Revision | { mark: Revision })[], rest: Partial<LogPage> = {}): LogPage => ({
  epoch: 'one',
  compacted: 0,
  more: false,
  entries: entries.map((entry) =>
    typeof entry === 'number'
      ? { revision: entry, change: change(entry) }
      : { revision: entry.mark, change: undefined },
  ),
  ...rest,
});

function follow(from: Revision, failAt?: Revision) {
  const told: string[] = [];
  const follower = createFollower(
    from,
    {
      changes(changes) {
        if (changes.some(({ revision }) => revision === failAt)) throw new Error('sink');
        told.push(`changes ${changes.map(({ revision }) => revision).join()}`);
      },
      progress: (revision) => void told.push(`progress ${revision}`),
      reset: (reason) => void told.push(`reset: ${reason}`),
    },
    silentLogger,
  );
  return { follower, told };
}

test('F-10 own commits are taken in only where they follow without a gap', () => {
  const { follower, told } = follow(10);
  expect(follower.offer([change(12)])).toBe(false);
  expect(follower.offer([change(11), change(12)])).toBe(true);
  expect(follower.offer([change(12)])).toBe(false);
  expect([told, follower.position]).toEqual([['changes 11,12'], 12]);
});

test('F-10 a page that was under way when own commits came tells only what is new', () => {
  const { follower, told } = follow(10);
  follower.offer([change(11)]);
  follower.take(page([11, 12]), 10);
  expect(told).toEqual(['changes 11', 'changes 12']);
});

test('KA-43 raised counters are told in their place', () => {
  const { follower, told } = follow(10);
  follower.take(page([11, { mark: 100 }, 101, { mark: 200 }]), 10);
  expect([told, follower.position]).toEqual([['changes 11', 'progress 100', 'changes 101', 'progress 200'], 200]);
});

test.each([
  {
    name: 'F-11 what was compacted',
    pages: [page([50], { compacted: 20 })],
    told: ['reset: changes after 10 are compacted'],
  },
  {
    name: 'KA-149 another epoch',
    pages: [page([11]), page([12], { epoch: 'two' })],
    told: ['changes 11', 'reset: the database was restored or rewritten'],
  },
  { name: 'F-10 a gap', pages: [page([11, 13])], told: ['reset: the log has a gap after 11'] },
])('$name resets, and nothing follows', ({ pages, told: expected }) => {
  const { follower, told } = follow(10);
  for (const one of pages) follower.take(one, follower.position);
  follower.take(page([{ mark: 500 }]), follower.position);
  expect(follower.offer([change(follower.position + 1)])).toBe(false);
  expect([told, follower.stopped]).toEqual([expected, true]);
});

test('F-10 a sink that throws is reset', () => {
  const { follower, told } = follow(10, 12);
  follower.offer([change(11)]);
  follower.offer([change(12)]);
  expect(told).toEqual(['changes 11', 'reset: a change could not be taken in']);
});

test('RL-1 whoever waits for a revision is woken by it, or when nothing follows any more', async () => {
  const { follower } = follow(10);
  const woken: number[] = [];
  const waits = [11, 12, 13].map((revision) => follower.reached(revision).then(() => woken.push(revision)));
  await follower.reached(10);
  follower.offer([change(11), change(12)]);
  await Promise.all(waits.slice(0, 2));
  expect(woken).toEqual([11, 12]);
  follower.stop();
  await Promise.all(waits);
  expect(woken).toEqual([11, 12, 13]);
});
