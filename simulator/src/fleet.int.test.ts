import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ClusterProperty,
  ConfigMap,
  CustomResourceDefinition,
  crdOf,
  DaemonSet,
  Deployment,
  isForbidden,
  isNotFound,
  Job,
  Namespace,
  Node,
  Pod,
  ReplicaSet,
  StatefulSet,
  type Stored,
} from '@quarterdeck/apis';
import { createHttpClient, type HttpClient, loadKubeconfig } from '@quarterdeck/machinery';
import { configMap, eventually, testLogger } from '@quarterdeck/machinery/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { podAnnotations } from './controllers/kubelet/decide.ts';
import { type SimulatedFleet, startSimulatedFleet } from './fleet.ts';
import type { SimulatedMember } from './member.ts';
import { deploymentObject } from './testing/objects.ts';

let fleet: SimulatedFleet;
const clients = new Map<string, HttpClient>();
const logger = testLogger();
const namespace = 'default';

beforeAll(async () => {
  fleet = await startSimulatedFleet({
    names: ['m1', 'm2', 'outage'],
    seed: 'int',
    nodes: 2,
    delays: { ready: { minMs: 5, maxMs: 20 }, failureProbability: 0 },
    logger,
  });
  for (const { name, client } of fleet.members.values()) clients.set(name, createHttpClient(client));
});
afterAll(async () => {
  for (const client of clients.values()) await client[Symbol.asyncDispose]();
  await fleet.stop();
  expect(logger.messages('error')).toEqual([]);
});

function member(name: string): SimulatedMember {
  const found = fleet.members.get(name);
  if (found === undefined) throw new Error(`no member ${name}`);
  return found;
}

function clientOf(name: string): HttpClient {
  const found = clients.get(name);
  if (found === undefined) throw new Error(`no client for ${name}`);
  return found;
}

async function podsOf(client: HttpClient, app: string): Promise<Stored<Pod>[]> {
  return (await client.list(Pod, { namespace, labelSelector: `app=${app}` })).items;
}

const available = (name: string, count: number, client = clientOf('m1')) =>
  eventually(async () => {
    const { status, metadata } = await client.get(Deployment, { namespace, name });
    const isSeen = status?.observedGeneration === metadata.generation && status?.updatedReplicas === count;
    return isSeen && status?.replicas === count && status.availableReplicas === count ? status : undefined;
  });

const conditionsOf = (status: NonNullable<Deployment['status']>) =>
  Object.fromEntries((status.conditions ?? []).map(({ type, status: value, reason }) => [type, [value, reason]]));

test('a Deployment becomes available, scales, rolls and goes, on one member only', async () => {
  const client = clientOf('m1');
  await client.create(Deployment, deploymentObject('web', { replicas: 3 }));
  expect(conditionsOf(await available('web', 3))).toEqual({
    Available: ['True', 'MinimumReplicasAvailable'],
    Progressing: ['True', 'NewReplicaSetAvailable'],
  });
  const first = await podsOf(client, 'web');
  expect(first.map(({ status }) => status?.phase)).toEqual(['Running', 'Running', 'Running']);
  expect(new Set(first.map(({ spec }) => spec?.nodeName))).toEqual(new Set(['m1-node-1', 'm1-node-2']));

  const merge = (body: unknown) =>
    client.patch(Deployment, { namespace, name: 'web' }, { type: 'merge', body }, { fieldManager: 'kubectl' });
  await merge({ spec: { replicas: 5 } });
  await available('web', 5);
  const kept = (await podsOf(client, 'web')).map(({ metadata }) => metadata.uid);
  expect(first.every(({ metadata }) => kept.includes(metadata.uid))).toBe(true);

  const before = await client.get(Deployment, { namespace, name: 'web' });
  const containers = [{ name: 'app', image: 'example.test/app:2' }];
  await client.update(Deployment, {
    ...before,
    spec: { ...before.spec, template: { ...before.spec.template, spec: { containers } } },
  });
  await available('web', 5);
  const images = (await podsOf(client, 'web')).map(({ spec }) => spec?.containers[0]?.image);
  expect(new Set(images)).toEqual(new Set(['example.test/app:2']));
  const sets = (await client.list(ReplicaSet, { namespace })).items;
  const revisions = sets.map(({ metadata, spec }) => [
    metadata.annotations?.['deployment.kubernetes.io/revision'],
    spec.replicas,
  ]);
  expect(revisions.sort()).toEqual([
    ['1', 0],
    ['2', 5],
  ]);

  expect((await clientOf('m2').list(Pod)).items).toEqual([]);
  await client.delete(Deployment, { namespace, name: 'web' });
  await eventually(async () => (await podsOf(client, 'web')).length === 0);
  await eventually(async () => (await client.list(ReplicaSet, { namespace })).items.length === 0);
});

