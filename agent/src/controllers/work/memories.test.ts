import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createHeldFields } from './held-fields.ts';
import type { ManifestResult } from './manifest-result.ts';
import { createRepairGuard, pauseAfter } from './repair-guard.ts';
import { createReportPace } from './report-pace.ts';
import { createRetryBook } from './retry-book.ts';
import { createUntoldRepairs } from './untold.ts';

describe('repair guard', () => {
  const fields = [{ path: '.spec.replicas', manager: 'hpa' }];

  test('DL-21 five repairs come at once, the next ones wait longer and longer', () => {
    expect([0, 4, 5, 6, 7, 99].map(pauseAfter)).toEqual([0, 0, 10_000, 20_000, 40_000, 300_000]);
  });

  test('DL-21 a fight is told once, when it has become one; other fields are repaired at once', () => {
    const guard = createRepairGuard();
    const told = [1, 2, 3, 4, 5, 6].map((now) => guard.repaired('u', fields, now));
    expect(told).toEqual([[], [], [], [], fields, []]);
    expect([guard.wait('u', fields, 6), guard.wait('u', [{ path: '.x' }], 6), guard.wait('v', fields, 6)]).toEqual([
      20_000, 0, 0,
    ]);
  });

  test('DL-21 a field that was left alone for long is repaired at once again', () => {
    const guard = createRepairGuard();
    for (let now = 0; now < 8; now++) guard.repaired('u', fields, now);
    expect(guard.wait('u', fields, 7 + 60_000)).toBeGreaterThan(0);
    expect(guard.wait('u', fields, 7 + pauseAfter(8) + 600_001)).toBe(0);
  });
});

test('WK-15 what is refused is tried again after longer and longer, and soon again when the refusal changes', () => {
  const book = createRetryBook();
  const tries = ['a', 'a', 'a', 'b', undefined, 'b'].map((trouble) => book.next('k', trouble));
  expect(tries).toEqual([5_000, 10_000, 20_000, 5_000, undefined, 5_000]);
  for (let each = 0; each < 20; each++) book.next('k', 'b');
  expect(book.next('k', 'b')).toBe(300_000);
});

describe('report pace', () => {
  const many = (count: number, take: () => number) => Array.from({ length: count }, take);

  test('DL-23 six verdicts at once, then one each ten seconds; a quiet Work gets its six again', () => {
    const pace = createReportPace();
    const take = (now: number) => pace.take('k', 'Verdict', now);
    expect(many(7, () => take(0))).toEqual([0, 0, 0, 0, 0, 0, 10_000]);
    expect([take(9_999), take(10_000), take(10_001)]).toEqual([1, 0, 9_999]);
    expect(many(7, () => take(200_000))).toEqual([0, 0, 0, 0, 0, 0, 10_000]);
    expect(pace.take('other', 'Verdict', 10_001)).toBe(0);
  });

  test('DL-23 details that come within two seconds are one report, which is as rare as the others', () => {
    const pace = createReportPace();
    const take = (now: number) => pace.take('k', 'Details', now);
    expect([0, 100, 1_999].map(take)).toEqual([2_000, 1_900, 1]);
    expect(many(7, () => take(2_000))).toEqual([0, 0, 0, 0, 0, 0, 10_000]);
    pace.settled('k');
    expect(take(3_000)).toBe(2_000);
    expect([take(11_999), take(12_000)]).toEqual([1, 0]);
  });

  test('DL-23 details that were told with a verdict, or went as they came, are not waited for any more', () => {
    const pace = createReportPace();
    expect([pace.take('k', 'Details', 0), pace.take('k', 'Verdict', 100)]).toEqual([2_000, 0]);
    pace.settled('k');
    expect(pace.take('k', 'Details', 5_000)).toBe(2_000);
  });

  test('DL-23 a clock that is set back makes no details wait for longer', () => {
    const pace = createReportPace();
    pace.take('k', 'Details', 1_000_000);
    expect([pace.take('k', 'Details', 0), pace.take('k', 'Details', 2_000)]).toEqual([2_000, 0]);
  });
});

