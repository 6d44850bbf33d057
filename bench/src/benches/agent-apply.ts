import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { installMemberKinds } from '@quarterdeck/agent/testing';
import {
  apiVersionOf,
  ConfigMap,
  CustomResourceDefinition,
  conditionType,
  crdOf,
  HealthRule,
  isConditionTrue,
  type Manifest,
  Namespace,
  Work,
  WorkReport,
} from '@quarterdeck/apis';
import { commandLineTools } from '@quarterdeck/e2e/kube';
import { type Client, silentLogger, systemClock } from '@quarterdeck/machinery';
import { type SimulatedMember, startSimulatedFleet } from '@quarterdeck/simulator';
import { type Figure, figure, type Goal } from '../report/figure.ts';
import type { Bench, BenchContext } from '../report/result.ts';
import { quantile } from '../report/statistics.ts';
import { type AgentWorker, startAgentWorker } from '../servers/agent-worker.ts';
import { until } from '../servers/until.ts';

const allSizes = [10, 100, 1_000, 5_000];
/** The specification speaks of so many. */
const judgedSize = 1_000;
/** A Work and its status have to fit one stored object. WK-28 */
const perWork = 1_000;
const latencyMs = 2;
const hubNamespace = 'member-m1';

/** BM-10: the member side alone, from a Work on the hub to its status there. */
export const agentApply: Bench = {
  name: 'agent-apply',
  id: 'BM-10',
  title: 'N ConfigMaps applied by one agent over 2 ms, then no-op, then drift of 1 %',
  defaultRuns: 5,
  async run(context) {
    const sizes = context.sizes ?? (context.quick ? [10, 50] : allSizes);
    const figures: Figure[] = [];
    for (const size of sizes) {
      const samples: Sample[] = [];
      for (let run = 0; run < context.runs; run++) {
        const sample = await measureOnce(size, context);
        context.say(
          `${size} objects, run ${run + 1}: ${sample.apply.toFixed(2)} s, drift ${sample.drift.toFixed(2)} s`,
        );
        samples.push(sample);
      }
      figures.push(...figuresOf(size, samples));
    }
    const server = 'simulated member over TLS, in a process with the simulated hub and the client';
    const left = ["Open Cluster Management's work agent: to be run by hand"];
    return { setup: { sizes: sizes.join(', '), latencyMs, perWork, server }, figures, left };
  },
};

interface Sample {
  /** Seconds from creating the Works until all are Applied. */
  readonly apply: number;
  readonly applyRequests: number;
  /** Requests to the member after a Work was written without a change. */
  readonly idleRequests: number;
  /** Seconds from a foreign change until it is undone, the slowest of a hundred. */
  readonly drift: number;
  readonly peakMegabytes: number;
  /** Seconds of `kubectl apply --server-side` for the same objects. */
  readonly kubectl: number;
}

async function measureOnce(size: number, { dir }: BenchContext): Promise<Sample> {
  await using fleet = await startSimulatedFleet({ names: ['hub', 'm1'], nodes: 1 });
  const [hub, member] = [memberOf(fleet.members, 'hub'), memberOf(fleet.members, 'm1')];
  await prepare(hub.inProcessClient, member.inProcessClient);
  const order = { hub: hub.client, member: member.client, hubNamespace, latencyMs };
  await using agent = await startAgentWorker(order);
  const manifests = Array.from({ length: size }, (_, index) => configMap('agent', index));
  const works = Array.from({ length: Math.ceil(size / perWork) }, (_, index) =>
    workOf(`w${index}`, manifests.slice(index * perWork, (index + 1) * perWork)),
  );
  const started = performance.now();
  for (const work of works) await hub.inProcessClient.create(Work, work);
  await untilApplied(hub.inProcessClient, works.length);
  const apply = (performance.now() - started) / 1000;
  const { requests: applyRequests } = await settled(agent);
  await touch(hub.inProcessClient);
  const { requests: idleRequests } = await settled(agent);
  const drift = await repairs(member.inProcessClient, size);
  const { peakRssBytes } = await agent.ask({ forget: true });
  const kubectl = await applyByKubectl(member, size, dir);
  return { apply, applyRequests, idleRequests, drift, peakMegabytes: peakRssBytes / 1e6, kubectl };
}

function memberOf(members: ReadonlyMap<string, SimulatedMember>, name: string): SimulatedMember {
  const member = members.get(name);
  if (member === undefined) throw new Error(`there is no member ${name}`);
  return member;
}

async function prepare(hub: Client, member: Client): Promise<void> {
  for (const kind of [Work, WorkReport, HealthRule]) await hub.create(CustomResourceDefinition, crdOf(kind));
  await until('the kinds to be served', async () => {
    const lists = [hub.list(Work), hub.list(WorkReport), hub.list(HealthRule)];
    return await Promise.all(lists).catch(() => undefined);
  });
  await hub.create(Namespace, namespace(hubNamespace));
  for (const name of ['agent', 'kubectl']) await member.create(Namespace, namespace(name));
  const common = { clock: systemClock, logger: silentLogger };
  await installMemberKinds({ memberClient: member, ...common }, AbortSignal.timeout(20_000));
}

