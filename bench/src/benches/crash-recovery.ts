import { join } from 'node:path';
import {
  apiVersionOf,
  ClusterSetBinding,
  ConfigMap,
  conditionType,
  isConditionTrue,
  label,
  Placement,
  Work,
  WorkSet,
} from '@quarterdeck/apis';
import { type Client, createHttpClient, loadKubeconfig } from '@quarterdeck/machinery';
import { appWorkSet, binding, placementOfAll, userNamespace } from '../load/fan-out-objects.ts';
import { startJoinedMembers } from '../load/joined-members.ts';
import { figure } from '../report/figure.ts';
import type { Bench, BenchContext } from '../report/result.ts';
import { startHub } from '../servers/hub.ts';
import { until } from '../servers/until.ts';

const judgedSize = 1_000;

/** BM-13: the hub is killed while it delivers, and started again on its data. */
export const crashRecovery: Bench = {
  name: 'crash-recovery',
  id: 'BM-13',
  title: 'SIGKILL of the hub in the middle of a fan-out to N simulated members',
  defaultRuns: 3,
  async run(context) {
    const sizes = context.sizes ?? (context.quick ? [5] : [judgedSize]);
    const figures = [];
    const left = sizes.includes(judgedSize) ? [] : [`N=${judgedSize}: not asked for`];
    for (const size of sizes) {
      const samples: Sample[] = [];
      for (let run = 0; run < context.runs; run++) {
        const sample = await measureOnce(size, run, context);
        context.say(
          `${size} members, run ${run + 1}: ready ${sample.ready.toFixed(1)} s, all ${sample.all.toFixed(1)} s`,
        );
        samples.push(sample);
      }
      const goal = size === judgedSize ? { atMost: 10 } : null;
      figures.push(
        figure(
          `N=${size} ready again`,
          's',
          samples.map(({ ready }) => ready),
        ),
        figure(
          `N=${size} all delivered, from the restart`,
          's',
          samples.map(({ all }) => all),
          goal,
        ),
        figure(
          `N=${size} delivered before the kill`,
          'Works',
          samples.map(({ before }) => before),
        ),
        figure(
          `N=${size} acknowledged writes`,
          'writes',
          samples.map(({ acknowledged }) => acknowledged),
        ),
        figure(
          `N=${size} acknowledged writes lost`,
          'writes',
          samples.map(({ lost }) => lost),
          { atMost: 0 },
        ),
      );
    }
    return { setup: { sizes: sizes.join(', '), database: 'embedded, killed with the hub' }, figures, left };
  },
};

interface Sample {
  /** Seconds from starting the hub again until it says that it is ready. */
  readonly ready: number;
  /** Seconds from starting the hub again until every Work is applied and reported. */
  readonly all: number;
  readonly before: number;
  readonly acknowledged: number;
  readonly lost: number;
}

const name = 'app';

async function measureOnce(size: number, run: number, { dir }: BenchContext): Promise<Sample> {
  const dataDir = join(dir, `hub-${size}-${run}`);
  const first = await startHub({ dataDir });
  const port = Number(new URL(first.url).port);
  await using cleanup = new AsyncDisposableStack();
  const killed = { hub: first };
  cleanup.defer(() => killed.hub[Symbol.asyncDispose]());
  const hubClient = cleanup.use(createHttpClient(await loadKubeconfig({ path: first.kubeconfig })));
  cleanup.use(await startJoinedMembers(first, hubClient, size));
  await hubClient.create(ClusterSetBinding, binding);
  await Promise.all([hubClient.create(Placement, placementOfAll(name)), hubClient.create(WorkSet, appWorkSet(name))]);
  const writing = writeOn(hubClient);
  const before = await until('a part of the Works to be applied', async () => {
    const count = await appliedWorks(hubClient);
    return count >= size / 4 ? count : undefined;
  });
  await first.kill();
  const acknowledged = await writing;
  const started = performance.now();
  killed.hub = await startHub({ dataDir, port });
  const ready = (performance.now() - started) / 1000;
  await until('all Works to be applied', async () => ((await appliedWorks(hubClient)) === size ? true : undefined), {
    timeoutMs: 180_000,
    everyMs: 100,
  });
  const all = (performance.now() - started) / 1000;
  const { items } = await hubClient.list(ConfigMap, { namespace: userNamespace });
  const there = new Set(items.map(({ metadata }) => metadata.name));
  const lost = acknowledged.filter((each) => !there.has(each)).length;
  return { ready, all, before, acknowledged: acknowledged.length, lost };
}

/** Writes one object after the other until the hub is gone. @returns the names of those that it confirmed */
async function writeOn(hubClient: Client): Promise<string[]> {
  const names: string[] = [];
  for (;;) {
    const metadata = { name: `written-${names.length}`, namespace: userNamespace };
    try {
      await hubClient.create(ConfigMap, { apiVersion: apiVersionOf(ConfigMap), kind: ConfigMap.kind, metadata });
    } catch {
      return names;
    }
    names.push(metadata.name);
  }
}

/** Works of the fan-out that are applied and reported. */
async function appliedWorks(hubClient: Client): Promise<number> {
  const { items } = await hubClient
    .list(Work, { labelSelector: `${label.workSet}=${name}` })
    .catch(() => ({ items: [] }));
  return items.filter(({ metadata, status }) =>
    isConditionTrue(status?.conditions, conditionType.Work.Applied, metadata.generation),
  ).length;
}
