import { placeholders } from '../load/loadgen-orders.ts';
import { countInShard, shardDigits, shardNames } from '../load/shards.ts';
import { workOfSize, worksPath } from '../load/work.ts';
import { type Figure, figure, type Goal } from '../report/figure.ts';
import type { Bench, BenchContext } from '../report/result.ts';
import { quantile } from '../report/statistics.ts';
import { resetPeaks, residentAndPeak } from '../servers/memory.ts';
import { type Subject, startSubjects } from '../servers/subjects.ts';
import { many, type Shape, shapes, worthwhile } from './api-list-shapes.ts';

const workBytes = 4_600;
const shards = 8;
const selectedShard = 3;
const allSizes = [1_000, 10_000, 100_000];
/** kube-apiserver takes memory for each list that is under way; above this it takes more than a machine has. */
const mostOfKube = 10_000;
/** Larger lists come after smaller ones, and take seconds. */
const warmedUpTo = 10_000;

/** BM-2: lists of N Works in every way that clients ask for them, alone and 16 at once. A size is a number of Works. */
export const apiList: Bench = {
  name: 'api-list',
  id: 'BM-2',
  title: `lists of N Works of ${workBytes} B: whole, in pages, selected, by a watch; 1 and ${many} at once`,
  defaultRuns: 3,
  async run(context) {
    const sizes = (context.sizes ?? (context.quick ? [1_000] : allSizes)).toSorted((a, b) => a - b);
    await using subjects = await startSubjects(context, shardNames('bench', shards));
    const figures: Figure[] = [];
    const left = [...subjects.left];
    const stocks = subjects.all.map((subject): Stock => ({ subject, batches: [] }));
    for (const size of sizes) {
      for (const stock of stocks) {
        if (stock.subject.name === 'kube-apiserver' && size > mostOfKube) {
          left.push(`kube-apiserver, N=${size}: 16 lists at once would take more memory than there is`);
          continue;
        }
        await fill(stock, size, context);
        figures.push(...(await measureAll(stock, context)));
      }
    }
    left.push(...allSizes.filter((size) => !sizes.includes(size)).map((size) => `N=${size}: not asked for`));
    const load = 'Go, HTTP/1.1, one connection a list, not compressed';
    const setup = { sizes: sizes.join(', '), workBytes, load, pinning: subjects.pinning.words };
    return { setup, figures, left };
  },
};

/** The Works of one server. They are only ever added, in batches. */
interface Stock {
  readonly subject: Subject;
  readonly batches: number[];
}

const stored = ({ batches }: Stock): number => batches.reduce((sum, batch) => sum + batch, 0);

const selected = ({ batches }: Stock): number =>
  batches.reduce((sum, batch) => sum + countInShard(batch, selectedShard, shards), 0);

async function fill(stock: Stock, size: number, { say }: BenchContext): Promise<void> {
  const { subject, batches } = stock;
  const count = size - stored(stock);
  if (count <= 0) return;
  const [namespace, name] = [`bench-${placeholders.shard}`, `w${size}-${placeholders.index}`];
  const body = workOfSize({ namespace, name, bytes: workBytes, labels: { part: placeholders.shard } });
  const create = { method: 'POST', path: worksPath(namespace), contentType: 'application/json', body } as const;
  const { seconds } = await subject.load.ask('requests', { ...create, clients: 32, count, shards });
  batches.push(count);
  say(`${subject.name}: ${size} Works after ${seconds.toFixed(0)} s`);
}

interface Sample {
  readonly megabytesPerSecond: number;
  readonly firstMs: number;
  /** Of the server, over what it had before. */
  readonly addedMegabytes: number;
  readonly peakMegabytes: number;
  readonly clientCores: number;
  readonly refused: number;
}

async function measureAll(stock: Stock, context: BenchContext): Promise<Figure[]> {
  const { subject } = stock;
  const size = stored(stock);
  const figures: Figure[] = [];
  for (const shape of shapes(shardDigits(selectedShard))) {
    const expect = shape.isSelected ? selected(stock) : size;
    // The first one is compiled while it runs.
    if (size <= warmedUpTo) await measure(subject, shape, { atOnce: 1, each: 1, expect });
    const peaks = new Map<number, readonly number[]>();
    for (const atOnce of [1, many]) {
      const each = worthwhile({ server: subject.name, shape, size, atOnce });
      if (each === 0) continue;
      const samples: Sample[] = [];
      for (let run = 0; run < context.runs; run++) {
        samples.push(await measure(subject, shape, { atOnce, each, expect }));
      }
      peaks.set(
        atOnce,
        samples.map(({ peakMegabytes }) => peakMegabytes),
      );
      const title = `${subject.name} N=${size} ${shape.name}, ${atOnce} at once`;
      figures.push(...figuresOf(title, samples, subject.name === 'quarterdeck' && shape.name === 'full'));
      const speed = samples.map(({ megabytesPerSecond }) => megabytesPerSecond.toFixed(0)).join(', ');
      context.say(`${title}: ${speed} MB/s`);
    }
    const [one, sixteen] = [peaks.get(1), peaks.get(many)];
    if (one === undefined || sixteen === undefined) continue;
    const added = sixteen.map((peak, run) => peak - (one[run] ?? 0));
    const goal: Goal | null = subject.name === 'quarterdeck' ? { atMost: 64 } : null;
    figures.push(
      figure(`${subject.name} N=${size} ${shape.name}: memory of ${many} at once over 1`, 'MB', added, goal),
    );
  }
  return figures;
}

async function measure(
  { load, pids }: Subject,
  shape: Shape,
  order: { readonly atOnce: number; readonly each: number; readonly expect: number },
): Promise<Sample> {
  await resetPeaks(pids);
  const { resident } = await residentAndPeak(pids);
  const { lists, seconds, cpuSeconds, refused } = await load.ask('lists', { ...shape.order, ...order });
  const { peak } = await residentAndPeak(pids);
  const bytes = lists.reduce((sum, list) => sum + list.bytes, 0);
  return {
    megabytesPerSecond: bytes / 1e6 / seconds,
    firstMs: quantile(
      lists.map(({ firstUs }) => firstUs / 1000),
      0.5,
    ),
    addedMegabytes: (peak - resident) / 1e6,
    peakMegabytes: peak / 1e6,
    clientCores: cpuSeconds / seconds,
    refused,
  };
}

function figuresOf(title: string, samples: readonly Sample[], isJudged: boolean): Figure[] {
  const values = (key: keyof Sample) => samples.map((sample) => sample[key]);
  return [
    figure(title, 'MB/s', values('megabytesPerSecond'), isJudged ? { atLeast: 150 } : null),
    figure(`${title}: first byte p50`, 'ms', values('firstMs')),
    figure(`${title}: memory above rest`, 'MB', values('addedMegabytes')),
    figure(`${title}: requests refused with 429`, 'requests', values('refused')),
    figure(`${title}: client CPU`, 'cores', values('clientCores')),
  ];
}