test('a Deployment whose pods fail misses its deadline and says so', async () => {
  const client = clientOf('m1');
  const annotations = { [podAnnotations.fail]: 'ImagePullBackOff' };
  const spec = { progressDeadlineSeconds: 1 };
  await client.create(Deployment, deploymentObject('broken', { replicas: 2, annotations, spec }));
  const status = await eventually(async () => {
    const { status: seen } = await client.get(Deployment, { namespace, name: 'broken' });
    return seen?.conditions?.some(({ reason }) => reason === 'ProgressDeadlineExceeded') ? seen : undefined;
  });
  expect(conditionsOf(status)).toEqual({
    Available: ['False', 'MinimumReplicasUnavailable'],
    Progressing: ['False', 'ProgressDeadlineExceeded'],
  });
  expect(status.unavailableReplicas).toBe(2);
});

test('pods that fit no node wait, say why, and run when there is room', async () => {
  const client = clientOf('m2');
  const containers = [
    { name: 'app', image: 'example.test/app:1', resources: { requests: { cpu: '5', memory: '1Gi' } } },
  ];
  await client.create(Deployment, deploymentObject('big', { replicas: 3, pod: { containers } }));
  const waiting = await eventually(async () => {
    const pods = await podsOf(client, 'big');
    return pods.find(({ status }) => status?.conditions?.some(({ reason }) => reason === 'Unschedulable'));
  });
  expect(waiting.status?.conditions?.map(({ type, status, message }) => [type, status, message])).toEqual([
    ['PodScheduled', 'False', '0/2 nodes are available: 2 Insufficient cpu.'],
  ]);
  const node = await client.get(Node, { name: 'm2-node-1' });
  const room = { ...node.status?.allocatable, cpu: '16' };
  await client.update(Node, { ...node, status: { ...node.status, allocatable: room } }, { subresource: 'status' });
  await available('big', 3, client);
  await client.delete(Deployment, { namespace, name: 'big' });
});

test('StatefulSets come up in order, DaemonSets run everywhere, Jobs end', async () => {
  const client = clientOf('m2');
  const labels = { app: 'other' };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'app', image: 'example.test/app:1' }] } };
  const metadata = { name: 'other', namespace };
  const selector = { matchLabels: labels };
  const set: StatefulSet = {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata,
    spec: { replicas: 3, selector, template },
  };
  await client.create(StatefulSet, set);
  const daemon: DaemonSet = { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata, spec: { selector, template } };
  await client.create(DaemonSet, daemon);
  const once = { ...template.spec, restartPolicy: 'Never' as const };
  const job = (name: string, annotations: Record<string, string>, backoffLimit: number): Job => ({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace },
    spec: { completions: 2, backoffLimit, template: { metadata: { annotations }, spec: once } },
  });
  await client.create(Job, job('good', {}, 6));
  await client.create(Job, job('bad', { [podAnnotations.exitCode]: '3' }, 0));

  await eventually(async () => {
    const { status } = await client.get(StatefulSet, { namespace, name: 'other' });
    return status?.availableReplicas === 3 && status.updatedReplicas === 3;
  });
  const ordered = (await podsOf(client, 'other'))
    .filter(({ metadata: { ownerReferences } }) => ownerReferences?.[0]?.kind === 'StatefulSet')
    .map(({ metadata: { name, resourceVersion: _version, creationTimestamp } }) => [creationTimestamp, name]);
  expect(ordered.sort().map(([, name]) => name)).toEqual(['other-0', 'other-1', 'other-2']);

  const daemons = await eventually(async () => {
    const { status } = await client.get(DaemonSet, { namespace, name: 'other' });
    return status?.numberAvailable === 2 ? status : undefined;
  });
  expect(daemons).toMatchObject({ desiredNumberScheduled: 2, currentNumberScheduled: 2, numberMisscheduled: 0 });

  const ended = (name: string) =>
    eventually(async () => {
      const { status } = await client.get(Job, { namespace, name });
      const end = status?.conditions?.find(({ type }) => type === 'Complete' || type === 'Failed');
      const isCounted = (status?.succeeded ?? 0) + (status?.failed ?? 0) > 0;
      return end !== undefined && isCounted ? [end.type, end.reason, status?.succeeded, status?.failed] : undefined;
    });
  expect(await ended('good')).toEqual(['Complete', 'CompletionsReached', 2, undefined]);
  expect(await ended('bad')).toEqual(['Failed', 'BackoffLimitExceeded', undefined, 1]);
});

test('an outage answers 503 and loses nothing; work goes on afterwards', async () => {
  const client = clientOf('outage');
  await client.create(Deployment, deploymentObject('web', { replicas: 1 }));
  await available('web', 1, client);
  const { metadata } = await client.get(Namespace, { name: 'kube-system' });
  const [pod] = await podsOf(client, 'web');

  await member('outage').stop();
  expect(member('outage').isRunning).toBe(false);
  const signal = AbortSignal.timeout(300);
  await expect(client.get(Namespace, { name: 'kube-system' }, { signal })).rejects.toThrow();
  await expect(clientOf('m1').get(Namespace, { name: 'kube-system' })).resolves.toBeDefined();

  await member('outage').start();
  expect((await client.get(Namespace, { name: 'kube-system' })).metadata.uid).toBe(metadata.uid);
  expect((await podsOf(client, 'web')).map(({ metadata: { uid } }) => uid)).toEqual([pod?.metadata.uid]);
  const merge = { type: 'merge' as const, body: { spec: { replicas: 2 } } };
  await member('outage').inProcessClient.patch(Deployment, { namespace, name: 'web' }, merge);
  await available('web', 2, client);
});

