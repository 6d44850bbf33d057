import { join } from 'node:path';
import { conditionType, isConditionTrue, MemberCluster } from '@quarterdeck/apis';
import type { Client } from '@quarterdeck/machinery';
import { type LightFleet, startLightFleet } from '../load/light-fleet.ts';
import { type Figure, figure } from '../report/figure.ts';
import type { Bench, BenchContext } from '../report/result.ts';
import { quantile, slope } from '../report/statistics.ts';
import { processTable, treeCpuSeconds } from '../servers/cpu-time.ts';
import { startHub } from '../servers/hub.ts';
import { residentBytes, treeMemoryBytes } from '../servers/memory.ts';
import { until } from '../servers/until.ts';

const judgedSize = 10_000;
const hourMs = 3_600_000;
/** Members that fall silent at the end: too few for the brake against losing much of the fleet at once. */
const silentOf = 50;

/** BM-9: a fleet that does nothing but live. */
export const heartbeatSoak: Bench = {
  name: 'heartbeat-soak',
  id: 'BM-9',
  title: 'N connected agents that renew their Lease each 10 s and report each 60 s',
  defaultRuns: 1,
  async run(context) {
    const sizes = context.sizes ?? [context.quick ? 20 : judgedSize];
    const seconds = context.seconds ?? (context.quick ? 20 : 3_600);
    const figures: Figure[] = [];
    for (const size of sizes) figures.push(...(await measure(size, seconds, context)));
    const left = sizes.includes(judgedSize) ? [] : [`N=${judgedSize}: not asked for`];
    const agents = 'light: connection, certificate, watches, Lease and status of an agent, without its member';
    return { setup: { sizes: sizes.join(', '), seconds, agents }, figures, left };
  },
};

interface Look {
  readonly atMs: number;
  readonly residentBytes: number;
}

async function measure(size: number, seconds: number, { dir, say }: BenchContext): Promise<Figure[]> {
  await using hub = await startHub({ dataDir: join(dir, `hub-${size}`) });
  await using fleet = await startLightFleet(hub, size);
  const joining = performance.now();
  await fleet.grow(size);
  const joinSeconds = (performance.now() - joining) / 1000;
  say(`${size} agents joined in ${joinSeconds.toFixed(0)} s`);
  // What joining left behind is not what living costs.
  await sleep(Math.min(60_000, seconds * 100));
  await fleet.ask({ ask: 'count' });
  await using lost = await watchLost(fleet.hubClient);
  const looks: Look[] = [];
  const cpuBefore = await cpuOf(hub.pid);
  const started = performance.now();
  while (performance.now() - started < seconds * 1000) {
    looks.push({ atMs: performance.now() - started, residentBytes: await residentBytes(hub.pid) });
    await sleep(Math.min(10_000, seconds * 50));
  }
  const elapsed = (performance.now() - started) / 1000;
  const cores = ((await cpuOf(hub.pid)) - cpuBefore) / elapsed;
  const { count } = await fleet.ask({ ask: 'count' });
  const falselyLost = lost.names().size;
  const memory = await treeMemoryBytes(hub.pid);
  say(`${size} agents: ${cores.toFixed(2)} cores, missed ${count.missed} (${count.trouble ?? 'no trouble'})`);
  const detection = await detect(fleet, lost, Math.max(1, Math.round(size / silentOf / fleet.pids.length)));
  const judged = size === judgedSize;
  const name = `N=${size}`;
  return [
    figure(`${name} CPU of hub and PostgreSQL`, 'cores', [cores], judged ? { atMost: 0.3 } : null),
    figure(`${name} CPU of hub and PostgreSQL for 1,000`, 'cores', [(cores / size) * 1_000], { atMost: 0.05 }),
    figure(`${name} growth of the hub's memory`, '%/h', [growth(looks)], judged ? { atMost: 2 } : null),
    figure(`${name} memory of hub and PostgreSQL`, 'MB', [memory / 1e6]),
    figure(`${name} heartbeats`, 'a second', [count.beats / elapsed]),
    figure(`${name} heartbeat p99`, 'ms', [quantile(count.beatMs, 0.99)]),
    figure(`${name} heartbeats missed`, '', [count.missed], { atMost: 0 }),
    figure(`${name} reports missed`, '', [count.unreported], { atMost: 0 }),
    figure(`${name} members falsely lost`, '', [falselyLost], { atMost: 0 }),
    figure(`${name} silence seen after`, 's', [detection], { atMost: 40 }),
    figure(`${name} joining of all`, 's', [joinSeconds]),
  ];
}

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

const cpuOf = async (pid: number): Promise<number> => treeCpuSeconds(await processTable(), [pid]);

/** By a line through all looks, as a share of the first one; a run of minutes says little of an hour. */
function growth(looks: readonly Look[]): number {
  const [first] = looks;
  if (first === undefined || looks.length < 2) return 0;
  const perMs = slope(looks.map(({ atMs, residentBytes: bytes }) => ({ x: atMs, y: bytes })));
  return ((perMs * hourMs) / first.residentBytes) * 100;
}

interface Lost extends AsyncDisposable {
  /** Members that were seen as anything but available since it began. */
  names(): ReadonlySet<string>;
}

async function watchLost(hubClient: Client): Promise<Lost> {
  const stop = new AbortController();
  const names = new Set<string>();
  const { metadata } = await hubClient.list(MemberCluster, { limit: 1 });
  const watching = (async () => {
    const { resourceVersion = '0' } = metadata;
    for await (const event of hubClient.watch(MemberCluster, { resourceVersion, signal: stop.signal })) {
      if (event.type !== 'MODIFIED') continue;
      const { conditions } = event.object.status ?? {};
      if (!isConditionTrue(conditions, conditionType.MemberCluster.Available)) names.add(event.object.metadata.name);
    }
  })().catch(() => {}); // it is stopped by that
  return {
    names: () => names,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await watching;
    },
  };
}

/** Seconds from the last heartbeats until all that fell silent are seen so: up to 10 s of it they would not have beaten. */
async function detect(fleet: LightFleet, lost: Lost, count: number): Promise<number> {
  const before = lost.names().size;
  await fleet.ask({ ask: 'silence', count });
  const started = performance.now();
  const silent = count * fleet.pids.length;
  const isSeen = () => Promise.resolve(lost.names().size - before >= silent ? true : undefined);
  await until(`${silent} silent members to be seen`, isSeen, { timeoutMs: 120_000 });
  return (performance.now() - started) / 1000;
}
