import { join } from 'node:path';
import { apiVersionOf, CustomResourceDefinition, crdOf, isNotFound, Work } from '@quarterdeck/apis';
import { KubeUnavailableError, kubernetesVersion } from '@quarterdeck/e2e/kube';
import { createHttpClient, loadKubeconfig } from '@quarterdeck/machinery';
import { closedLoop, type LoadRequest, type LoadResult, type Target } from '../load/closed-loop.ts';
import { workOfSize, worksPath } from '../load/work.ts';
import { type Figure, figure, type Goal } from '../report/figure.ts';
import type { Bench, BenchContext } from '../report/result.ts';
import { median, quantile } from '../report/statistics.ts';
import { processTable, treeCpuSeconds } from '../servers/cpu-time.ts';
import { startHub } from '../servers/hub.ts';
import { startKube } from '../servers/kube.ts';
import { until } from '../servers/until.ts';
import { admitUser, certificateFromApi, certificateFromCa } from '../servers/user.ts';

const clients = 32;
const workBytes = 4_600;
const namespaces = Array.from({ length: 8 }, (_, index) => `bench-${index}`);

/** BM-1: one kind of request after the other, on a hub and on kube-apiserver in turns. A size is a number of Works. */
export const apiCrud: Bench = {
  name: 'api-crud',
  id: 'BM-1',
  title: `create, get, update, patch, apply, delete of ${workBytes} B Works, ${clients} clients`,
  defaultRuns: 5,
  async run(context) {
    const writes = context.sizes?.[0] ?? (context.quick ? 256 : 4_000);
    const counts = { writes, reads: writes * 5 };
    await using cleanup = new AsyncDisposableStack();
    const hub = cleanup.use(await hubSubject(context));
    const peer = await kubeSubject(context);
    if (peer.subject !== undefined) cleanup.use(peer.subject);
    const subjects = peer.subject === undefined ? [hub] : [hub, peer.subject];
    for (const subject of subjects) await measure(subject, 'warm-up', { writes: 256, reads: 512 });
    const samples = new Map(subjects.map((subject) => [subject.name, [] as Sample[]]));
    for (let run = 0; run < context.runs; run++) {
      for (const subject of subjects) {
        const sample = await measure(subject, `run-${run}`, counts);
        samples.get(subject.name)?.push(sample);
        const speeds = operations.map((operation) => `${operation} ${sample[operation].load.perSecond.toFixed(0)}/s`);
        context.say(`run ${run + 1}, ${subject.name}: ${speeds.join(', ')}`);
      }
    }
    const figures = subjects.flatMap(({ name }) => figuresOf(name, samples.get(name) ?? []));
    return {
      setup: { clients, workBytes, ...counts, namespaces: namespaces.length, storage: 'embedded PostgreSQL' },
      figures: [...figures, ...ratios(samples)],
      left: peer.subject === undefined ? [`kube-apiserver with etcd: ${peer.why}`] : [],
    };
  },
};

const operations = ['create', 'get', 'update', 'patch', 'apply', 'delete'] as const;
type Operation = (typeof operations)[number];
interface Measured {
  readonly load: LoadResult;
  readonly serverCpuSeconds: number;
}
type Sample = Readonly<Record<Operation, Measured>>;

/** A server under load. */
interface Subject extends AsyncDisposable {
  readonly name: string;
  readonly target: Target;
  readonly pids: readonly number[];
}

