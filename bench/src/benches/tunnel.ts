import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  apiVersionOf,
  ClusterRole,
  ClusterRoleBinding,
  ConfigMap,
  type KubeObject,
  Namespace,
  type ResourceType,
  Role,
  RoleBinding,
  ServiceAccount,
  tunnelRights,
} from '@quarterdeck/apis';
import { type Client, createHttpClient, loadKubeconfig, proxyPath } from '@quarterdeck/machinery';
import { closedLoop, type LoadResult, type Target } from '../load/closed-loop.ts';
import { type Figure, figure } from '../report/figure.ts';
import type { Bench, BenchContext } from '../report/result.ts';
import { median, quantile } from '../report/statistics.ts';
import { type HubProcess, program, startHub } from '../servers/hub.ts';
import { startKube } from '../servers/kube.ts';
import { start } from '../servers/process.ts';
import { until } from '../servers/until.ts';
import { certificateFromCa } from '../servers/user.ts';

const cluster = 'm1';
const largeBytes = 900_000;
const readers = 8;

/** RG-52: what the way through hub and agent adds to a request, and how much passes, against kube-apiserver by itself. */
export const tunnel: Bench = {
  name: 'tunnel',
  id: 'RG-52',
  title: `gets through the tunnel and direct: small ones one by one, ${largeBytes / 1000} KB ones by ${readers} clients`,
  defaultRuns: 5,
  async run(context) {
    const counts = context.quick ? { small: 100, large: 40 } : { small: 2_000, large: 400 };
    await using ways = await openWays(context);
    const samples: Sample[] = [];
    await measure(ways, { small: 50, large: 20 });
    for (let run = 0; run < context.runs; run++) {
      const sample = await measure(ways, counts);
      const [direct, through] = [sample.direct, sample.through].map(({ large }) =>
        megabytesPerSecond(large).toFixed(0),
      );
      context.say(`run ${run + 1}: +${added(sample, 0.5).toFixed(2)} ms, ${through} MB/s of ${direct} MB/s`);
      samples.push(sample);
    }
    const server = 'kube-apiserver with etcd; hub, agent and client in processes of their own, all on this machine';
    return { setup: { ...counts, largeBytes, readers, server }, figures: figuresOf(samples), left: [] };
  },
};

/** A server, and where below it the API of the member begins. */
interface Way {
  readonly target: Target;
  readonly prefix: string;
}

interface Ways extends AsyncDisposable {
  readonly direct: Way;
  readonly through: Way;
}

interface Measured {
  readonly small: LoadResult;
  readonly large: LoadResult;
}
type Sample = Readonly<Record<'direct' | 'through', Measured>>;

async function openWays({ dir, say }: BenchContext): Promise<Ways> {
  await using cleanup = new AsyncDisposableStack();
  const kube = cleanup.use(await startKube(join(dir, 'kube'), say));
  const onMember = await loadKubeconfig({ path: kube.kubeconfig });
  await using member = createHttpClient(onMember);
  const hub = cleanup.use(await startHub({ dataDir: join(dir, 'hub') }));
  await prepare(member);
  const joining = await tokenOf(hub, dir);
  const logFile = join(dir, 'agent.log');
  const flags = ['--kubeconfig', kube.kubeconfig, '--state-dir', join(dir, 'agent'), '--tunnel', '--log-level', 'warn'];
  cleanup.use(await start(process.execPath, [program, 'agent', 'run', ...joining, ...flags], logFile));
  const onHub = await loadKubeconfig({ path: hub.kubeconfig });
  await using admin = createHttpClient({ ...onHub, baseUrl: `${hub.url}${proxyPath(cluster)}` });
  await until('the tunnel', async () => await admin.getRaw('/version').catch(() => undefined), { timeoutMs: 60_000 });
  const certificate = await certificateFromCa(kube.clientCa, dir);
  const owned = cleanup.move();
  return {
    direct: { target: { url: onMember.baseUrl, tls: { ca: tlsOf(onMember).ca, ...certificate } }, prefix: '' },
    through: { target: { url: hub.url, tls: tlsOf(onHub) }, prefix: proxyPath(cluster) },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function tlsOf({ tls }: Awaited<ReturnType<typeof loadKubeconfig>>): Target['tls'] {
  const { ca = [], cert = '', key = '' } = (typeof tls === 'function' ? tls() : tls) ?? {};
  return { ca: [ca].flat().join('\n'), cert, key };
}

/** The flags of `agent run` that stand in the join command. */
async function tokenOf(hub: HubProcess, dir: string): Promise<string[]> {
  const args = [program, 'token', 'create', '--kubeconfig', hub.kubeconfig, '--cluster', cluster];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: dir });
  return stdout.trim().split(' ').slice(3);
}

