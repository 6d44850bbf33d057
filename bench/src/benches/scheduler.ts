import type { Placement } from '@quarterdeck/apis';
import {
  aspectsChanged,
  before,
  type ClusterView,
  createDependencyIndex,
  dependenciesOf,
  type FleetSnapshot,
  indexFleet,
  type Outcome,
  type PlacementRequest,
  requestOf,
  runPass,
  snapshotOf,
  view,
} from '@quarterdeck/hub/testing';
import { figure } from '../report/figure.ts';
import type { Bench } from '../report/result.ts';

type Spec = Placement['spec'];

const regions = 10;
const zones = 3;

/** Clusters with labels, properties, and a taint on every tenth. */
function fleetOf(size: number): ClusterView[] {
  return Array.from({ length: size }, (_, index) =>
    view(`cluster-${String(index).padStart(6, '0')}`, {
      labels: {
        region: `r${index % regions}`,
        zone: `r${index % regions}-z${Math.floor(index / regions) % zones}`,
        tier: index % 3 === 0 ? 'gold' : 'silver',
        churn: 'no',
      },
      properties: { price: String((index * 7919) % 1000), nodes: String((index * 104_729) % 500) },
      taints: index % 10 === 0 ? [{ key: 'maintenance', value: '', effect: 'NoSchedule', timeAdded: 0 }] : [],
    }),
  );
}

/** Two selectors, a toleration, three priorities, the best ten; `which` makes placements differ. */
const specOf = (which: number, more: Spec = {}): Spec => ({
  numberOfClusters: 10,
  clusterSelectorTerms: [
    {
      labelSelector: {
        matchLabels: { tier: which % 2 === 0 ? 'gold' : 'silver' },
        matchExpressions: [
          {
            key: 'region',
            operator: 'In',
            values: [`r${which % regions}`, `r${(which + 3) % regions}`, `r${(which + 5) % regions}`],
          },
        ],
      },
    },
    { labelSelector: { matchLabels: { churn: 'yes', region: `r${which % regions}` } } },
  ],
  ...(which % 4 === 0 ? { tolerations: [{ key: 'maintenance', operator: 'Exists' }] } : {}),
  priorityPolicy: {
    priorities: [
      { type: 'PropertyValue', weight: 10, property: { name: 'price', order: 'Ascending' } },
      { type: 'PropertyValue', weight: 3, property: { name: 'nodes' } },
      { type: 'Balance', weight: 5 },
    ],
  },
  ...more,
});

const requests = (count: number, more: Spec = {}): PlacementRequest[] =>
  Array.from({ length: count }, (_, index) => requestOf(specOf(index, more), { key: `apps/p${index}` }));

/** CPU time of this thread: the core waits for nothing, and what others do on the machine is none of its doing. */
const cpuMs = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};

interface Decided {
  readonly perSecond: number;
  readonly outcomes: ReadonlyMap<string, Outcome>;
}

function decide(snapshot: FleetSnapshot, asked: readonly PlacementRequest[]): Decided {
  const turns = asked.map((request) => ({ request, previous: before([]) }));
  const startedAt = cpuMs();
  const { outcomes } = runPass(snapshot, turns);
  return { perSecond: (1000 * asked.length) / (cpuMs() - startedAt), outcomes };
}

const chosenOf = ({ choices }: Outcome) => choices.map(({ cluster }) => cluster.name);

/** 1 % of the clusters change a label: what is looked at again, and how long until all is settled. */
function churn(snapshot: FleetSnapshot, asked: readonly PlacementRequest[], { outcomes }: Decided) {
  const index = createDependencyIndex();
  const byKey = new Map(asked.map((request) => [request.key, request]));
  for (const [key, outcome] of outcomes) {
    const request = byKey.get(key);
    if (request !== undefined) index.set(key, dependenciesOf(request, outcome), new Set(chosenOf(outcome)));
  }
  const changed = snapshot.fleet.clusters
    .filter((_, position) => position % 100 === 7)
    .map((cluster) => ({ old: cluster, now: { ...cluster, labels: { ...cluster.labels, tier: 'bronze' } } }));
  const decisions = new Map([...outcomes].map(([key, outcome]) => [key, new Set(chosenOf(outcome))]));
  const startedAt = cpuMs();
  const fleet = snapshot.fleet.with(changed.map(({ now }) => now));
  const affected = new Set(changed.flatMap(({ old, now }) => [...index.ofCluster(now.name, aspectsChanged(old, now))]));
  const turns = [...affected].flatMap((key) => {
    const request = byKey.get(key);
    return request === undefined ? [] : [{ request, previous: before([...(decisions.get(key) ?? [])]) }];
  });
  runPass({ ...snapshot, fleet, decisions }, turns);
  return { ms: cpuMs() - startedAt, touched: affected.size };
}

