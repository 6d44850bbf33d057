import { join } from 'node:path';
import { Namespace } from '@quarterdeck/apis';
import type { Client } from '@quarterdeck/machinery';
import { startLightFleet } from '../load/light-fleet.ts';
import { type Figure, figure, type Goal } from '../report/figure.ts';
import type { Bench, BenchContext } from '../report/result.ts';
import { quantile } from '../report/statistics.ts';
import { processTable, treeCpuSeconds } from '../servers/cpu-time.ts';
import { startHub } from '../servers/hub.ts';
import { residentBytes } from '../servers/memory.ts';

const judgedSize = 10_000;
const probeEveryMs = 50;

/** BM-14: the network comes back for all agents at once. */
export const storm: Bench = {
  name: 'storm',
  id: 'BM-14',
  title: 'N connected agents lose their connections and connect again at once',
  defaultRuns: 3,
  async run(context) {
    const sizes = context.sizes ?? [context.quick ? 20 : judgedSize];
    const figures: Figure[] = [];
    for (const size of sizes) figures.push(...(await measure(size, context)));
    const left = sizes.includes(judgedSize) ? [] : [`N=${judgedSize}: not asked for`];
    const agents = 'light: connection, certificate, five watches, Lease and status of an agent, without its member';
    return { setup: { sizes: sizes.join(', '), agents }, figures, left };
  },
};

interface Sample {
  /** Seconds until every watch has told what there is. */
  readonly watching: number;
  readonly probeP99: number;
  readonly hubCpu: number;
  readonly agentsCpu: number;
  readonly peakMegabytes: number;
  readonly reconnects: number;
}

async function measure(size: number, { dir, runs, say }: BenchContext): Promise<Figure[]> {
  await using hub = await startHub({ dataDir: join(dir, `hub-${size}`) });
  await using fleet = await startLightFleet(hub, size);
  await fleet.grow(size);
  const samples: Sample[] = [];
  for (let run = 0; run < runs; run++) {
    await fleet.ask({ ask: 'count' });
    await using probe = startProbe(fleet.hubClient, hub.pid);
    const before = await cpuSeconds(hub.pid, fleet.pids);
    const { seconds, count } = await fleet.ask({ ask: 'storm' });
    const after = await cpuSeconds(hub.pid, fleet.pids);
    const { p99, peakBytes } = await probe.end();
    samples.push({
      watching: seconds,
      probeP99: p99,
      hubCpu: after.hub - before.hub,
      agentsCpu: after.agents - before.agents,
      peakMegabytes: peakBytes / 1e6,
      reconnects: count.reconnects,
    });
    const trouble = count.trouble === undefined ? '' : `, ${count.reconnects} tried again (${count.trouble})`;
    say(`${size} agents, run ${run + 1}: all watch after ${seconds.toFixed(1)} s${trouble}`);
  }
  const values = (key: keyof Sample) => samples.map((sample) => sample[key]);
  const goal = (value: number): Goal | null => (size === judgedSize ? { atMost: value } : null);
  const name = `N=${size}`;
  return [
    figure(`${name} all watching`, 's', values('watching'), goal(60)),
    figure(`${name} p99 of another user's get meanwhile`, 'ms', values('probeP99'), goal(1_000)),
    figure(`${name} CPU of hub and PostgreSQL`, 's', values('hubCpu')),
    figure(`${name} CPU of the agents`, 's', values('agentsCpu')),
    figure(`${name} most memory of the hub`, 'MB', values('peakMegabytes')),
    figure(`${name} connections tried again`, '', values('reconnects')),
  ];
}

async function cpuSeconds(hub: number, agents: readonly number[]) {
  const table = await processTable();
  return { hub: treeCpuSeconds(table, [hub]), agents: treeCpuSeconds(table, agents) };
}

/** Somebody who only wants to read something small, over a connection that was there before. */
function startProbe(hubClient: Client, hubPid: number) {
  const latenciesMs: number[] = [];
  let peakBytes = 0;
  let isOver = false;
  const probing = (async () => {
    while (!isOver) {
      const started = performance.now();
      await hubClient.get(Namespace, { name: 'default' });
      latenciesMs.push(performance.now() - started);
      peakBytes = Math.max(peakBytes, await residentBytes(hubPid));
      await new Promise((resolve) => setTimeout(resolve, probeEveryMs));
    }
  })();
  const end = async () => {
    isOver = true;
    await probing;
    return { p99: quantile(latenciesMs, 0.99), peakBytes };
  };
  return { end, [Symbol.asyncDispose]: async () => void (await end()) };
}
