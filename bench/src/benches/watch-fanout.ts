import { Work } from '@quarterdeck/apis';
import type { WriteResult } from '../load/loadgen-orders.ts';
import { shardNames } from '../load/shards.ts';
import { createWatchedWorks, numberedChange, watchedBytes, watchedWorks } from '../load/watched-works.ts';
import { allWorksPath } from '../load/work.ts';
import { type Figure, figure, type Goal } from '../report/figure.ts';
import type { Bench, BenchContext } from '../report/result.ts';
import { quantile } from '../report/statistics.ts';
import { processTable, treeCpuSeconds } from '../servers/cpu-time.ts';
import { readMetrics, seriesOf } from '../servers/metrics.ts';
import { type Subject, startSubjects } from '../servers/subjects.ts';
import { type FanOutPlan, fanOutPlans, lagRate, mostRate } from './fan-out-plan.ts';

const namespaces = 100;
const perConnection = 100;
const allSizes = [1, 100, 1_000, 10_000];
const mostOfKube = 1_000;

/** BM-3: changes of Works at a steady rate, and all who watch them. A size is a number of watchers. */
export const watchFanout: Bench = {
  name: 'watch-fanout',
  id: 'BM-3',
  title: `N watchers of Works of ${watchedBytes} B, all or a namespace each, at up to ${mostRate} events/s`,
  defaultRuns: 3,
  async run(context) {
    const sizes = context.sizes ?? (context.quick ? [1, 100] : allSizes);
    const seconds = context.seconds ?? (context.quick ? 2 : 10);
    await using subjects = await startSubjects(context, shardNames('bench', namespaces));
    const figures: Figure[] = [];
    const left = [...subjects.left];
    for (const subject of subjects.all) {
      await createWatchedWorks(subject.load, namespaces);
      for (const size of sizes) {
        if (subject.name === 'kube-apiserver' && size > mostOfKube) {
          left.push(`kube-apiserver, N=${size}: one CPU does not carry them`);
          continue;
        }
        figures.push(...(await measureSize(subject, size, seconds, context)));
      }
    }
    left.push(...allSizes.filter((size) => !sizes.includes(size)).map((size) => `N=${size}: not asked for`));
    const load = `Go, HTTP/2, ${perConnection} watchers a connection`;
    const shape = { sizes: sizes.join(', '), seconds, workBytes: watchedBytes, works: namespaces, namespaces };
    return { setup: { ...shape, load, pinning: subjects.pinning.words }, figures, left };
  },
};

interface Sample extends WriteResult {
  /** That the changes would have taken at the rate asked for. */
  readonly writeSeconds: number;
  readonly encodings: number;
  readonly serverCpuSeconds: number;
}

async function measureSize(
  subject: Subject,
  watchers: number,
  seconds: number,
  { runs, say }: BenchContext,
): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const plan of fanOutPlans(watchers, namespaces)) {
    const path = plan.scope === 'broad' ? allWorksPath : watchedWorks.collection;
    const { seconds: opening } = await subject.load.ask('open', { path, watchers, shards: namespaces, perConnection });
    const samples: Sample[] = [];
    for (let run = 0; run < runs; run++) samples.push(await change(subject, plan.perSecond, seconds));
    await subject.load.ask('close', {});
    const title = `${subject.name} N=${watchers} ${plan.scope}, ${plan.eventsPerSecond} ev/s`;
    const got = samples.map((sample) => eventsPerSecond(sample).toFixed(0)).join(', ');
    say(`${title}: open after ${opening.toFixed(1)} s; ${got} events/s`);
    figures.push(...figuresOf(title, subject.name, plan, samples));
  }
  return figures;
}

async function change(
  { name: server, load, pids, target }: Subject,
  perSecond: number,
  seconds: number,
): Promise<Sample> {
  const encodings = async () =>
    server === 'quarterdeck'
      ? seriesOf(await readMetrics(target), 'apiserver_watch_event_encodings_total', {
          resource: `${Work.plural}.${Work.group}`,
        })
      : 0;
  const before = { cpu: treeCpuSeconds(await processTable(), pids), encodings: await encodings() };
  const order = { objects: namespaces, shards: namespaces, perSecond, seconds, lanes: 32 };
  const result = await load.ask('write', { path: watchedWorks.path, body: numberedChange, ...order });
  const serverCpuSeconds = treeCpuSeconds(await processTable(), pids) - before.cpu;
  const writeSeconds = result.written / perSecond;
  return { ...result, writeSeconds, encodings: (await encodings()) - before.encodings, serverCpuSeconds };
}

/** Over the time from the first event to the last; a server that was late and then sent all at once was not faster. */
const eventsPerSecond = ({ events, eventsSeconds, writeSeconds }: Sample): number =>
  events / Math.max(eventsSeconds, writeSeconds);

function figuresOf(title: string, server: Subject['name'], plan: FanOutPlan, samples: readonly Sample[]): Figure[] {
  const isOurs = server === 'quarterdeck';
  const of = (what: string, unit: string, pick: (sample: Sample) => number, goal: Goal | null = null) =>
    figure(`${title}${what}`, unit, samples.map(pick), isOurs ? goal : null);
  const lag = (share: number) => (sample: Sample) =>
    sample.lagsUs.length === 0 ? 0 : quantile(sample.lagsUs, share) / 1000;
  const isFull = plan.scope === 'broad' && plan.eventsPerSecond === mostRate;
  const isJudgedByLag = plan.eventsPerSecond === lagRate;
  return [
    of('', 'events/s', eventsPerSecond, isFull ? { atLeast: mostRate } : null),
    of(': lag p50', 'ms', lag(0.5)),
    of(': lag p99', 'ms', lag(0.99), isJudgedByLag ? { atMost: 50 } : null),
    of(': write p50', 'ms', ({ writesUs }) => quantile(writesUs, 0.5) / 1000),
    ...(isOurs
      ? [of(': encodings a change', 'times', ({ encodings, written }) => encodings / written, { atMost: 1 })]
      : []),
    of(': lost, doubled, out of order', 'events', wrong, { atMost: 0 }),
    of(': requests refused with 429', 'requests', ({ refused }) => refused),
    of(': server CPU', 'cores', ({ serverCpuSeconds, seconds }) => serverCpuSeconds / seconds),
    of(': client CPU', 'cores', ({ cpuSeconds, seconds }) => cpuSeconds / seconds),
  ];
}

const wrong = ({ lost, doubled, unordered }: WriteResult): number => lost + doubled + unordered;
