import { apiVersionOf, Work } from '@quarterdeck/apis';
import type { RequestOrder, RequestResult } from '../load/loadgen-orders.ts';
import { placeholders } from '../load/loadgen-orders.ts';
import { shardNames } from '../load/shards.ts';
import { workOfSize, worksPath } from '../load/work.ts';
import { type Figure, figure, type Goal } from '../report/figure.ts';
import type { Bench } from '../report/result.ts';
import { median, quantile } from '../report/statistics.ts';
import { processTable, treeCpuSeconds } from '../servers/cpu-time.ts';
import { type Subject, startSubjects } from '../servers/subjects.ts';

const clients = 32;
const workBytes = 4_600;
const shards = 8;

/** BM-1: one kind of request after the other, on a hub and on kube-apiserver in turns. A size is a number of Works. */
export const apiCrud: Bench = {
  name: 'api-crud',
  id: 'BM-1',
  title: `create, get, update, patch, apply, delete of ${workBytes} B Works, ${clients} clients`,
  defaultRuns: 5,
  async run(context) {
    const writes = context.sizes?.[0] ?? (context.quick ? 256 : 4_000);
    const counts = { writes, reads: writes * 5 };
    await using subjects = await startSubjects(context, shardNames('bench', shards));
    const { all, left, pinning } = subjects;
    const warmUp = context.quick ? { writes: 64, reads: 64 } : { writes: 1_000, reads: 5_000 };
    for (const subject of all) await measure(subject, 'warm-up', warmUp);
    const samples = new Map(all.map((subject) => [subject.name, [] as Sample[]]));
    for (let run = 0; run < context.runs; run++) {
      for (const subject of all) {
        const sample = await measure(subject, `run-${run}`, counts);
        samples.get(subject.name)?.push(sample);
        const speeds = operations.map((operation) => `${operation} ${perSecond(sample[operation]).toFixed(0)}/s`);
        context.say(`run ${run + 1}, ${subject.name}: ${speeds.join(', ')}`);
      }
    }
    const figures = all.flatMap(({ name }) => figuresOf(name, samples.get(name) ?? []));
    figures.push(...all.map(({ name }) => refusals(name, samples.get(name) ?? [])));
    const load = 'Go, HTTP/1.1, one connection a client';
    const setup = { clients, workBytes, ...counts, namespaces: shards, storage: 'embedded PostgreSQL', load };
    return { setup: { ...setup, pinning: pinning.words }, figures: [...figures, ...ratios(samples)], left };
  },
};

const operations = ['create', 'get', 'update', 'patch', 'apply', 'delete'] as const;
type Operation = (typeof operations)[number];
type Sample = Readonly<Record<Operation, Measured>>;
interface Measured extends RequestResult {
  readonly serverCpuSeconds: number;
}

const perSecond = ({ latenciesUs, seconds }: Measured): number => latenciesUs.length / seconds;

/** Every operation over the same Works, which are gone afterwards. */
async function measure(
  { load, pids }: Subject,
  run: string,
  counts: { readonly writes: number; readonly reads: number },
): Promise<Sample> {
  const { writes, reads } = counts;
  const [namespace, name] = [`bench-${placeholders.shard}`, `${run}-${placeholders.index}`];
  const collection = worksPath(namespace);
  const path = `${collection}/${name}`;
  const ask = async (request: Pick<RequestOrder, 'method'> & Partial<RequestOrder>): Promise<Measured> => {
    const before = treeCpuSeconds(await processTable(), pids);
    const result = await load.ask('requests', { path, clients, count: writes, shards, ...request });
    return { ...result, serverCpuSeconds: treeCpuSeconds(await processTable(), pids) - before };
  };
  const mergePatch = { method: 'PATCH', contentType: 'application/merge-patch+json' } as const;
  const applyPatch = { method: 'PATCH', contentType: 'application/apply-patch+yaml' } as const;
  const applied = {
    apiVersion: apiVersionOf(Work),
    kind: Work.kind,
    metadata: { name, namespace, labels: { applied: 'yes' } },
  };
  return {
    create: await ask({
      method: 'POST',
      path: collection,
      contentType: json,
      body: workOfSize({ namespace, name, bytes: workBytes }),
      keep: true,
    }),
    get: await ask({ method: 'GET', count: reads, distinct: writes }),
    update: await ask({ method: 'PUT', contentType: json, kept: true, old: '"app":"bench"', new: '"app":"bench2"' }),
    patch: await ask({ ...mergePatch, body: '{"metadata":{"labels":{"app":"bench3"}}}' }),
    apply: await ask({
      ...applyPatch,
      path: `${path}?fieldManager=bench-apply&force=true`,
      body: JSON.stringify(applied),
    }),
    delete: await ask({ method: 'DELETE' }),
  };
}

const json = 'application/json';

const goals: Partial<Record<Operation, { readonly perSecond: Goal; readonly p99?: Goal }>> = {
  create: { perSecond: { atLeast: 2_000 }, p99: { atMost: 100 } },
  get: { perSecond: { atLeast: 15_000 } },
};

function figuresOf(subject: string, samples: readonly Sample[]): Figure[] {
  return operations.flatMap((operation) => {
    const goal = subject === 'quarterdeck' ? goals[operation] : undefined;
    const values = (pick: (measured: Measured) => number) => samples.map((sample) => pick(sample[operation]));
    const name = `${subject} ${operation}`;
    return [
      figure(name, 'ops/s', values(perSecond), goal?.perSecond),
      figure(
        `${name} p50`,
        'ms',
        values(({ latenciesUs }) => quantile(latenciesUs, 0.5) / 1000),
      ),
      figure(
        `${name} p99`,
        'ms',
        values(({ latenciesUs }) => quantile(latenciesUs, 0.99) / 1000),
        goal?.p99,
      ),
      figure(
        `${name} server CPU`,
        's/1k',
        values(({ latenciesUs, serverCpuSeconds }) => (serverCpuSeconds / latenciesUs.length) * 1000),
      ),
      figure(
        `${name} client CPU`,
        'cores',
        values(({ cpuSeconds, seconds }) => cpuSeconds / seconds),
      ),
    ];
  });
}

/** Requests that a server had too much to do for; they were sent again. */
function refusals(subject: string, samples: readonly Sample[]): Figure {
  const counts = samples.map((sample) => operations.reduce((sum, operation) => sum + sample[operation].refused, 0));
  return figure(`${subject} requests refused with 429`, 'requests', counts);
}

/** Run by run, so that what else the machine did falls on both. */
function ratios(samples: ReadonlyMap<string, readonly Sample[]>): Figure[] {
  const [ours = [], peers = []] = [samples.get('quarterdeck'), samples.get('kube-apiserver')];
  if (peers.length === 0) return [];
  return operations.map((operation) => {
    const speed = (sample: Sample) => perSecond(sample[operation]);
    const fallback = median(peers.map(speed));
    const runs = ours.map((sample, run) => speed(sample) / (peers[run] === undefined ? fallback : speed(peers[run])));
    return figure(`${operation}, times kube-apiserver`, 'x', runs, operation === 'create' ? { atLeast: 4 } : null);
  });
}