const namespace = (name: string) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }) as const;

const configMap = (where: string, index: number): Manifest & { apiVersion: string; kind: string } => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: `settings-${index}`, namespace: where, labels: { app: 'bench' } },
  data: { level: 'info', text: 'x'.repeat(100) },
});

const workOf = (name: string, manifests: Manifest[]): Work => ({
  apiVersion: apiVersionOf(Work),
  kind: Work.kind,
  metadata: { name, namespace: hubNamespace },
  spec: { workload: { manifests } },
});

/** By a watch: looking again and again is work for the process that also serves the member. */
async function untilApplied(hub: Client, count: number): Promise<void> {
  const applied = new Set<string>();
  const signal = AbortSignal.timeout(120_000);
  for await (const event of hub.watch(Work, { namespace: hubNamespace, signal })) {
    if (event.type === 'BOOKMARK') continue;
    const { metadata, status } = event.object;
    if (isConditionTrue(status?.conditions, conditionType.Work.Applied, metadata.generation))
      applied.add(metadata.name);
    if (applied.size === count) return;
  }
  throw new Error('the watch ended before all Works were applied');
}

/** What the agent has asked for when it asks for nothing more. */
async function settled(agent: AgentWorker) {
  let last = -1;
  await until(
    'the agent to be quiet',
    async () => {
      const { requests } = await agent.ask({ forget: false });
      const isQuiet = requests === last;
      last = requests;
      return isQuiet ? true : undefined;
    },
    { everyMs: 1_000, timeoutMs: 120_000 },
  );
  return await agent.ask({ forget: true });
}

/** Wakes the agent for every Work without a change of what it wants. */
async function touch(hub: Client): Promise<void> {
  const { items } = await hub.list(Work, { namespace: hubNamespace });
  const body = { metadata: { annotations: { touched: 'yes' } } };
  for (const { metadata } of items) {
    await hub.patch(Work, { namespace: hubNamespace, name: metadata.name }, { type: 'merge', body });
  }
}

/** A foreign change of every hundredth object, ten at least as far as there are so many; how long the slowest stood. */
async function repairs(member: Client, size: number): Promise<number> {
  const count = Math.min(size, Math.max(10, Math.round(size / 100)));
  const seconds = await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const ref = { namespace: 'agent', name: `settings-${Math.floor((index * size) / count)}` };
      const body = { data: { level: 'debug' } };
      await member.patch(ConfigMap, ref, { type: 'merge', body }, { fieldManager: 'somebody' });
      const started = performance.now();
      const isBack = async () => ((await member.get(ConfigMap, ref)).data?.level === 'info' ? true : undefined);
      await until(`${ref.name} to be put back`, isBack, { everyMs: 20 });
      return (performance.now() - started) / 1000;
    }),
  );
  return quantile(seconds, 0.99);
}

/** The same objects by the tool that everybody knows, on the same server, without the added latency. */
async function applyByKubectl(member: SimulatedMember, size: number, dir: string): Promise<number> {
  const { kubectl } = await commandLineTools('v35');
  const [kubeconfig, file] = [join(dir, 'member.kubeconfig'), join(dir, 'objects.json')];
  await writeFile(kubeconfig, member.kubeconfig, { mode: 0o600 });
  const items = Array.from({ length: size }, (_, index) => configMap('kubectl', index));
  await writeFile(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  const started = performance.now();
  const args = ['--kubeconfig', kubeconfig, 'apply', '--server-side', '-f', file];
  const env = { HOME: dir, PATH: process.env.PATH };
  await promisify(execFile)(kubectl, args, { env, maxBuffer: 2 ** 26 });
  return (performance.now() - started) / 1000;
}

function figuresOf(size: number, samples: readonly Sample[]): Figure[] {
  const goal = (value: number): Goal | null => (size === judgedSize ? { atMost: value } : null);
  const values = (key: keyof Sample) => samples.map((sample) => sample[key]);
  return [
    figure(`N=${size} applied`, 's', values('apply'), goal(1.5)),
    figure(`N=${size} requests to apply`, 'requests', values('applyRequests')),
    figure(`N=${size} requests of a no-op`, 'requests', values('idleRequests'), goal(50)),
    figure(`N=${size} drift of 1 % repaired p99`, 's', values('drift'), { atMost: 2 }),
    figure(`N=${size} peak memory of the agent`, 'MB', values('peakMegabytes'), goal(120)),
    figure(`N=${size} kubectl apply --server-side`, 's', values('kubectl')),
  ];
}