test('WK-23, DL-21 the fields of the last manifest are remembered, lists as a whole, and what no server lets us hold', () => {
  const held = createHeldFields();
  held.remember(
    'u',
    { spec: { replicas: 1, containers: [{ name: 'a' }] }, stringData: { x: '1' } },
    {
      'f:spec': { 'f:replicas': {}, 'f:containers': {} },
    },
  );
  const asked = ['.spec.replicas', '.spec.containers[name="a"].image', '.spec.paused', '.spec.replicasX'];
  expect(asked.map((field) => held.wasSet('u', field))).toEqual([true, true, false, false]);
  expect(held.wasSet('other', '.spec.replicas')).toBe(false);
  expect([...held.unownable('u')]).toEqual(['.stringData.x']);
});

test('WK-23, DL-21 each object has its own remembered fields, however many share them and in whatever order they change', () => {
  const fields = fc.uniqueArray(fc.constantFrom('a', 'b', 'a.b', 'c'), { minLength: 1 });
  const applies = fc.array(fc.record({ uid: fc.constantFrom('u', 'v', 'w'), fields, owned: fields }));
  const dataOf = (names: string[], prefix = '') => Object.fromEntries(names.map((name) => [`${prefix}${name}`, {}]));
  fc.assert(
    fc.property(applies, (all) => {
      const held = createHeldFields();
      const model = new Map<string, { set: string[]; unownable: string[] }>();
      for (const { uid, fields: names, owned } of all) {
        const sent = Object.fromEntries(names.map((name) => [name, 'x']));
        held.remember(uid, { data: sent }, { 'f:data': dataOf(owned, 'f:') });
        const unownable = names.filter((name) => !owned.includes(name)).map((name) => `.data.${name}`);
        model.set(uid, { set: names, unownable });
        for (const each of ['u', 'v', 'w']) {
          expect([...held.unownable(each)]).toEqual(model.get(each)?.unownable ?? []);
          const isSet = (name: string) => held.wasSet(each, `.data.${name}`);
          expect(isSet('c')).toBe(model.get(each)?.set.includes('c') === true);
          expect(isSet('b')).toBe(model.get(each)?.set.includes('b') === true);
        }
      }
    }),
  );
});

describe('untold repairs', () => {
  const result = (drift?: ManifestResult['drift'], appliedHash = 'h1'): ManifestResult => ({
    identifier: { ordinal: 0 },
    gvk: undefined,
    problem: undefined,
    appliedHash,
    drift,
  });
  const repaired = { state: 'Repaired' as const, fields: [{ path: '.data.a' }], isMissing: false };

  test('DL-21, F-14 a repair that could not be told is told with the next report, with its time and number', () => {
    const untold = createUntoldRepairs();
    untold.with('w', [result(repaired)], 1_000);
    untold.with('w', [result(repaired)], 2_000);
    const [told] = untold.with('w', [result()], 9_000);
    expect(told?.drift).toEqual({ ...repaired, seenAt: 2_000, repairs: 2 });
    untold.told('w');
    expect(untold.with('w', [result()], 9_001)).toEqual([result()]);
  });

  test('DL-21, F-14 what is still to be told outlives a restart, and is told once', () => {
    const before = createUntoldRepairs();
    before.with('w', [result(repaired)], 1_500);
    before.with('w', [result(repaired)], 2_500);
    const text = before.textOf('w');
    const after = createUntoldRepairs();
    after.recall('w', text, () => false);
    expect(after.with('w', [result()], 9_000)[0]?.drift).toEqual({ ...repaired, seenAt: 2_500, repairs: 2 });
    const told = createUntoldRepairs();
    told.recall('w', text, (ordinal, at) => ordinal === 0 && at === 2_500);
    expect([told.textOf('w'), told.with('w', [result()], 9_000)]).toEqual([undefined, [result()]]);
    // What it knows itself is newer.
    after.recall('w', 'anything', () => false);
    expect(after.textOf('w')).toBe(text);
    for (const odd of ['', 'x', '{}', '[1]', '[{"ordinal":0,"drift":{}}]']) {
      const fresh = createUntoldRepairs();
      fresh.recall('w', odd, () => false);
      expect(fresh.textOf('w')).toBeUndefined();
    }
  });

  test('DL-21 what stands now is told instead, and a new manifest ends the story', () => {
    const untold = createUntoldRepairs();
    untold.with('w', [result(repaired)], 1_000);
    const standing = { ...repaired, state: 'Reported' as const };
    expect(untold.with('w', [result(standing)], 2_000)).toEqual([result(standing)]);
    untold.with('w', [result(repaired)], 3_000);
    expect(untold.with('w', [result(undefined, 'h2')], 4_000)).toEqual([result(undefined, 'h2')]);
  });
});
