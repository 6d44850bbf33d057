import type { Condition, ManifestReason, ManifestReport, Stored, Work } from '@quarterdeck/apis';
import type { JsonObject } from '@quarterdeck/machinery';
import { describe, expect, test } from 'vitest';
import { healthOf } from '../../health/rules.ts';
import { condition, configMapManifest, workWith } from '../../testing/builders.ts';
import type { ManifestResult } from './manifest-result.ts';
import { readPolicy } from './policy.ts';
import { judge, reportStatus, workStatus as statusOf } from './status.ts';

const now = Date.parse('2026-01-01T01:00:00Z');
const t0 = '2026-01-01T00:00:00Z';
const t1 = '2026-01-01T01:00:00Z';
const identifier = (ordinal: number, name: string) => ({
  ordinal,
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  resource: 'configmaps',
  namespace: 'shop',
  name,
});
const result = (ordinal: number, over: Partial<ManifestResult> = {}): ManifestResult => ({
  identifier: identifier(ordinal, `c${ordinal}`),
  gvk: { group: '', version: 'v1', kind: 'ConfigMap' },
  problem: undefined,
  live: { metadata: {} },
  appliedHash: 'h',
  ...over,
});
const failed = (
  ordinal: number,
  reason: keyof typeof ManifestReason = 'AppliedManifestFailed',
  message = 'Failed to apply manifest: no',
) => result(ordinal, { problem: { reason, message }, live: undefined, appliedHash: undefined });
const deployment = (status: JsonObject): Partial<ManifestResult> => ({
  gvk: { group: 'apps', version: 'v1', kind: 'Deployment' },
  live: { metadata: { generation: 7 }, spec: { replicas: 2 }, status: { observedGeneration: 7, ...status } },
});
const rolledOut = deployment({ replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2 });
const stuck = deployment({
  conditions: [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message: 'too slow' }],
});
const work = (status?: Work['status']): Stored<Work> =>
  workWith([configMapManifest()], status === undefined ? {} : { status });
const made = (type: string, status: Condition['status'], reason: string, over: Partial<Condition> = {}) =>
  condition(type, status, { reason, observedGeneration: 2, lastTransitionTime: t1, ...over });
const workStatus = (of: Work, results: ManifestResult[], at: number) =>
  statusOf(of, judge(results, { before: [], healthOf, now: at }), at);
const sums = (...results: ManifestResult[]) =>
  Object.fromEntries(
    workStatus(work(), results, now).conditions.map(({ type, status, reason, message }) => [
      type,
      `${status} ${reason} ${message}`.trim(),
    ]),
  );
const good = {
  Applied: 'True AppliedWorkComplete',
  Available: 'True ResourcesAvailable',
  Progressing: 'False Settled',
  Degraded: 'False AsDesired',
};