test('an administrator of one member is nobody in another', async () => {
  const { client: options, kubeconfig } = member('m1');
  expect(await loadKubeconfig({ text: kubeconfig })).toEqual({ ...options, baseUrl: member('m1').url });
  await clientOf('m1').create(ConfigMap, configMap('mine', { a: '1' }, { namespace }));
  await using stranger = createHttpClient({ ...options, baseUrl: member('m2').url });
  await expect(stranger.list(ConfigMap, { namespace })).rejects.toSatisfy(isForbidden);
  await expect(stranger.create(ConfigMap, configMap('theirs', {}, { namespace }))).rejects.toSatisfy(isForbidden);
  const found = await clientOf('m2').list(ConfigMap, { namespace, fieldSelector: 'metadata.name=mine' });
  expect(found.items).toEqual([]);
});

test('members say that they are simulated, and are clusters of their own', async () => {
  const version = await clientOf('m1').getRaw('/version');
  expect(version).toMatchObject({ major: '1', minor: '35', gitVersion: 'v1.35.4+simulated' });
  const nodes = (await clientOf('m1').list(Node, { labelSelector: 'quarterdeck.dev/simulated=true' })).items;
  expect(nodes.map((node) => [node.metadata.name, node.status?.allocatable?.cpu])).toEqual([
    ['m1-node-1', '8'],
    ['m1-node-2', '8'],
  ]);
  const uid = async (name: string) => (await clientOf(name).get(Namespace, { name: 'kube-system' })).metadata.uid;
  expect(await uid('m1')).not.toBe(await uid('m2'));
});

test('a CRD is installed as on any cluster, and its objects are served', async () => {
  const client = clientOf('m1');
  const crd = crdOf(ClusterProperty);
  await client.create(CustomResourceDefinition, crd);
  await eventually(async () => {
    const { status } = await client.get(CustomResourceDefinition, { name: crd.metadata.name ?? '' });
    return status?.conditions?.some(({ type, status: value }) => type === 'Established' && value === 'True');
  });
  const property = {
    apiVersion: 'about.k8s.io/v1beta1',
    kind: 'ClusterProperty',
    metadata: { name: 'cluster.clusterset.k8s.io' },
    spec: { value: 'm1' },
  };
  const made = await eventually(() => client.create(ClusterProperty, property));
  expect(made.spec).toEqual({ value: 'm1' });
  await expect(clientOf('m2').list(ClusterProperty)).rejects.toSatisfy(isNotFound);
});

test('with a directory for its keys, a fleet that comes back is the one that kubeconfigs trust', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'qd-simulator-'));
  try {
    const start = () => startSimulatedFleet({ names: ['kept'], seed: 'kept', dataDir });
    const first = await start();
    await first.stop();
    await using second = await start();
    expect(second.caBundle).toBe(first.caBundle);
    const client = second.members.get('kept')?.client;
    expect(client).toBeDefined();
    const { tls } = first.members.get('kept')?.client ?? {};
    await using before = createHttpClient({ baseUrl: client?.baseUrl ?? '', ...(tls === undefined ? {} : { tls }) });
    await expect(before.list(Node)).resolves.toMatchObject({ items: [{}, {}, {}] });
    expect((await stat(join(dataDir, 'simulator-settings.json'))).mode & 0o777).toBe(0o600);
  } finally {
    await rm(dataDir, { recursive: true });
  }
});

test.each([
  { name: 'when it was seen', strategy: undefined, isSeen: true, paused: null },
  { name: 'before it was seen', strategy: undefined, isSeen: false, paused: false },
  { name: 'with the strategy Recreate', strategy: { type: 'Recreate' as const }, isSeen: true, paused: null },
])('a Deployment that is made paused starts its pods when it goes on, $name', async ({ strategy, isSeen, paused }) => {
  const client = clientOf('m1');
  const name = `paused-${strategy?.type.toLowerCase() ?? 'rolling'}-${isSeen}`;
  const over = { paused: true, ...(strategy === undefined ? {} : { strategy }) };
  await client.create(Deployment, deploymentObject(name, { replicas: 2, spec: over }));
  const at = { namespace, name };
  if (isSeen) await eventually(async () => (await client.get(Deployment, at)).status?.observedGeneration === 1);
  await client.patch(Deployment, at, { type: 'merge', body: { spec: { paused } } });
  await eventually(async () => (await client.get(Deployment, at)).status?.readyReplicas === 2);
});