const kinds: Readonly<Record<string, ResourceType>> = {
  ServiceAccount,
  ClusterRole,
  ClusterRoleBinding,
  Role,
  RoleBinding,
};

/** Rights of the tunnel, and of both users who read; one small and one large object. */
async function prepare(member: Client): Promise<void> {
  const metadata = { name: 'quarterdeck-system' };
  await member.create(Namespace, { apiVersion: 'v1', kind: 'Namespace', metadata });
  for (const object of tunnelRights) {
    const type = kinds[object.kind ?? ''];
    if (type !== undefined) await member.create(type, object as KubeObject);
  }
  const rbac = 'rbac.authorization.k8s.io';
  await member.create(ClusterRoleBinding, {
    apiVersion: apiVersionOf(ClusterRoleBinding),
    kind: ClusterRoleBinding.kind,
    metadata: { name: 'bench' },
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: ['bench', 'quarterdeck:quarterdeck:admin'].map((name) => ({
      kind: 'User' as const,
      apiGroup: rbac,
      name,
    })),
  });
  for (const [name, size] of [
    ['small', 500],
    ['large', largeBytes],
  ] as const) {
    await member.create(ConfigMap, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace: 'default', name },
      data: { text: 'x'.repeat(size) },
    });
  }
}

async function measure({ direct, through }: Ways, counts: { small: number; large: number }): Promise<Sample> {
  const one = async ({ target, prefix }: Way): Promise<Measured> => {
    const get = (name: string) => () => ({
      method: 'GET' as const,
      path: `${prefix}/api/v1/namespaces/default/configmaps/${name}`,
    });
    return {
      small: await closedLoop({ target, clients: 1, count: counts.small, request: get('small') }),
      large: await closedLoop({ target, clients: readers, count: counts.large, request: get('large') }),
    };
  };
  return { direct: await one(direct), through: await one(through) };
}

const megabytesPerSecond = ({ bytes, seconds }: LoadResult): number => bytes / 1e6 / seconds;

const added = ({ direct, through }: Sample, share: number): number =>
  quantile(through.small.latenciesMs, share) - quantile(direct.small.latenciesMs, share);

function figuresOf(samples: readonly Sample[]): Figure[] {
  const speeds = (way: keyof Sample) => samples.map((sample) => megabytesPerSecond(sample[way].large));
  const latencies = (way: keyof Sample) => samples.map((sample) => median(sample[way].small.latenciesMs));
  return [
    figure('direct p50', 'ms', latencies('direct')),
    figure('through p50', 'ms', latencies('through')),
    figure(
      'added p50',
      'ms',
      samples.map((sample) => added(sample, 0.5)),
    ),
    figure(
      'added p99',
      'ms',
      samples.map((sample) => added(sample, 0.99)),
    ),
    figure('direct throughput', 'MB/s', speeds('direct')),
    figure('through throughput', 'MB/s', speeds('through')),
    figure(
      'throughput, through to direct',
      'ratio',
      samples.map((sample) => megabytesPerSecond(sample.through.large) / megabytesPerSecond(sample.direct.large)),
    ),
  ];
}