function memoryPerCluster(size: number): number {
  globalThis.gc?.();
  const start = process.memoryUsage().heapUsed;
  const fleet = indexFleet(fleetOf(size));
  const used = process.memoryUsage().heapUsed - start;
  // Looked at afterwards, so that it is not collected before.
  return used / fleet.clusters.length;
}

/** BM-5: the pure core, from a snapshot to decisions; nothing is read or written. */
export const scheduler: Bench = {
  name: 'scheduler',
  id: 'BM-5',
  title: 'scheduler core: 1,000 placements over 5,000 clusters, spread, 1 % label churn, 10,000 x 10,000',
  defaultRuns: 5,
  run({ quick, runs, say }) {
    const [placements, clusters, large] = quick ? [200, 1_000, 1_000] : [1_000, 5_000, 10_000];
    const spread: Spec = { spreadConstraints: [{ topologyKey: 'region', maxSkew: 1, minDomains: 3 }] };
    const several: Spec = {
      spreadConstraints: [
        { topologyKey: 'region', maxSkew: 1 },
        { topologyKey: 'zone', maxClustersPerDomain: 2 },
      ],
    };
    const figures: Record<string, number[]> = {
      plain: [],
      spread: [],
      several: [],
      churn: [],
      touched: [],
      large: [],
      growth: [],
    };
    // Once without counting: the process is long-lived, and so is the code that it has made ready.
    decide(snapshotOf(fleetOf(clusters)), requests(placements));
    for (let run = 0; run < runs; run++) {
      const snapshot = snapshotOf(fleetOf(clusters));
      const asked = requests(placements);
      const plain = decide(snapshot, asked);
      figures.plain?.push(plain.perSecond);
      figures.spread?.push(decide(snapshot, requests(placements, spread)).perSecond);
      figures.several?.push(decide(snapshot, requests(Math.min(200, placements), several)).perSecond);
      const { ms, touched } = churn(snapshot, asked, plain);
      figures.churn?.push(ms);
      figures.touched?.push(touched);
      if (run === 0) {
        const { perSecond } = decide(snapshotOf(fleetOf(large)), requests(large));
        figures.large?.push(perSecond);
        figures.growth?.push((plain.perSecond * clusters) / (perSecond * large));
      }
      say(`run ${run + 1}: ${plain.perSecond.toFixed(0)} placements/s, churn ${ms.toFixed(1)} ms for ${touched}`);
    }
    return Promise.resolve({
      setup: { clock: 'CPU time of the one thread', placements, clusters, chosen: 10, selectors: 2, priorities: 3 },
      figures: [
        figure('decided', 'placements/s', figures.plain ?? [], { atLeast: 10_000 }),
        figure('decided, spread over one key', 'placements/s', figures.spread ?? [], { atLeast: 2_000 }),
        figure('decided, spread over two keys', 'placements/s', figures.several ?? []),
        figure('1 % label churn settled', 'ms', figures.churn ?? [], { atMost: 100 }),
        figure('1 % label churn: placements looked at', 'placements', figures.touched ?? []),
        figure(`decided, ${large} placements over ${large} clusters`, 'placements/s', figures.large ?? []),
        figure('the same: cost of one placement and cluster, against the first', 'times', figures.growth ?? [], {
          atMost: 1.25,
        }),
        figure('snapshot memory per cluster', 'B', [memoryPerCluster(clusters)]),
      ],
      left: [],
    });
  },
};
