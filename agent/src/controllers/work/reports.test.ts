import type { DriftReport, ManifestReport } from '@quarterdeck/apis';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { appliedWork } from '../../testing/builders.ts';
import { completedJobs, withCompleted } from './completed-jobs.ts';
import { driftReport } from './drift-report.ts';
import { fitReport, isTrimmed, maxReportBytes } from './fit-report.ts';

const t = (seconds: number) => Date.parse('2026-01-01T00:00:00Z') + seconds * 1000;
const at = (seconds: number) => new Date(t(seconds)).toISOString().replace('.000', '');

describe('driftReport', () => {
  const fields = [{ path: '.a', wanted: '1', seen: '2' }];
  const repaired = { state: 'Repaired' as const, fields, isMissing: false };
  const reported = { ...repaired, state: 'Reported' as const };

  test('DL-21 repairs are counted in one series, with its first and its newest time', () => {
    const first = driftReport(undefined, repaired, { now: t(0) });
    const second = driftReport(first, repaired, { now: t(60) });
    expect(second).toEqual({ state: 'Repaired', firstSeenTime: at(0), lastSeenTime: at(60), repairs: 2, fields });
    expect(driftReport(second, repaired, { now: t(60 + 3600) })).toMatchObject({ firstSeenTime: at(3660), repairs: 1 });
  });

  test('DL-21 what was repaired stays in the report; what stands is not told anew; what went away is', () => {
    const done = driftReport(undefined, repaired, { now: t(0) });
    const stands = driftReport(undefined, reported, { now: t(0) });
    expect(driftReport(done, undefined, { now: t(9) })).toEqual(done);
    expect(driftReport(stands, reported, { now: t(9) })).toEqual(stands);
    expect(driftReport(stands, undefined, { now: t(9) })).toBeUndefined();
  });

  test('DL-21 a missing object is told as a whole; what others added is told too, at most 100 paths', () => {
    const missing = { state: 'Reported' as const, fields: [], isMissing: true };
    expect(driftReport(undefined, missing, { now: t(0) })).toEqual({
      state: 'Reported',
      firstSeenTime: at(0),
      lastSeenTime: at(0),
      isMissing: true,
    });
    const added = Array.from({ length: 150 }, (_, index) => ({ path: `.a${index}`, seen: '1' }));
    expect(driftReport(undefined, undefined, { added, now: t(0) })?.fields).toHaveLength(100);
  });

  test('DL-21 merging is level-based: the same sight twice changes nothing unless it was repaired', () => {
    const state = fc.constantFrom('Reported' as const, 'Waiting' as const, 'Paused' as const);
    const seen = fc.record({ state, isMissing: fc.boolean(), fields: fc.constantFrom(fields, []) });
    fc.assert(
      fc.property(fc.option(seen, { nil: undefined }), fc.option(seen, { nil: undefined }), (a, b) => {
        const before: DriftReport | undefined = driftReport(undefined, a, { now: t(0) });
        const once = driftReport(before, b, { now: t(1) });
        expect(driftReport(once, b, { now: t(2) })).toEqual(once);
      }),
    );
  });
});

describe('fitReport', () => {
  const fields = Array.from({ length: 100 }, (_, index) => ({ path: `.data.k${index}`, wanted: 'w'.repeat(200) }));
  const entry = (ordinal: number): ManifestReport => ({
    identifier: { ordinal, kind: 'ConfigMap', name: `c${ordinal}` },
    health: 'Progressing',
    message: 'm'.repeat(1000),
    appliedHash: 'h',
    drift: {
      state: 'Reported',
      firstSeenTime: at(0),
      lastSeenTime: at(0),
      fields,
    },
  });
  const report = (count: number) => ({
    observedWorkGeneration: 1,
    manifests: Array.from({ length: count }, (_, i) => entry(i)),
  });

  test('DL-23 a report that fits is whole, and says so', () => {
    const fitted = fitReport(report(3), { before: undefined, now: t(0) });
    expect(fitted.manifests).toEqual(report(3).manifests);
    expect(fitted.conditions).toMatchObject([{ type: 'Complete', status: 'True', reason: 'Complete' }]);
  });

  test.each([100, 1_000, 8_000])('DL-23, WK-28 %i manifests fit, by leaving out details, with a condition', (count) => {
    const fitted = fitReport(report(count), { before: undefined, now: t(0) });
    expect(JSON.stringify(fitted.manifests).length).toBeLessThanOrEqual(maxReportBytes);
    expect(fitted.manifests).toHaveLength(count);
    expect(fitted.conditions).toMatchObject([{ type: 'Complete', status: 'False', reason: 'Trimmed' }]);
  });
});

