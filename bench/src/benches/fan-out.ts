import { join } from 'node:path';
import { ClusterSetBinding, isConflict, label, Placement, Work, WorkSet } from '@quarterdeck/apis';
import { type Client, createHttpClient, loadKubeconfig } from '@quarterdeck/machinery';
import { watchArrivals } from '../load/arrivals.ts';
import { appWorkSet, binding, placementOfAll, userNamespace } from '../load/fan-out-objects.ts';
import { startJoinedMembers } from '../load/joined-members.ts';
import { type Figure, figure, type Goal } from '../report/figure.ts';
import type { Bench, BenchContext } from '../report/result.ts';
import { logLogSlope, median, quantile } from '../report/statistics.ts';
import { processTable, treeCpuSeconds } from '../servers/cpu-time.ts';
import { startHub } from '../servers/hub.ts';
import { until } from '../servers/until.ts';

const allSizes = [10, 100, 1_000];
const goals: ReadonlyMap<number, Goal> = new Map([[1_000, { atMost: 3 }]]);
/** A log-log slope of the total above this is a defect. */
const linear: Goal = { atMost: 1.15 };

/** BM-7: one Placement and one WorkSet, from their creation until the members' Works are seen applied on the hub. */
export const fanOut: Bench = {
  name: 'fan-out',
  id: 'BM-7',
  title: 'one WorkSet (Namespace, 1 KB ConfigMap, Deployment) to N simulated members',
  defaultRuns: 5,
  async run(context) {
    const sizes = context.sizes ?? (context.quick ? [3, 10] : allSizes);
    const points: SizePoint[] = [];
    const left = allSizes.filter((size) => !sizes.includes(size)).map((size) => `N=${size}: not asked for`);
    for (const size of sizes) {
      try {
        points.push(await measureSize(size, context));
      } catch (error) {
        // The sizes that did get there are worth keeping.
        left.push(`N=${size}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    const members =
      'simulated, with their agents, 250 in a process; agents reach the hub by TLS, their member in-process';
    return {
      setup: { sizes: sizes.join(', '), members },
      figures: [...points.flatMap(figuresOf), ...growth(points)],
      left,
    };
  },
};

/** How the time of the last grows. */
function growth(points: readonly SizePoint[]): Figure[] {
  if (points.length < 2) return [];
  const lasts = points.map(({ size, samples }) => ({ size, cost: median(samples.map(({ last }) => last)) }));
  return [figure('growth of the last with N (log-log slope)', '', [logLogSlope(lasts)], linear)];
}

interface Sample {
  /** Seconds. */
  readonly p50: number;
  readonly p99: number;
  readonly last: number;
  readonly hubCpu: number;
  readonly membersCpu: number;
  readonly clientCpu: number;
}

interface SizePoint {
  readonly size: number;
  readonly joinSeconds: number;
  readonly samples: readonly Sample[];
}

async function measureSize(size: number, { dir, runs, say }: BenchContext): Promise<SizePoint> {
  await using hub = await startHub({ dataDir: join(dir, `hub-${size}`) });
  await using hubClient = createHttpClient(await loadKubeconfig({ path: hub.kubeconfig }));
  const started = performance.now();
  await using members = await startJoinedMembers(hub, hubClient, size);
  const joinSeconds = (performance.now() - started) / 1000;
  say(`${size} members joined in ${joinSeconds.toFixed(1)} s`);
  await hubClient.create(ClusterSetBinding, binding);
  const samples: Sample[] = [];
  const pids = { hub: hub.pid, members: members.pids };
  await measureOnce(hubClient, { name: 'warm-up', size, pids });
  for (let run = 0; run < runs; run++) {
    const sample = await measureOnce(hubClient, { name: `app-${run}`, size, pids });
    samples.push(sample);
    say(`${size} members, run ${run + 1}: p99 ${sample.p99.toFixed(2)} s, last ${sample.last.toFixed(2)} s`);
  }
  return { size, joinSeconds, samples };
}

interface Once {
  readonly name: string;
  readonly size: number;
  readonly pids: { readonly hub: number; readonly members: readonly number[] };
}

async function measureOnce(hubClient: Client, { name, size, pids }: Once): Promise<Sample> {
  await using arrivals = await watchArrivals(hubClient, name);
  const before = await cpuSeconds(pids);
  const start = performance.now();
  await Promise.all([hubClient.create(Placement, placementOfAll(name)), hubClient.create(WorkSet, appWorkSet(name))]);
  const moments = await arrivals.all(size, 120_000);
  const after = await cpuSeconds(pids);
  const seconds = moments.map((moment) => (moment - start) / 1000);
  await remove(hubClient, name);
  return {
    p50: quantile(seconds, 0.5),
    p99: quantile(seconds, 0.99),
    last: Math.max(...seconds),
    hubCpu: after.hub - before.hub,
    membersCpu: after.members - before.members,
    clientCpu: after.client - before.client,
  };
}

async function cpuSeconds({ hub, members }: Once['pids']) {
  const table = await processTable();
  const { user, system } = process.cpuUsage();
  return {
    hub: treeCpuSeconds(table, [hub]),
    members: treeCpuSeconds(table, members),
    client: (user + system) / 1e6,
  };
}

/** Back to an idle fleet, so that runs do not meet. */
async function remove(hubClient: Client, name: string): Promise<void> {
  // Its status is being written all the time, and the server gives up after some tries.
  await until(`WorkSet ${name} to be deleted`, async () => {
    try {
      await hubClient.delete(WorkSet, { namespace: userNamespace, name });
      return true;
    } catch (error) {
      if (!isConflict(error)) throw error;
      return undefined;
    }
  });
  await until(
    `the Works of ${name} to be gone`,
    async () => {
      const { items } = await hubClient.list(Work, { labelSelector: `${label.workSet}=${name}`, limit: 1 });
      return items.length === 0 ? true : undefined;
    },
    { everyMs: 200, timeoutMs: 180_000 },
  );
  await hubClient.delete(Placement, { namespace: userNamespace, name });
}

function figuresOf({ size, joinSeconds, samples }: SizePoint): Figure[] {
  const name = `N=${size}`;
  const values = (key: keyof Sample) => samples.map((sample) => sample[key]);
  return [
    figure(`${name} p50`, 's', values('p50')),
    figure(`${name} p99`, 's', values('p99'), goals.get(size)),
    figure(`${name} last`, 's', values('last')),
    figure(`${name} CPU of hub and PostgreSQL`, 's', values('hubCpu')),
    figure(`${name} CPU of all members with agents`, 's', values('membersCpu')),
    figure(`${name} CPU of the client`, 's', values('clientCpu')),
    figure(`${name} start and join of all members`, 's', [joinSeconds]),
  ];
}
