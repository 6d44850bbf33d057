import type { Placement } from '@quarterdeck/apis';
import { parseQuantity } from '@quarterdeck/machinery';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { before, requestOf, snapshotOf, view } from '../../../testing/builders.ts';
import { randomFleet, randomNow, randomSpec } from '../../../testing/fleets.ts';
import { hasBit } from '../../bits.ts';
import type { ClusterView } from '../../cluster-view.ts';
import type { FleetSnapshot } from '../../snapshot.ts';
import { filters } from './all.ts';
import type { FilterName } from './filter.ts';

const now = Date.parse('2026-01-01T00:00:00Z');
const cpu = (free: string | undefined, over: object = {}): Partial<ClusterView> => ({
  capacity: {
    total: new Map(),
    allocatable: new Map(),
    free: free === undefined ? undefined : new Map([['cpu', parseQuantity(free)]]),
    nodes: undefined,
    observedAt: now,
    ...over,
  },
});
const score = (exclusion: string | undefined, validUntil?: number): Partial<ClusterView> => ({
  scores: { risk: { values: new Map(), exclusion, validUntil } },
});
const properties = (name: string, operator: string, values: string[], type?: string) =>
  ({
    clusterSelectorTerms: [
      { propertySelector: { matchExpressions: [{ name, operator, values, ...(type === undefined ? {} : { type }) }] } },
    ],
  }) as Placement['spec'];
const needs = (group: string, kind: string) => ({ clusterSelectorTerms: [{ requiredAPIs: [{ group, kind }] }] });
const apis = (complete: boolean, ...kinds: string[]): Partial<ClusterView> => ({
  apis: { kinds: new Set(kinds), complete },
});
const scored = {
  priorityPolicy: {
    priorities: [{ type: 'ClusterScore' as const, weight: 1, clusterScore: { name: 'risk', score: 'x' } }],
  },
};
const copies = { copies: { count: 1, requests: { cpu: '1' } } };

interface Row {
  readonly name: string;
  readonly filter: FilterName;
  readonly spec?: Placement['spec'];
  readonly cluster?: Partial<ClusterView>;
  readonly snapshot?: Partial<FleetSnapshot>;
  /** Of a newcomer; undefined: it passes. */
  readonly newcomer: RegExp | undefined;
  /** Of a chosen cluster. Default: it passes. */
  readonly chosen?: RegExp;
}