test('DL-21, WK-28 drift that stands is not told anew by a report that has no room for all of it', () => {
  const fields = Array.from({ length: 100 }, (_, index) => ({ path: `.data.k${index}`, wanted: 'w'.repeat(200) }));
  const seen = { state: 'Reported' as const, isMissing: false };
  const drifts = Array.from({ length: 100 }, (_, index) => ({ ...seen, fields: fields.slice(index % 7) }));
  const tell = (before: ReturnType<typeof fitReport> | undefined, now: number) =>
    fitReport(
      {
        observedWorkGeneration: 1,
        manifests: drifts.map((drift, ordinal): ManifestReport => {
          const wasTrimmed = isTrimmed(before?.conditions);
          const told = driftReport(before?.manifests?.[ordinal]?.drift, drift, { wasTrimmed, now });
          return { identifier: { ordinal }, health: 'Unknown', ...(told === undefined ? {} : { drift: told }) };
        }),
      },
      { before: before?.conditions, now },
    );
  const first = tell(undefined, t(0));
  expect(isTrimmed(first.conditions)).toBe(true);
  expect(tell(first, t(60))).toEqual(first);
});

test('DL-22, WK-28 a deadline is counted from the same time in a report without details', () => {
  const old = at(0);
  const long = 'n'.repeat(250);
  const manifests = Array.from({ length: 1_000 }, (_, ordinal): ManifestReport => {
    const identifier = { ordinal, group: long, version: 'v1', kind: long, resource: long, name: `${ordinal}` };
    return { identifier, health: 'Progressing', reason: 'R'.repeat(128), healthSince: old, appliedHash: 'h' };
  });
  const fitted = fitReport({ observedWorkGeneration: 1, manifests }, { before: undefined, now: t(9) });
  expect(isTrimmed(fitted.conditions)).toBe(true);
  expect(fitted.manifests?.[0]).toMatchObject({ identifier: { name: '0' }, healthSince: old });
});

describe('completed Jobs', () => {
  const job = (name: string, status: string | undefined) => ({
    identifier: { ordinal: 0, namespace: 'shop', name },
    gvk: { group: 'batch', version: 'v1', kind: 'Job' },
    problem: undefined,
    live: status === undefined ? undefined : { status: { conditions: [{ type: 'Complete', status }] } },
    appliedHash: 'new',
  });
  const annotated = (text: string) =>
    appliedWork('w', { metadata: { name: 'w', annotations: { 'quarterdeck.dev/completed-jobs': text } } });

  test('DL-7 a Job that completed is recorded with its manifest, one that was cleaned up stays so', () => {
    const before = annotated('Job.batch/shop/gone=old');
    const text = withCompleted(before, [job('done', 'True'), job('runs', 'False'), job('gone', undefined)], false);
    expect(text).toBe('Job.batch/shop/done=new\nJob.batch/shop/gone=old');
    expect([...completedJobs(annotated(text ?? ''))]).toEqual([
      ['Job.batch/shop/done', 'new'],
      ['Job.batch/shop/gone', 'old'],
    ]);
    expect(withCompleted(before, [], false)).toBeUndefined();
  });

  test('DL-7, F-23 a Job that could not be handled this time is still complete, and so is one that nothing is known of', () => {
    const before = annotated('Job.batch/shop/gone=old');
    const unknown = { ...job('gone', undefined), problem: { reason: 'UnknownKind' as const, message: 'no answer' } };
    expect(withCompleted(before, [unknown], false)).toBe('Job.batch/shop/gone=old');
    expect(withCompleted(before, [], true)).toBe('Job.batch/shop/gone=old');
    expect(withCompleted(before, [job('gone', 'True')], true)).toBe('Job.batch/shop/gone=new');
  });
});
