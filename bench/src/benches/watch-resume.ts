import type { WriteResult } from '../load/loadgen-orders.ts';
import { shardNames } from '../load/shards.ts';
import { createWatchedWorks, numberedChange, watchedWorks } from '../load/watched-works.ts';
import { allWorksPath } from '../load/work.ts';
import { type Figure, figure, type Goal } from '../report/figure.ts';
import type { Bench } from '../report/result.ts';
import { quantile } from '../report/statistics.ts';
import { type Subject, startSubjects } from '../servers/subjects.ts';

const namespaces = 100;
/** Cutting a connection ends this many watches. */
const perConnection = 10;
const cuts = 20;
const changesPerSecond = 10;

/** BM-4: watchers whose connections are cut again and again while Works change. A size is a number of watchers. */
export const watchResume: Bench = {
  name: 'watch-resume',
  id: 'BM-4',
  title: `N watchers cut ${cuts} times while Works change, which go on from the version they saw last`,
  defaultRuns: 3,
  async run(context) {
    const watchers = context.sizes?.[0] ?? (context.quick ? 50 : 1_000);
    const seconds = context.seconds ?? (context.quick ? 5 : 40);
    await using subjects = await startSubjects(context, shardNames('bench', namespaces));
    const figures: Figure[] = [];
    for (const subject of subjects.all) {
      await createWatchedWorks(subject.load, namespaces);
      const samples: WriteResult[] = [];
      for (let run = 0; run < context.runs; run++) samples.push(await measure(subject, watchers, seconds));
      const { events = 0, ended = 0 } = samples.at(-1) ?? {};
      context.say(`${subject.name}: ${events} events over ${ended} streams that were cut`);
      figures.push(...figuresOf(subject.name, samples));
    }
    const load = `Go, HTTP/2, ${perConnection} watchers a connection`;
    const setup = { watchers, cuts, seconds, changesPerSecond, load, pinning: subjects.pinning.words };
    const left = [...subjects.left, 'resumption from before the history that is kept; bookmarks while nothing changes'];
    return { setup, figures, left };
  },
};

async function measure({ load }: Subject, watchers: number, seconds: number): Promise<WriteResult> {
  await load.ask('open', { path: allWorksPath, watchers, shards: namespaces, perConnection });
  try {
    const order = { objects: namespaces, shards: namespaces, perSecond: changesPerSecond, seconds, lanes: 8, cuts };
    return await load.ask('write', { path: watchedWorks.path, body: numberedChange, ...order });
  } finally {
    await load.ask('close', {});
  }
}

function figuresOf(server: Subject['name'], samples: readonly WriteResult[]): Figure[] {
  const of = (what: string, unit: string, pick: (sample: WriteResult) => number, goal: Goal | null = null) =>
    figure(`${server} ${what}`, unit, samples.map(pick), server === 'quarterdeck' ? goal : null);
  return [
    of('streams cut and resumed', 'streams', ({ ended }) => ended),
    of('events lost', 'events', ({ lost }) => lost, { atMost: 0 }),
    of('events doubled or out of order', 'events', ({ doubled, unordered }) => doubled + unordered, { atMost: 0 }),
    of('resumptions refused as compacted', 'streams', ({ expired }) => expired, { atMost: 0 }),
    of('lag p50', 'ms', ({ lagsUs }) => quantile(lagsUs, 0.5) / 1000),
    of('lag p99, with the time to connect again', 'ms', ({ lagsUs }) => quantile(lagsUs, 0.99) / 1000),
  ];
}