const rows: readonly Row[] = [
  {
    name: 'PL-1 an unbound set',
    filter: 'NotBound',
    cluster: { clusterSet: 'other' },
    newcomer: /not bound/,
    chosen: /not bound/,
  },
  {
    name: 'PL-1 a set that is not named',
    filter: 'SetNotNamed',
    spec: { clusterSets: ['other'] },
    newcomer: /set default/,
    chosen: /set default/,
  },
  {
    name: 'PL-3 a name that is not listed',
    filter: 'NameNotListed',
    spec: { clusterNames: ['m2'] },
    newcomer: /clusterNames/,
    chosen: /clusterNames/,
  },
  {
    name: 'PL-3 an excluded name, even where it is listed',
    filter: 'NameExcluded',
    spec: { clusterNames: ['m1'], excludedClusterNames: ['m1'] },
    newcomer: /excluded/,
    chosen: /excluded/,
  },
  {
    name: 'PL-1, PL-20 a cluster that leaves',
    filter: 'Leaving',
    cluster: { leaving: true },
    newcomer: /leaving/,
    chosen: /leaving/,
  },
  {
    name: 'PL-4 a label that differs',
    filter: 'NoTermMatches',
    spec: { clusterSelectorTerms: [{ labelSelector: { matchLabels: { tier: 'gold' } } }] },
    cluster: { labels: { tier: 'tin' } },
    newcomer: /its label tier is tin/,
    chosen: /its label tier is tin/,
  },
  {
    name: 'PL-4 NotIn matches an absent property',
    filter: 'NoTermMatches',
    spec: properties('gpu', 'NotIn', ['1']),
    newcomer: undefined,
  },
  {
    name: 'PL-4 quantities compare by amount',
    filter: 'NoTermMatches',
    spec: properties('mem', 'Ge', ['1Gi']),
    cluster: { properties: { mem: '1024Mi' } },
    newcomer: undefined,
  },
  {
    name: 'PL-4 strings do not',
    filter: 'NoTermMatches',
    spec: properties('mem', 'In', ['1Gi']),
    cluster: { properties: { mem: '1024Mi' } },
    newcomer: /its mem is 1024Mi/,
    chosen: /its mem is 1024Mi/,
  },
  {
    name: 'PL-4 versions compare part by part',
    filter: 'NoTermMatches',
    spec: properties('kubernetesVersion', 'Gt', ['1.9'], 'Version'),
    cluster: { version: 'v1.35.4' },
    newcomer: undefined,
  },
  {
    name: 'PL-4 a pre-release stands before its release',
    filter: 'NoTermMatches',
    spec: properties('kubernetesVersion', 'Ge', ['1.36.0'], 'Version'),
    cluster: { version: '1.36.0-rc.1' },
    newcomer: /1\.36\.0-rc\.1/,
    chosen: /1\.36\.0-rc\.1/,
  },
  {
    name: 'PL-4, PL-6 an unreadable value is no match for a newcomer and keeps a chosen cluster',
    filter: 'NoTermMatches',
    spec: properties('gpu', 'Gt', ['1']),
    cluster: { properties: { gpu: 'many' } },
    newcomer: /its gpu is many/,
  },
  {
    name: 'PL-6 a vanished property keeps a chosen cluster',
    filter: 'NoTermMatches',
    spec: properties('gpu', 'Exists', []),
    newcomer: /reports no gpu/,
  },
  {
    name: 'PL-4 free capacity is compared like a property',
    filter: 'NoTermMatches',
    spec: properties('free/cpu', 'Ge', ['2']),
    cluster: cpu('1500m'),
    newcomer: /free\/cpu is 1500000000n/,
    chosen: /free\/cpu/,
  },
  {
    name: 'PL-4 a kind that is served',
    filter: 'NoTermMatches',
    spec: needs('apps', 'Deployment'),
    cluster: apis(true, 'apps/v1/Deployment'),
    newcomer: undefined,
  },
  {
    name: 'PL-4 a kind that is not',
    filter: 'NoTermMatches',
    spec: needs('apps', 'Deployment'),
    cluster: apis(true),
    newcomer: /does not serve apps Deployment/,
    chosen: /does not serve/,
  },
  {
    name: 'PL-6 incomplete discovery keeps a chosen cluster',
    filter: 'NoTermMatches',
    spec: needs('apps', 'Deployment'),
    cluster: apis(false),
    newcomer: /not known whether/,
  },
  {
    name: 'PL-20 required terms that are held back',
    filter: 'NoTermMatches',
    spec: {
      clusterSelectorTerms: [{ labelSelector: { matchLabels: { a: 'b' } } }],
      steadiness: { holdBack: ['RequiredTerms'] },
    },
    newcomer: /no label a/,
  },
  {
    name: 'PL-7 no candidate term',
    filter: 'NoCandidateTermMatches',
    spec: { candidateTerms: [{ name: 'eu', labelSelector: { matchLabels: { region: 'eu' } } }] },
    newcomer: /no label region/,
    chosen: /no label region/,
  },
  {
    name: 'PL-14 no spread key under a hard rule',
    filter: 'NoSpreadKey',
    spec: { spreadConstraints: [{ topologyKey: 'zone', maxSkew: 1 }] },
    newcomer: /no label zone/,
    chosen: /no label zone/,
  },
  {
    name: 'PL-14 no spread key under a soft rule',
    filter: 'NoSpreadKey',
    spec: { spreadConstraints: [{ topologyKey: 'zone', maxSkew: 1, whenUnsatisfiable: 'ScheduleAnyway' }] },
    newcomer: undefined,
  },
  {
    name: 'PL-14 no spread key where that is exempt',
    filter: 'NoSpreadKey',
    spec: { spreadConstraints: [{ topologyKey: 'zone', maxSkew: 1, missingKey: 'Exempt' }] },
    newcomer: undefined,
  },
  {
    name: 'PL-1, PL-6 no profile',
    filter: 'NotPublished',
    cluster: { isPublished: false },
    newcomer: /no ClusterProfile/,
  },
  {
    name: 'PL-8 an untolerated taint',
    filter: 'Tainted',
    cluster: { taints: [{ key: 'k', value: 'v', effect: 'NoSchedule' }] },
    newcomer: /k=v:NoSchedule/,
  },
  {
    name: 'PL-8 a toleration that has run out',
    filter: 'Tainted',
    spec: { tolerations: [{ key: 'k', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 1 }] },
    cluster: { taints: [{ key: 'k', value: '', effect: 'NoExecute', timeAdded: now - 2000 }] },
    newcomer: /a time that is over/,
  },
  { name: 'PL-22 a lost cluster', filter: 'Unreachable', cluster: { reachable: false }, newcomer: /lease/ },
  {
    name: 'PL-18 a cluster that the other placement did not choose',
    filter: 'RelatedPlacement',
    spec: { placementAffinity: { sameClustersAs: ['db'] } },
    newcomer: /db did not choose it/,
  },
  {
    name: 'PL-18 a cluster that the other placement chose',
    filter: 'RelatedPlacement',
    spec: { placementAffinity: { otherClustersThan: ['db'] } },
    snapshot: { decisions: new Map([['apps/db', new Set(['m1'])]]) },
    newcomer: /db chose it/,
  },
  {
    name: 'PL-18, PL-20 the same, acted on',
    filter: 'RelatedPlacement',
    spec: { placementAffinity: { otherClustersThan: ['db'] }, steadiness: { actOn: ['OtherPlacements'] } },
    snapshot: { decisions: new Map([['apps/db', new Set(['m1'])]]) },
    newcomer: /db chose it/,
    chosen: /db chose it/,
  },
  {
    name: 'PL-19 an exclusion from outside',
    filter: 'ExcludedByScore',
    spec: scored,
    cluster: score('power cut'),
    newcomer: /risk excludes it: power cut/,
  },
  {
    name: 'PL-19 an exclusion that is over',
    filter: 'ExcludedByScore',
    spec: scored,
    cluster: score('power cut', now),
    newcomer: undefined,
  },
  {
    name: 'PL-17 no room for one copy',
    filter: 'NoRoom',
    spec: copies,
    cluster: cpu('500m'),
    newcomer: /no room for one copy/,
  },
  {
    name: 'PL-17 no node that holds one copy',
    filter: 'NoRoom',
    spec: copies,
    cluster: cpu('3', { nodes: [{ count: 4, free: new Map([['cpu', parseQuantity('750m')]]) }] }),
    newcomer: /no room for one copy/,
  },
  {
    name: 'PL-17 free capacity that is not known',
    filter: 'NoRoom',
    spec: copies,
    cluster: cpu(undefined),
    newcomer: /not reported/,
  },
  {
    name: 'PL-17 a report that is out of date',
    filter: 'NoRoom',
    spec: copies,
    cluster: cpu('4', { observedAt: now - 3_600_000 }),
    newcomer: /out of date/,
  },
  {
    name: 'PL-16 room that others have reserved',
    filter: 'NoRoom',
    spec: copies,
    cluster: cpu('2'),
    snapshot: {
      reservations: [
        {
          placement: 'apps/other',
          clusterName: 'm1',
          copies: 2,
          requests: new Map([['cpu', parseQuantity('1')]]),
          until: now + 1,
        },
      ],
    },
    newcomer: /no room for one copy/,
  },
  {
    name: 'PL-16 room that was reserved until now',
    filter: 'NoRoom',
    spec: copies,
    cluster: cpu('2'),
    snapshot: {
      reservations: [
        {
          placement: 'apps/other',
          clusterName: 'm1',
          copies: 2,
          requests: new Map([['cpu', parseQuantity('1')]]),
          until: now,
        },
      ],
    },
    newcomer: undefined,
  },
];