describe('workStatus', () => {
  test('WK-11, WK-37, WK-38 the whole status of a Work whose manifests are applied', () => {
    expect(workStatus(work(), [result(0), result(1, rolledOut)], now)).toEqual({
      conditions: [
        made('Applied', 'True', 'AppliedWorkComplete'),
        made('Available', 'True', 'ResourcesAvailable'),
        made('Progressing', 'False', 'Settled'),
        made('Degraded', 'False', 'AsDesired'),
      ],
      manifestConditions: [
        {
          identifier: identifier(0, 'c0'),
          conditions: [
            made('Applied', 'True', 'AppliedManifestComplete', { observedGeneration: 0 }),
            made('Available', 'True', 'ResourceAvailable', { observedGeneration: 0 }),
            made('Degraded', 'False', 'ResourceAsDesired', { observedGeneration: 0 }),
          ],
        },
        {
          identifier: identifier(1, 'c1'),
          conditions: [
            made('Applied', 'True', 'AppliedManifestComplete', { observedGeneration: 7 }),
            made('Available', 'True', 'ResourceAvailable', { observedGeneration: 7 }),
            made('Degraded', 'False', 'ResourceAsDesired', { observedGeneration: 7 }),
          ],
        },
      ],
    });
  });

  test('WK-11, WK-12 a failure has no observedGeneration, and no other condition', () => {
    expect(workStatus(work(), [failed(0)], now).manifestConditions).toEqual([
      {
        identifier: identifier(0, 'c0'),
        conditions: [
          condition('Applied', 'False', {
            reason: 'AppliedManifestFailed',
            message: 'Failed to apply manifest: no',
            lastTransitionTime: t1,
          }),
        ],
      },
    ]);
  });

  test.each([
    { name: 'WK-10, BI-23 no manifest at all', results: [], want: good },
    {
      name: 'WK-10 one that failed',
      results: [result(0), failed(1)],
      want: {
        ...good,
        Applied:
          'False AppliedWorkFailed 1 of 2 manifests not applied: ConfigMap shop/c1: Failed to apply manifest: no',
        Available: 'False ResourcesNotAvailable 1 of 2 manifests not available',
      },
    },
    {
      name: 'WK-37 one that waits for its kind',
      results: [failed(0, 'UnknownKind', 'not served')],
      want: {
        ...good,
        Applied: 'False AppliedWorkFailed 1 of 1 manifests not applied: ConfigMap shop/c0: not served',
        Available: 'False ResourcesNotAvailable 1 of 1 manifests not available',
        Progressing: 'True Applying 1 of 1 manifests wait: ConfigMap shop/c0: not served',
      },
    },
    {
      name: 'WK-37 one that rolls out',
      results: [result(0, deployment({ updatedReplicas: 1 }))],
      want: {
        ...good,
        Available:
          'False ResourcesNotAvailable 1 of 1 manifests not available: ConfigMap shop/c0: 1 of 2 replicas updated',
      },
    },
    {
      name: 'WK-37 one that reports a failure',
      results: [result(0, stuck)],
      want: {
        ...good,
        Available: 'False ResourcesNotAvailable 1 of 1 manifests not available: ConfigMap shop/c0: too slow',
        Degraded: 'True ResourcesDegraded 1 of 1 manifests degraded: ConfigMap shop/c0: too slow',
      },
    },
  ])('$name', ({ results, want }) => {
    expect(sums(...results)).toEqual(want);
  });

  test('WK-38 transition times change with the status only; nothing changed gives the very same status', () => {
    const first = workStatus(work(), [result(0), result(1)], Date.parse(t0));
    expect(workStatus(work(first), [result(0), result(1)], now)).toEqual(first);
    const second = workStatus(work(first), [result(0), failed(1)], now);
    expect(second.conditions.map(({ type, lastTransitionTime }) => [type, lastTransitionTime])).toEqual([
      ['Applied', t1],
      ['Available', t1],
      ['Progressing', t0],
      ['Degraded', t0],
    ]);
    expect(second.manifestConditions?.[0]).toEqual(first.manifestConditions?.[0]);
  });

  test('WK-19, WK-38 reordered manifests keep their times, and stand in the new order', () => {
    const first = workStatus(work(), [result(0), failed(1)], Date.parse(t0));
    const moved = [failed(0), result(1)].map((each, index) => ({
      ...each,
      identifier: identifier(index, `c${1 - index}`),
    }));
    const second = workStatus(work(first), moved, now);
    expect(
      second.manifestConditions?.map(({ identifier: { ordinal, name }, conditions }) => [
        ordinal,
        name,
        conditions[0]?.lastTransitionTime,
      ]),
    ).toEqual([
      [0, 'c1', t0],
      [1, 'c0', t0],
    ]);
  });

  test('WK-37 a message that names its object itself names it once', () => {
    const message = 'ConfigMap shop/c0 belongs to AppliedWork other, with other content';
    expect(sums(failed(0, 'ConflictingWork', message)).Applied).toBe(
      `False AppliedWorkFailed 1 of 1 manifests not applied: ${message}`,
    );
  });

  test('DL-22 what is available by its existence alone, since its own rule fails on it, says so', () => {
    const message = 'the health rule c failed: no such key: status';
    const ruled = () => ({ health: 'Unknown' as const, reason: 'RuleFailed', message });
    const results = judge([result(0)], { before: [], healthOf: ruled, now });
    const [told] = statusOf(work(), results, now).manifestConditions ?? [];
    expect(told?.conditions.find(({ type }) => type === 'Available')).toMatchObject({ status: 'True', message });
  });

  test('DL-24 what the hub set to Unknown is told anew', () => {
    const unknown = ['Applied', 'Available', 'Progressing', 'Degraded'].map((type) =>
      condition(type, 'Unknown', { reason: 'AgentUnreachable', observedGeneration: 2 }),
    );
    const status = workStatus(work({ conditions: unknown }), [result(0)], now);
    expect(status.conditions.map(({ status: value, lastTransitionTime }) => [value, lastTransitionTime])).toEqual([
      ['True', t1],
      ['True', t1],
      ['False', t1],
      ['False', t1],
    ]);
  });

  test('WK-13, WK-38 conditions of others stay', () => {
    const own = condition('example.test/Own', 'True');
    expect(workStatus(work({ conditions: [own] }), [], now).conditions[0]).toEqual(own);
  });

  test('WK-28 messages are kept short', () => {
    const long = 'x'.repeat(40_000);
    const status = workStatus(work(), [failed(0, 'AppliedManifestFailed', long)], now);
    const messages = [...status.conditions, ...(status.manifestConditions?.[0]?.conditions ?? [])].map(
      ({ message }) => message.length,
    );
    expect(Math.max(...messages)).toBe(1024);
  });
});

