import { join } from 'node:path';
import {
  apiVersionOf,
  ClusterProfile,
  ClusterSetBinding,
  conditionType,
  defaultClusterSet,
  isConditionTrue,
  Lease,
  MemberCluster,
  memberLeaseName,
  memberNamespaceName,
  Namespace,
  Placement,
  PlacementDecision,
} from '@quarterdeck/apis';
import { type Client, createHttpClient, loadKubeconfig, microTime } from '@quarterdeck/machinery';
import { binding, userNamespace } from '../load/fan-out-objects.ts';
import { figure } from '../report/figure.ts';
import type { Bench, BenchContext } from '../report/result.ts';
import { processTable, treeCpuSeconds } from '../servers/cpu-time.ts';
import { startHub } from '../servers/hub.ts';
import { until } from '../servers/until.ts';

/** How many writes of one kind are under way at once. */
const writers = 64;
/** Leases last 40 s. */
const heartbeatMs = 15_000;

const nameOf = (index: number): string => `cluster-${String(index).padStart(4, '0')}`;

/** BM-6: Placements that are all created at once, from the first create until the last decision is stored and seen. */
export const placementBurst: Bench = {
  name: 'placement-burst',
  id: 'BM-6',
  title: '1,000 Placements created at once over 1,000 clusters: the last decision durable',
  defaultRuns: 3,
  async run(context) {
    const [size = context.quick ? 50 : 1_000] = context.sizes ?? [];
    const [placements, clusters] = [size, size];
    const seconds: { last: number; created: number; hubCpu: number }[] = [];
    await using hub = await startHub({ dataDir: join(context.dir, 'hub') });
    await using admin = createHttpClient(await loadKubeconfig({ path: hub.kubeconfig }));
    await admit(admin, clusters);
    await using _beating = heartbeats(admin, clusters);
    await inReach(admin, clusters, context);
    await admin.create(ClusterSetBinding, binding);
    for (let run = 0; run < context.runs; run++) {
      const before = treeCpuSeconds(await processTable(), [hub.pid]);
      const sample = await burst(admin, placements, run);
      const hubCpu = treeCpuSeconds(await processTable(), [hub.pid]) - before;
      seconds.push({ ...sample, hubCpu });
      context.say(
        `run ${run + 1}: created in ${sample.created.toFixed(2)} s, last decision ${sample.last.toFixed(2)} s`,
      );
    }
    const values = (key: 'last' | 'created' | 'hubCpu') => seconds.map((sample) => sample[key]);
    return {
      setup: { placements, clusters, chosen: 10, members: 'objects and Leases only, written by the bench' },
      figures: [
        figure('last decision seen', 's', values('last'), { atMost: 2 }),
        figure('all Placements created', 's', values('created')),
        figure(
          'last decision after the last create',
          's',
          seconds.map(({ last, created }) => last - created),
        ),
        figure('CPU of hub and PostgreSQL', 's', values('hubCpu')),
      ],
      left: [],
    };
  },
};

/** Clusters that are registered and accepted, each with a first heartbeat. */
async function admit(admin: Client, clusters: number): Promise<void> {
  const indexes = Array.from({ length: clusters }, (_, index) => index);
  await inParallel(indexes, async (index) => {
    await admin.create(MemberCluster, {
      apiVersion: apiVersionOf(MemberCluster),
      kind: MemberCluster.kind,
      metadata: {
        name: nameOf(index),
        labels: { region: `r${index % 10}`, tier: index % 3 === 0 ? 'gold' : 'silver' },
      },
      spec: { acceptance: 'Accepted', clusterSet: defaultClusterSet },
    });
  });
  const patience = { everyMs: 1_000, timeoutMs: 120_000 + clusters * 1_000 };
  const wanted = new Set(indexes.map((index) => memberNamespaceName(nameOf(index))));
  await until(
    'the namespaces of all clusters',
    async () => {
      const { items } = await admin.list(Namespace);
      return items.filter(({ metadata }) => wanted.has(metadata.name)).length === clusters || undefined;
    },
    patience,
  );
  await inParallel(indexes, (index) => admin.create(Lease, leaseOf(index)));
}

