import type { Placement } from '@quarterdeck/apis';
import { quantityOf } from '@quarterdeck/machinery';
import fc from 'fast-check';
import type { Capacity, ClusterView } from '../scheduler/cluster-view.ts';
import { view } from './builders.ts';

/** The moment of random fleets; their taints were added around it. */
export const randomNow = 1_000_000;

const taint = fc.record({
  key: fc.constantFrom('k', 'l', 'quarterdeck.dev/unreachable'),
  value: fc.constant(''),
  effect: fc.constantFrom('NoSchedule' as const, 'PreferNoSchedule' as const, 'NoExecute' as const),
  timeAdded: fc.integer({ min: randomNow - 400_000, max: randomNow }),
});
const label = (...values: readonly string[]) => fc.option(fc.constantFrom(...values), { nil: undefined, freq: 6 });
const labels = fc
  .record({ region: label('r1', 'r2', 'r3'), zone: label('a', 'b'), tier: label('gold', 'silver') })
  .map(
    (all): Record<string, string> =>
      Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined)),
  );
const capacity = fc.option(
  fc.nat({ max: 20 }).map((cpu): Capacity => {
    const amounts = new Map([['cpu', quantityOf(cpu)]]);
    return { total: amounts, allocatable: amounts, free: amounts, nodes: undefined, observedAt: randomNow };
  }),
  { nil: undefined, freq: 5 },
);
const often = fc.integer({ min: 0, max: 9 }).map((dice) => dice > 0);
const properties = fc
  .option(fc.constantFrom('1', '2', '4', 'many'), { nil: undefined })
  .map((gpus): Record<string, string> => (gpus === undefined ? {} : { gpus }));

/** What can differ between clusters of one name. */
export const clusterParts: fc.Arbitrary<Partial<ClusterView>> = fc.record({
  clusterSet: fc.constantFrom('default', 'default', 'default', 'other'),
  labels,
  properties,
  capacity,
  taints: fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(taint, { maxLength: 2 }) },
  ),
  reachable: often,
  isPublished: often,
  leaving: often.map((stays) => !stays),
});

/** Clusters `c0`, `c1`, ... in any order. */
export const randomFleet = (maxLength: number): fc.Arbitrary<ClusterView[]> =>
  fc
    .array(clusterParts, { maxLength })
    .map((parts) => parts.map((over, index) => view(`c${index}`, over)))
    .chain((clusters) => fc.shuffledSubarray(clusters, { minLength: clusters.length }));

const hardOrSoft = fc.constantFrom('DoNotSchedule' as const, 'ScheduleAnyway' as const);
const small = (min: number, max: number) => fc.option(fc.integer({ min, max }), { nil: undefined });
type Spec = Placement['spec'];
type Spread = NonNullable<Spec['spreadConstraints']>[number];

/** Drops absent fields, as an object from the API has none. */
const present = <T extends object>(value: { [Field in keyof T]: T[Field] | undefined }): T =>
  Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as T;

const spread: fc.Arbitrary<Spread> = fc
  .record({
    topologyKey: fc.constantFrom('region', 'zone'),
    whenUnsatisfiable: hardOrSoft,
    maxSkew: small(1, 2),
    minDomains: small(1, 2),
    maxClustersPerDomain: small(1, 3),
    missingKey: fc.constantFrom(undefined, 'Exempt' as const),
  })
  .map((rule) =>
    present<Spread>({ ...rule, maxSkew: rule.maxSkew ?? (rule.minDomains === undefined ? 1 : undefined) }),
  );

const tier = (value: string) => ({ labelSelector: { matchLabels: { tier: value } } });

/** Specs over the fleets above, with most of what a placement can say. */
export const randomSpec: fc.Arbitrary<Spec> = fc
  .record({
    clusterSelectorTerms: fc.option(
      fc.constantFrom(
        [tier('gold')],
        [tier('gold'), tier('silver')],
        [{ propertySelector: { matchExpressions: [{ name: 'gpus', operator: 'Ge' as const, values: ['2'] }] } }],
      ),
      { nil: undefined },
    ),
    numberOfClusters: fc.option(fc.integer({ min: 0, max: 5 }), { nil: undefined }),
    spreadConstraints: fc.option(fc.array(spread, { minLength: 1, maxLength: 2 }), { nil: undefined, freq: 3 }),
    tolerations: fc.option(
      fc.constantFrom(
        [{ key: 'k', operator: 'Exists' as const }],
        [{ key: 'l', operator: 'Exists' as const, effect: 'NoExecute' as const, tolerationSeconds: 200 }],
      ),
      { nil: undefined },
    ),
    priorityPolicy: fc.option(
      fc.constantFrom(
        { priorities: [{ type: 'Label' as const, weight: 10, labelSelector: { matchLabels: { zone: 'a' } } }] },
        { priorities: [{ type: 'PropertyValue' as const, weight: -3, property: { name: 'gpus' } }] },
        { priorities: [{ type: 'FreeCapacity' as const, weight: 5, resource: { name: 'cpu' } }] },
      ),
      { nil: undefined },
    ),
    excludedClusterNames: fc.constantFrom(undefined, ['c1'], ['c0', 'c3']),
    copies: fc.constantFrom(undefined, undefined, undefined, { count: 4, requests: { cpu: '2' } }),
    candidateTerms: fc.constantFrom(undefined, undefined, [
      { name: 'primary', labelSelector: { matchLabels: { region: 'r1' } } },
      { name: 'fallback', labelSelector: {} },
    ]),
    decisionStrategy: fc.constantFrom(undefined, { groupSize: 2 }),
  })
  .map((spec) => present<Spec>(spec as { [Field in keyof Spec]: Spec[Field] | undefined }));