describe('reportStatus', () => {
  const report = (results: ManifestResult[], before: readonly ManifestReport[] = [], at = now) =>
    reportStatus(work(), judge(results, { before, healthOf, now: at }), {
      before,
      ownManager: 'us',
      now: at,
    });

  test('DL-23 the report says health, counts and what was applied', () => {
    expect(report([result(0, rolledOut), failed(1)])).toEqual({
      observedWorkGeneration: 2,
      manifests: [
        {
          identifier: identifier(0, 'c0'),
          health: 'Healthy',
          healthSince: t1,
          appliedHash: 'h',
          appliedGeneration: 7,
          replicas: { desired: 2, ready: 2, available: 2, updated: 2 },
        },
        { identifier: identifier(1, 'c1'), health: 'Unknown' },
      ],
    });
  });

  test('DL-23 a manifest that is refused now keeps the hash of what stands', () => {
    const before = report([result(0)]).manifests ?? [];
    expect(report([failed(0)], before).manifests?.[0]).toEqual({
      identifier: identifier(0, 'c0'),
      health: 'Unknown',
      appliedHash: 'h',
    });
  });

  test('DL-22 the time of a health is that of the first report of it, also over a restart; a new manifest begins anew', () => {
    const slow = result(0, deployment({ updatedReplicas: 1 }));
    const before = report([slow], [], Date.parse(t0)).manifests ?? [];
    const since = (of: ManifestResult) => report([of], before).manifests?.[0]?.healthSince;
    expect([since(slow), since({ ...slow, appliedHash: 'new' }), since(result(0, rolledOut))]).toEqual([t0, t1, t1]);
  });

  test('DL-22 past its deadline what progresses is degraded, and stays so until it moves on', () => {
    const policy = readPolicy({ 'quarterdeck.dev/health-deadline': '60' });
    if ('problem' in policy) throw new Error(policy.problem);
    const slow = result(0, { ...deployment({ updatedReplicas: 1 }), policy });
    const start = report([slow], [], Date.parse(t0)).manifests ?? [];
    const late = report([slow], start).manifests ?? [];
    const later = report([slow], late, now + 60_000).manifests ?? [];
    expect([start[0]?.health, late[0]?.health, late[0]?.reason, later[0]?.healthSince]).toEqual([
      'Progressing',
      'Degraded',
      'DeadlineExceeded',
      t0,
    ]);
  });

  test('DL-7 a Job that completed and was cleaned up is available', () => {
    const done = judge([result(0, { live: undefined, isCompleted: true })], { before: [], healthOf, now });
    const status = statusOf(work(), done, now);
    expect(status.conditions.map(({ type, status: value }) => [type, value])).toEqual([
      ['Applied', 'True'],
      ['Available', 'True'],
      ['Progressing', 'False'],
      ['Degraded', 'False'],
    ]);
  });
});