describe('filters', () => {
  test.each(rows)('$name ($filter)', ({ filter: name, spec = {}, cluster = {}, snapshot = {}, newcomer, chosen }) => {
    const filter = filters.find((each) => each.name === name);
    const seen = view('m1', cluster);
    const context = { snapshot: snapshotOf([seen], snapshot), request: requestOf(spec), previous: before(['m1']) };
    const refusals = [filter?.refuse(seen, context, false), filter?.refuse(seen, context, true)];
    const expected = [newcomer, chosen].map((want) => (want === undefined ? undefined : expect.stringMatching(want)));
    expect(refusals).toEqual(expected);
  });

  test('PL-40, PL-42 what a filter says of all clusters at once is what it says of each', () => {
    fc.assert(
      fc.property(randomFleet(8), randomSpec, (clusters, spec) => {
        const snapshot = snapshotOf(clusters, { now: randomNow });
        const context = { snapshot, request: requestOf(spec), previous: before([]) };
        for (const filter of filters) {
          const passing = filter.passing(context);
          for (const [position, cluster] of snapshot.fleet.clusters.entries()) {
            const passes = filter.refuse(cluster, context, false) === undefined;
            expect([filter.name, passing === undefined || hasBit(passing, position)]).toEqual([filter.name, passes]);
          }
        }
      }),
    );
  });
});
