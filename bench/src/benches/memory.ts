import { join } from 'node:path';
import { startLightFleet } from '../load/light-fleet.ts';
import { type Figure, figure } from '../report/figure.ts';
import type { Bench, BenchContext } from '../report/result.ts';
import { slope } from '../report/statistics.ts';
import { startHub } from '../servers/hub.ts';
import { residentBytes, treeMemoryBytes } from '../servers/memory.ts';

const judgedSize = 10_000;
/** From no member to all, in five steps of one hub. */
const steps = [1 / 16, 1 / 8, 1 / 4, 1 / 2, 1];
/** The hub keeps the last six minutes of changes, and what came of joining is not what an idle member costs. */
const settleSeconds = 420;

/** BM-11: what one more registered, connected, idle member costs the hub. */
export const memoryPerCluster: Bench = {
  name: 'memory',
  id: 'BM-11',
  title: 'memory of the hub with 0 to N registered, connected, idle members',
  defaultRuns: 1,
  async run(context) {
    const sizes = context.sizes ?? [context.quick ? 32 : judgedSize];
    const figures: Figure[] = [];
    for (const size of sizes) figures.push(...(await measure(size, context)));
    const left = sizes.includes(judgedSize) ? [] : [`N=${judgedSize}: not asked for`];
    const what = 'hub and PostgreSQL together, pages that they share counted once; slope through all sizes';
    return { setup: { sizes: sizes.join(', '), settleSeconds: context.seconds ?? settleSeconds, what }, figures, left };
  },
};

async function measure(size: number, { dir, quick, seconds, say }: BenchContext): Promise<Figure[]> {
  await using hub = await startHub({ dataDir: join(dir, `hub-${size}`) });
  await using fleet = await startLightFleet(hub, size);
  const settleMs = 1_000 * (seconds ?? (quick ? 2 : settleSeconds));
  const settle = () => new Promise((resolve) => setTimeout(resolve, settleMs));
  const points: { members: number; all: number; hub: number }[] = [];
  const look = async (members: number) => {
    await settle();
    const point = { members, all: await treeMemoryBytes(hub.pid), hub: await residentBytes(hub.pid) };
    points.push(point);
    say(`${members} members: ${(point.all / 1e6).toFixed(0)} MB, of it the hub ${(point.hub / 1e6).toFixed(0)} MB`);
  };
  await look(0);
  for (const step of steps) {
    const members = Math.round(size * step);
    await fleet.grow(members);
    await look(members);
  }
  const through = (of: 'all' | 'hub') => slope(points.map((point) => ({ x: point.members, y: point[of] }))) / 1e3;
  return [
    figure(`N=${size} for each member, all in`, 'kB', [through('all')], size === judgedSize ? { atMost: 120 } : null),
    figure(`N=${size} for each member, hub alone`, 'kB', [through('hub')]),
    ...points.map(({ members, all }) => figure(`N=${size} with ${members} members`, 'MB', [all / 1e6])),
  ];
}