async function hubSubject({ dir, say }: BenchContext): Promise<Subject> {
  await using cleanup = new AsyncDisposableStack();
  const hub = cleanup.use(await startHub({ dataDir: join(dir, 'hub') }));
  say(`hub ready after ${(hub.readyMs / 1000).toFixed(1)} s`);
  const connection = await loadKubeconfig({ path: hub.kubeconfig });
  await using admin = createHttpClient(connection);
  await admitUser(admin, namespaces);
  const certificate = await certificateFromApi(admin, dir);
  const target = { url: hub.url, tls: { ca: caOf(connection), ...certificate } };
  const owned = cleanup.move();
  return { name: 'quarterdeck', target, pids: [hub.pid], [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

async function kubeSubject(context: BenchContext): Promise<{ subject?: Subject; why: string }> {
  const { dir, say } = context;
  await using cleanup = new AsyncDisposableStack();
  try {
    const kube = cleanup.use(await startKube(join(dir, 'kube'), say));
    const connection = await loadKubeconfig({ path: kube.kubeconfig });
    await using admin = createHttpClient(connection);
    await admin.create(CustomResourceDefinition, crdOf(Work));
    await until('the Work kind to be served', async () => {
      const found = await admin.list(Work).catch((error: unknown) => {
        if (!isNotFound(error)) throw error;
      });
      return found === undefined ? undefined : true;
    });
    await admitUser(admin, namespaces);
    const certificate = await certificateFromCa(kube.clientCa, dir);
    const target = { url: connection.baseUrl, tls: { ca: caOf(connection), ...certificate } };
    const owned = cleanup.move();
    const subject = { name: 'kube-apiserver', target, pids: kube.pids };
    return { subject: { ...subject, [Symbol.asyncDispose]: () => owned.disposeAsync() }, why: kubernetesVersion };
  } catch (error) {
    if (error instanceof KubeUnavailableError) return { why: error.message };
    throw error;
  }
}

function caOf({ tls }: Awaited<ReturnType<typeof loadKubeconfig>>): string {
  const { ca = [] } = (typeof tls === 'function' ? tls() : tls) ?? {};
  return [ca].flat().join('\n');
}

/** Every operation over the same Works, which are gone afterwards. */
async function measure(
  { target, pids }: Subject,
  run: string,
  counts: { readonly writes: number; readonly reads: number },
): Promise<Sample> {
  const stored: string[] = [];
  const where = (index: number) => {
    const namespace = namespaces[index % namespaces.length] ?? '';
    const name = `${run}-${index}`;
    return { namespace, name, collection: worksPath(namespace), path: `${worksPath(namespace)}/${name}` };
  };
  const remember = (index: number, body: string) => {
    stored[index] = body;
  };
  const load = async (
    count: number,
    request: (index: number) => LoadRequest,
    onBody?: (index: number, body: string) => void,
  ): Promise<Measured> => {
    const before = treeCpuSeconds(await processTable(), pids);
    const options = { target, clients, count, request };
    const result = await closedLoop(onBody === undefined ? options : { ...options, onBody });
    return { load: result, serverCpuSeconds: treeCpuSeconds(await processTable(), pids) - before };
  };
  const { writes, reads } = counts;
  return {
    create: await load(
      writes,
      (index) => {
        const { namespace, name, collection } = where(index);
        return { method: 'POST', path: collection, body: workOfSize(namespace, name, workBytes) };
      },
      remember,
    ),
    get: await load(reads, (index) => ({ method: 'GET', path: where(index % writes).path })),
    update: await load(
      writes,
      (index) => ({
        method: 'PUT',
        path: where(index).path,
        body: (stored[index] ?? '').replace('"app":"bench"', '"app":"bench2"'),
      }),
      remember,
    ),
    patch: await load(writes, (index) => ({
      method: 'PATCH',
      path: where(index).path,
      contentType: 'application/merge-patch+json',
      body: '{"metadata":{"labels":{"app":"bench3"}}}',
    })),
    apply: await load(writes, (index) => {
      const { namespace, name, path } = where(index);
      const object = { apiVersion: apiVersionOf(Work), kind: Work.kind, metadata: { name, namespace } };
      const body = JSON.stringify({ ...object, metadata: { ...object.metadata, labels: { applied: 'yes' } } });
      const query = '?fieldManager=bench-apply&force=true';
      return { method: 'PATCH', path: `${path}${query}`, contentType: 'application/apply-patch+yaml', body };
    }),
    delete: await load(writes, (index) => ({ method: 'DELETE', path: where(index).path })),
  };
}

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
      figure(
        name,
        'ops/s',
        values(({ load }) => load.perSecond),
        goal?.perSecond,
      ),
      figure(
        `${name} p50`,
        'ms',
        values(({ load }) => quantile(load.latenciesMs, 0.5)),
      ),
      figure(
        `${name} p99`,
        'ms',
        values(({ load }) => quantile(load.latenciesMs, 0.99)),
        goal?.p99,
      ),
      figure(
        `${name} server CPU`,
        's/1k',
        values(({ load, serverCpuSeconds }) => (serverCpuSeconds / load.latenciesMs.length) * 1000),
      ),
      figure(
        `${name} client CPU`,
        'cores',
        values(({ load }) => load.clientCpuSeconds / load.seconds),
      ),
    ];
  });
}

/** Run by run, so that what else the machine did falls on both. */
function ratios(samples: ReadonlyMap<string, readonly Sample[]>): Figure[] {
  const [ours = [], peers = []] = [samples.get('quarterdeck'), samples.get('kube-apiserver')];
  if (peers.length === 0) return [];
  return operations.map((operation) => {
    const speed = (sample: Sample) => sample[operation].load.perSecond;
    const fallback = median(peers.map(speed));
    const runs = ours.map((sample, run) => speed(sample) / (peers[run] === undefined ? fallback : speed(peers[run])));
    return figure(`${operation}, times kube-apiserver`, 'x', runs, operation === 'create' ? { atLeast: 4 } : null);
  });
}
