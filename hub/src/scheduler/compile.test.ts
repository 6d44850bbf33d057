import { describe, expect, test } from 'vitest';
import { member, profile } from '../testing/builders.ts';
import { compilePlacement, viewOf } from './compile.ts';

describe('compilePlacement', () => {
  test('PL-4 terms are parsed, absent fields stay open', () => {
    expect(compilePlacement({})).toEqual({
      clusterSets: undefined,
      terms: undefined,
      tolerations: [],
      numberOfClusters: undefined,
    });
    const compiled = compilePlacement({
      clusterSets: ['blue'],
      clusterSelectorTerms: [{ labelSelector: { matchLabels: { a: 'b' } } }, { labelSelector: {} }],
      tolerations: [{ key: 'k', operator: 'Exists' }],
      numberOfClusters: 0,
    });
    expect(compiled).toMatchObject({
      clusterSets: ['blue'],
      tolerations: [{ key: 'k', operator: 'Exists' }],
      numberOfClusters: 0,
    });
    expect('terms' in compiled && compiled.terms?.map((term) => term.length)).toEqual([1, 0]);
  });

  test('PL-4 an empty list of terms matches nothing, an absent one everything', () => {
    expect(compilePlacement({ clusterSelectorTerms: [] })).toMatchObject({ terms: [] });
  });

  test('PL-21 a selector that cannot be parsed is a problem with its path', () => {
    const bad = { matchExpressions: [{ key: 'a', operator: 'In' as const }] };
    const compiled = compilePlacement({ clusterSelectorTerms: [{ labelSelector: {} }, { labelSelector: bad }] });
    expect('problem' in compiled && compiled.problem).toMatch(/^spec\.clusterSelectorTerms\[1\]\.labelSelector: /);
  });
});

describe('viewOf', () => {
  const home = 'clusterset-default';
  test('PL-1 a member with its profile, as the filters see it', () => {
    const seen = member('m1', {
      metadata: { ...member('m1').metadata, labels: { tier: 'gold' } },
      spec: {
        acceptance: 'Accepted',
        clusterSet: 'default',
        taints: [
          { key: 'k', effect: 'NoExecute', timeAdded: '2026-01-01T00:00:00Z' },
          { key: 'l', value: 'v', effect: 'NoSchedule' },
        ],
      },
      status: {
        conditions: [
          {
            type: 'HubLeaseCurrent',
            status: 'True',
            reason: 'LeaseRenewed',
            message: '',
            lastTransitionTime: '2026-01-01T00:00:00Z',
          },
        ],
      },
    });
    expect(viewOf(seen, home, profile('m1', home))).toEqual({
      name: 'm1',
      profileNamespace: home,
      isPublished: true,
      clusterSet: 'default',
      labels: { tier: 'gold' },
      taints: [
        { key: 'k', value: '', effect: 'NoExecute', timeAdded: Date.parse('2026-01-01T00:00:00Z') },
        { key: 'l', value: 'v', effect: 'NoSchedule' },
      ],
      reachable: true,
      leaving: false,
    });
  });

  test('CI-9 a copy of a profile is not its publication; PL-1 neither is none', () => {
    const copy = profile('m1', home, { metadata: { labels: { 'quarterdeck.dev/profile-copy-of': 'blue' } } });
    expect(
      [viewOf(member('m1'), home, copy), viewOf(member('m1'), home, undefined)].map(({ isPublished }) => isPublished),
    ).toEqual([false, false]);
  });

  test('RG-40 who leaves or is not accepted is leaving; who was never heard of is not reachable', () => {
    const going = member('m1', { metadata: { ...member('m1').metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } });
    const pending = member('m1', { spec: { acceptance: 'Pending', clusterSet: 'default' } });
    expect(
      [going, pending, member('m1')]
        .map((each) => viewOf(each, home, undefined))
        .map(({ leaving, reachable }) => [leaving, reachable]),
    ).toEqual([
      [true, false],
      [true, false],
      [false, false],
    ]);
  });
});
