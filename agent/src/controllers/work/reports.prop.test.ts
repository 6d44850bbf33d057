import type { DriftReport } from '@quarterdeck/apis';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { driftReport } from './drift-report.ts';
import type { ManifestResult } from './manifest-result.ts';
import { createUntoldRepairs } from './untold.ts';

const start = Date.parse('2026-01-01T00:00:00Z');

/** One pass of the agent: what it did, whether the hub heard of it, and whether the process ended after it. */
const pass = fc.record({
  repaired: fc.boolean(),
  isHubAway: fc.boolean(),
  isRestarted: fc.boolean(),
});

test('DL-21, F-14 merging reports loses no repair and counts none twice, whenever the hub is away or the agent restarted', () => {
  fc.assert(
    fc.property(fc.array(pass, { maxLength: 30 }), (passes) => {
      let untold = createUntoldRepairs();
      /** On the journal, and on the hub. */
      let kept: string | undefined;
      let report: DriftReport | undefined;
      let done = 0;
      for (const [index, { repaired, isHubAway, isRestarted }] of passes.entries()) {
        const now = start + index * 1_000;
        if (isRestarted) untold = createUntoldRepairs();
        untold.recall(
          'w',
          kept,
          (_ordinal, at) => report?.state === 'Repaired' && Date.parse(report.lastSeenTime) >= at,
        );
        if (repaired) done++;
        const result: ManifestResult = {
          identifier: { ordinal: 0 },
          gvk: undefined,
          problem: undefined,
          appliedHash: 'h',
          drift: repaired ? { state: 'Repaired', fields: [{ path: '.a' }], isMissing: false } : undefined,
        };
        const [merged] = untold.with('w', [result], now);
        if (!isHubAway) {
          report = driftReport(report, merged?.drift, { now });
          untold.told('w');
        }
        kept = untold.textOf('w');
      }
      // The hub hears of all of it at last.
      const [last] = untold.with(
        'w',
        [{ identifier: { ordinal: 0 }, gvk: undefined, problem: undefined, appliedHash: 'h' }],
        start + 60_000,
      );
      report = driftReport(report, last?.drift, { now: start + 60_000 });
      expect(report?.repairs ?? 0).toBe(done);
    }),
  );
});
