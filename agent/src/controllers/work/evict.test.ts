import { type AppliedWork, annotation, apiError, type Stored } from '@quarterdeck/apis';
import { Result } from '@quarterdeck/machinery';
import { fakeClock, testLogger } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { appliedWork } from '../../testing/builders.ts';
import { evict } from './evict.ts';
import { readHistory } from './hub-history.ts';
import { appliedWorkName } from './journal.ts';
import type { Pass } from './options.ts';

const key = 'member-m1/shop';
const graceMs = 1_000;

/** A member with the journal of a Work that the hub does not have; `deleted` of what was taken off. */
function missing(startMs: number) {
  const clock = fakeClock(startMs);
  let journal: Stored<AppliedWork> = appliedWork(appliedWorkName('hub', { namespace: 'member-m1', name: 'shop' }));
  const deleted: string[] = [];
  const pass = {
    hubUID: 'hub',
    clock,
    logger: testLogger(),
    signal: new AbortController().signal,
    evictionGraceMs: graceMs,
    appliedWorks: { get: () => journal, list: () => [journal] },
    isLeaving: () => Promise.resolve(false),
    askHistory: () => Promise.resolve(readHistory(undefined)),
    works: { list: () => [] },
    executors: new Map([[undefined, {}]]),
    hubClient: {
      get: () => Promise.reject(apiError('NotFound', 'no such Work')),
      list: () => Promise.resolve({ items: [], metadata: {} }),
    },
    memberClient: {
      patch: (_type: unknown, _ref: unknown, { body }: { body: Pick<Stored<AppliedWork>, 'metadata'> }) => {
        journal = { ...journal, metadata: { ...journal.metadata, ...body.metadata } };
        return Promise.resolve(journal);
      },
      delete: (_type: unknown, { name }: { name: string }) => {
        deleted.push(name);
        return Promise.resolve(undefined);
      },
    },
  } as unknown as Pass;
  return { pass, clock, deleted, since: () => journal.metadata.annotations?.[annotation.workMissingSince] };
}

test('DL-8 the grace lasts as long as it says, in whichever part of a second it began and however often it is looked', async () => {
  const { pass, clock, deleted, since } = missing(Date.UTC(2026, 0, 1) + 900);
  expect(await evict(pass, key)).toEqual(Result.after(graceMs));
  expect(since()).toBe('2026-01-01T00:00:00.900Z');
  await clock.advance(200);
  expect(await evict(pass, key)).toEqual(Result.after(graceMs - 200));
  await clock.advance(graceMs - 201);
  expect(await evict(pass, key)).toEqual(Result.after(1));
  expect(deleted).toEqual([]);
  await clock.advance(1);
  await evict(pass, key);
  expect(deleted).toHaveLength(1);
});
