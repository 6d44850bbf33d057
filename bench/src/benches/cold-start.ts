import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { apiVersionOf, ConfigMap } from '@quarterdeck/apis';
import { startEmbeddedPostgres } from '@quarterdeck/apiserver';
import { loadKubeconfig, silentLogger, systemClock } from '@quarterdeck/machinery';
import { startLoadgen } from '../load/loadgen.ts';
import { placeholders } from '../load/loadgen-orders.ts';
import { type Figure, figure, type Goal } from '../report/figure.ts';
import type { Bench, BenchContext } from '../report/result.ts';
import { processTable, treeCpuSeconds } from '../servers/cpu-time.ts';
import { bundledProgram, type HubProcessOptions, program, startHub } from '../servers/hub.ts';
import { residentBytes } from '../servers/memory.ts';
import { targetOf } from '../servers/target.ts';

const allSizes = [0, 10_000, 100_000];
const goals: ReadonlyMap<number, Goal> = new Map([
  [0, { atMost: 1 }],
  [10_000, { atMost: 1.5 }],
  [100_000, { atMost: 6 }],
]);
const objectBytes = 1_024;
const fillAtOnce = 64;

/** BM-12: from starting the process until the hub serves and its kinds are installed, on a store initialised before. */
export const coldStart: Bench = {
  name: 'cold-start',
  id: 'BM-12',
  title: 'start of the hub on an initialised store with N objects of users',
  defaultRuns: 5,
  async run(context) {
    const sizes = context.sizes ?? (context.quick ? [0] : allSizes);
    const { clock, logger } = { clock: systemClock, logger: silentLogger };
    const dataDir = join(context.dir, 'postgres');
    await using postgres = await startEmbeddedPostgres({ dataDir, clock, logger });
    const external = { dataDir: join(context.dir, 'external'), databaseUrl: postgres.url };
    const embedded = { dataDir: join(context.dir, 'embedded') };
    const figures: Figure[] = [];
    const filled = { embedded: 0, external: 0 };
    for (const size of sizes.toSorted((a, b) => a - b)) {
      filled.embedded = await fill(embedded, filled.embedded, size, context);
      figures.push(...(await measure('embedded', size, embedded, context)));
      filled.external = await fill(external, filled.external, size, context);
      figures.push(...(await measure('PostgreSQL', size, external, context)));
    }
    const left = allSizes.filter((size) => !sizes.includes(size)).map((size) => `N=${size}: not asked for`);
    if (!existsSync(bundledProgram)) left.push('bundled: there is no dist/; pnpm bundle makes it');
    return { setup: { sizes: sizes.join(', '), objectBytes }, figures, left };
  },
};

/** The first start, which is none that is measured, and objects until there are so many. @returns how many there are */
async function fill(options: HubProcessOptions, from: number, to: number, { say }: BenchContext): Promise<number> {
  await using hub = await startHub(options);
  if (to <= from) return from;
  const target = targetOf(await loadKubeconfig({ path: hub.kubeconfig }));
  await using load = await startLoadgen({ target, prefix: [], say });
  const object = {
    apiVersion: apiVersionOf(ConfigMap),
    kind: ConfigMap.kind,
    metadata: { name: `filler-${from}-${placeholders.index}`, namespace: 'default' },
    data: { text: 'x'.repeat(objectBytes) },
  };
  const { seconds } = await load.ask('requests', {
    method: 'POST',
    path: `/api/v1/namespaces/default/${ConfigMap.plural}`,
    contentType: 'application/json',
    body: JSON.stringify(object),
    clients: fillAtOnce,
    count: to - from,
    shards: 1,
  });
  say(`${to} objects after ${seconds.toFixed(0)} s`);
  return to;
}

interface Sample {
  readonly ready: number;
  readonly cpu: number;
  readonly megabytes: number;
}

async function measure(
  store: string,
  size: number,
  options: HubProcessOptions,
  { runs, quick, say }: BenchContext,
): Promise<Figure[]> {
  const programs = [
    { name: 'sources', file: program },
    ...(existsSync(bundledProgram) ? [{ name: 'bundled', file: bundledProgram }] : []),
  ];
  const samples = new Map(programs.map(({ name }) => [name, [] as Sample[]]));
  for (let run = 0; run < (quick ? 1 : runs); run++) {
    for (const { name, file } of programs) {
      const sample = await startOnce({ ...options, program: file });
      samples.get(name)?.push(sample);
      say(`${store}, ${size} objects, ${name}, run ${run + 1}: ${sample.ready.toFixed(2)} s`);
    }
  }
  return programs.flatMap(({ name }) => {
    const values = (key: keyof Sample) => (samples.get(name) ?? []).map((sample) => sample[key]);
    const title = `${store}, N=${size}, ${name}`;
    return [
      figure(`${title}: ready`, 's', values('ready'), goals.get(size) ?? null),
      figure(`${title}: CPU of the hub, and of PostgreSQL where it is embedded`, 's', values('cpu')),
      figure(`${title}: memory of the hub`, 'MB', values('megabytes')),
    ];
  });
}

async function startOnce(options: HubProcessOptions): Promise<Sample> {
  await using hub = await startHub(options);
  const cpu = treeCpuSeconds(await processTable(), [hub.pid]);
  return { ready: hub.readyMs / 1000, cpu, megabytes: (await residentBytes(hub.pid)) / 1e6 };
}