/** Resolves when every cluster is heard of and published. */
async function inReach(admin: Client, clusters: number, { say }: BenchContext): Promise<void> {
  const type = conditionType.MemberCluster.HubLeaseCurrent;
  await until(
    'all clusters to be in reach',
    async () => {
      const { items } = await admin.list(MemberCluster);
      const profiles = await admin.list(ClusterProfile);
      const isCurrent = items.every(({ status }) => isConditionTrue(status?.conditions, type));
      return (isCurrent && profiles.items.length >= clusters) || undefined;
    },
    { everyMs: 1_000, timeoutMs: 120_000 + clusters * 1_000 },
  );
  say(`${clusters} clusters are in reach`);
}

const leaseOf = (index: number): Lease => ({
  apiVersion: apiVersionOf(Lease),
  kind: Lease.kind,
  metadata: { name: memberLeaseName, namespace: memberNamespaceName(nameOf(index)) },
  spec: { holderIdentity: nameOf(index), leaseDurationSeconds: 40, renewTime: microTime(Date.now()) },
});

/** Renews all Leases until it is disposed of. */
function heartbeats(admin: Client, clusters: number): AsyncDisposable {
  const indexes = Array.from({ length: clusters }, (_, index) => index);
  let isOver = false;
  let beating = Promise.resolve();
  const beat = async () => {
    await inParallel(indexes, async (index) => {
      const { metadata, ...lease } = leaseOf(index);
      const ref = { namespace: metadata.namespace ?? '', name: memberLeaseName };
      if (!isOver) await admin.patch(Lease, ref, { type: 'merge', body: { spec: lease.spec } });
    });
  };
  const timer = setInterval(() => {
    beating = beating.then(beat).catch(() => undefined);
  }, heartbeatMs);
  return {
    async [Symbol.asyncDispose]() {
      isOver = true;
      clearInterval(timer);
      await beating;
    },
  };
}

async function burst(admin: Client, count: number, run: number): Promise<{ last: number; created: number }> {
  const stop = new AbortController();
  const { metadata } = await admin.list(PlacementDecision, { namespace: userNamespace });
  const decided = new Map<string, number>();
  const all = Promise.withResolvers<void>();
  const watching = (async () => {
    const options = { namespace: userNamespace, resourceVersion: metadata.resourceVersion ?? '0', signal: stop.signal };
    for await (const event of admin.watch(PlacementDecision, options)) {
      if (event.type !== 'ADDED' && event.type !== 'MODIFIED') continue;
      const { metadata: slice, decisions } = event.object;
      if (decisions.length > 0 && slice.name.startsWith(`burst-${run}-`)) decided.set(slice.name, performance.now());
      if (decided.size === count) all.resolve();
    }
  })();
  watching.catch((error: unknown) => all.reject(error));
  const timer = setTimeout(() => all.reject(new Error(`${decided.size} of ${count} decided after 120 s`)), 120_000);
  const start = performance.now();
  await inParallel(
    Array.from({ length: count }, (_, index) => index),
    (index) => admin.create(Placement, placementOf(run, index)),
  );
  const created = performance.now();
  await all.promise.finally(() => clearTimeout(timer));
  stop.abort();
  await watching.catch(() => undefined);
  await admin.deleteCollection(Placement, { namespace: userNamespace });
  await until('the decisions to be gone', async () => {
    const { items } = await admin.list(PlacementDecision, { namespace: userNamespace, limit: 1 });
    return items.length === 0 ? true : undefined;
  });
  return { last: (Math.max(...decided.values()) - start) / 1000, created: (created - start) / 1000 };
}

const placementOf = (run: number, index: number): Placement => ({
  apiVersion: apiVersionOf(Placement),
  kind: Placement.kind,
  metadata: { name: `burst-${run}-${index}`, namespace: userNamespace },
  spec: {
    numberOfClusters: 10,
    clusterSelectorTerms: [
      { labelSelector: { matchLabels: { tier: index % 2 === 0 ? 'gold' : 'silver' } } },
      { labelSelector: { matchLabels: { region: `r${index % 10}` } } },
    ],
  },
});

/** Some at a time, in order. */
async function inParallel(indexes: readonly number[], work: (index: number) => Promise<unknown>): Promise<void> {
  const queue = indexes.values();
  const one = async () => {
    for (const index of queue) await work(index);
  };
  await Promise.all(Array.from({ length: writers }, one));
}
