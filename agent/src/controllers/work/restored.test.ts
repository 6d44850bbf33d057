import { type AppliedWork, annotation, type Stored, type Work } from '@quarterdeck/apis';
import { describe, expect, test } from 'vitest';
import { appliedWork, workWith } from '../../testing/builders.ts';
import { type HubHistory, isFromBackup, readHistory } from './hub-history.ts';
import { recordOf, type Standing, standingOf } from './restored.ts';

const t = (minute: number) => Date.parse('2026-01-01T00:00:00Z') + minute * 60_000;
const text = (minute: number) => new Date(t(minute)).toISOString().replace('.000', '');
const journal = (delivered: string): Stored<AppliedWork> =>
  appliedWork('w', { metadata: { name: 'w', annotations: { [annotation.deliveredGeneration]: delivered } } });
const work = (
  generation: number,
  resourceVersion = '100',
  uid = 'u',
  creationTimestamp = '2026-01-01T00:00:00Z',
): Stored<Work> => {
  const made = workWith([]);
  return { ...made, metadata: { ...made.metadata, uid, generation, resourceVersion, creationTimestamp } };
};
const quiet: HubHistory = { epoch: 'new', restoredAt: undefined, confirmed: undefined };

describe('readHistory', () => {
  test.each([
    { name: 'nothing', annotations: undefined, want: { epoch: undefined } },
    { name: 'an epoch', annotations: { [annotation.hubEpoch]: 'e1' }, want: { epoch: 'e1' } },
    {
      name: 'a restored hub',
      annotations: { [annotation.hubEpoch]: `e2 ${text(5)}` },
      want: { epoch: 'e2', restoredAt: t(5) },
    },
    {
      name: 'a restored hub that is to be followed',
      annotations: { [annotation.hubEpoch]: `e2 ${text(5)}`, [annotation.restoreConfirmed]: `${text(6)} e2` },
      want: { epoch: 'e2', restoredAt: t(5), confirmed: { at: t(6), epoch: 'e2' } },
    },
    {
      name: 'a word about a hub that tells no epoch',
      annotations: { [annotation.restoreConfirmed]: text(6) },
      want: { epoch: undefined, confirmed: { at: t(6), epoch: undefined } },
    },
    { name: 'something odd', annotations: { [annotation.restoreConfirmed]: 'soon' }, want: { epoch: undefined } },
  ])('RG-10 the MemberCluster tells $name', ({ annotations, want }) => {
    expect(readHistory(annotations as Record<string, string> | undefined)).toEqual({
      restoredAt: undefined,
      confirmed: undefined,
      ...want,
    });
  });
});

describe('standingOf', () => {
  const delivered = `u 4 ${text(3)} new 100`;
  test.each<{ name: string; of?: string; work?: Stored<Work>; history?: Partial<HubHistory>; want: Standing }>([
    { name: 'the very Work', want: 'Current' },
    { name: 'a newer generation', work: work(5, '120'), want: 'Current' },
    { name: 'an older generation', work: work(3, '120'), want: 'Older' },
    { name: 'an older revision of the same generation', work: work(4, '90'), want: 'Older' },
    { name: 'a Work that was made anew', work: work(1, '120', 'other'), want: 'Current' },
    { name: 'another history', of: `u 4 ${text(3)} old 100`, work: work(4, '999'), want: 'Older' },
    {
      name: 'an older generation of another history',
      of: `u 4 ${text(3)} old 100`,
      work: work(3, '999'),
      want: 'Older',
    },
    { name: 'a newer wish in another history', of: `u 4 ${text(3)} old 100`, work: work(5, '999'), want: 'Newer' },
    {
      name: 'a Work that was made since the hub came back',
      of: `u 4 ${text(3)} old 100`,
      work: work(1, '999', 'other', text(6)),
      history: { restoredAt: t(5) },
      want: 'Newer',
    },
    {
      name: 'a Work of that name that the backup held',
      of: `u 4 ${text(3)} old 100`,
      work: work(1, '999', 'other', text(4)),
      history: { restoredAt: t(5) },
      want: 'Older',
    },
    {
      name: 'another history, also for a Work that was made anew',
      of: `u 4 ${text(3)} old 100`,
      work: work(1, '999', 'other'),
      want: 'Older',
    },
    {
      name: 'another history that is to be followed, whatever the clocks say',
      of: `u 4 ${text(30)} old 100`,
      history: { confirmed: { at: t(9), epoch: 'new' } },
      want: 'Current',
    },
    {
      name: 'a word about an earlier restore',
      of: `u 4 ${text(30)} old 100`,
      history: { confirmed: { at: t(9), epoch: 'old' } },
      want: 'Older',
    },
    {
      name: 'an older generation in the history that was followed before',
      work: work(3, '120'),
      history: { confirmed: { at: t(2), epoch: 'new' } },
      want: 'Older',
    },
    {
      name: 'an older generation, and a word since then',
      work: work(3, '120'),
      history: { confirmed: { at: t(4), epoch: undefined } },
      want: 'Current',
    },
    { name: 'a hub that tells no epoch', history: { epoch: undefined }, want: 'Current' },
    { name: 'a journal of an earlier version', of: `u 4 ${text(3)}`, work: work(4, '1'), want: 'Current' },
    {
      name: 'a journal of an earlier version, and an older generation',
      of: `u 4 ${text(3)}`,
      work: work(3),
      want: 'Older',
    },
    { name: 'a journal that cannot be read', of: 'x', work: work(1), want: 'Current' },
  ])('RG-10, F-27 $name: $want', ({ of = delivered, work: seen = work(4), history = {}, want }) => {
    expect(standingOf(seen, journal(of), { ...quiet, ...history })).toBe(want);
  });
});

test('RG-10 what came out of a backup is older than the restore, until the hub is to be followed', () => {
  const restored = { epoch: 'new', restoredAt: t(5), confirmed: undefined };
  expect([text(4), text(5), text(6), 'x', undefined].map((time) => isFromBackup(time, restored))).toEqual([
    true,
    false,
    false,
    false,
    false,
  ]);
  expect(isFromBackup(text(4), quiet)).toBe(false);
  expect(isFromBackup(text(4), { ...restored, confirmed: { at: t(6), epoch: 'new' } })).toBe(false);
  expect(isFromBackup(text(4), { ...restored, confirmed: { at: t(6), epoch: 'old' } })).toBe(true);
});

test('RG-10 the record stays with its generation; a hub that is away changes nothing of it', () => {
  const first = recordOf(work(4, '100'), undefined, quiet, t(3));
  expect(first).toBe(`u 4 ${text(3)} new 100`);
  expect(recordOf(work(4, '130'), journal(first), quiet, t(9))).toBe(first);
  expect(recordOf(work(4, '130'), journal(first), { ...quiet, epoch: undefined }, t(9))).toBe(first);
  expect(recordOf(work(5, '140'), journal(first), quiet, t(9))).toBe(`u 5 ${text(9)} new 140`);
  expect(recordOf(work(4, '150'), journal(`u 4 ${text(3)} old 100`), quiet, t(9))).toBe(`u 4 ${text(9)} new 150`);
  expect(recordOf(work(4, '150'), undefined, { ...quiet, epoch: undefined }, t(9))).toBe(`u 4 ${text(9)} - 150`);
});
