import { eventually } from '@quarterdeck/machinery/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { conditionsOf, decisionOf } from './harness/fleet-reads.ts';
import { startKubeFleet } from './harness/kube-fleet.ts';
import type { Kubectl } from './harness/kubectl.ts';
import { documents } from './harness/objects.ts';
import { quarterdeck, repository } from './harness/quarterdeck.ts';

/** Placements on a real Kubernetes hub, with real members, by kubectl alone. */

const cleanup = new AsyncDisposableStack();
const regions = { m1: 'eu', m2: 'eu', m3: 'us' };
let hub: Kubectl;
let kubeconfig: string;

beforeAll(async () => {
  const labels = Object.fromEntries(Object.entries(regions).map(([name, region]) => [name, { region }]));
  const fleet = cleanup.use(await startKubeFleet(labels));
  kubeconfig = fleet.kubeconfig;
  hub = fleet.kubectl;
  await hub.ok(['apply', '-f', `${repository}/docs/examples/binding.yaml`]);
});
afterAll(() => cleanup.disposeAsync());

const apply = (name: string, spec: object) => {
  const metadata = { name, namespace: 'default' };
  return hub.ok('apply -f -', {
    input: documents({ apiVersion: 'quarterdeck.dev/v1alpha1', kind: 'Placement', metadata, spec }),
  });
};
const decided = (name: string, want: readonly string[]) =>
  eventually(async () => expect((await decisionOf(hub, name)).toSorted()).toEqual(want), { timeoutMs: 30_000 });

test('PL-13, PL-20 clusters spread over regions, and a label moves the decision', async () => {
  const spreadConstraints = [{ topologyKey: 'region', maxClustersPerDomain: 1 }];
  await apply('spread', { numberOfClusters: 2, spreadConstraints });
  await decided('spread', ['m1', 'm3']);
  await apply('eu', { clusterSelectorTerms: [{ labelSelector: { matchLabels: { region: 'eu' } } }] });
  await decided('eu', ['m1', 'm2']);
  await hub.ok('label membercluster m2 region=asia --overwrite');
  await decided('eu', ['m1']);
  await decided('spread', ['m1', 'm3']);
});

test('PL-22, PL-7 a NoExecute taint fails over to the next term, and back after it is gone', async () => {
  const term = (name: string) => ({ name, labelSelector: { matchLabels: { region: name } } });
  await apply('shop', {
    numberOfClusters: 1,
    candidateTerms: [term('us'), term('asia')],
    candidatePolicy: { failback: 'AfterStable', stableSeconds: 2 },
  });
  await decided('shop', ['m3']);
  const taint = (taints: object[] | null) =>
    hub.ok(['patch', 'membercluster', 'm3', '--type=merge', '-p', JSON.stringify({ spec: { taints } })]);
  await taint([{ key: 'fire', effect: 'NoExecute' }]);
  await decided('shop', ['m2']);
  await taint(null);
  await decided('shop', ['m3']);
});

test('PL-21, PD-14 what cannot be evaluated is a condition there, and deleted slices come back', async () => {
  await apply('bad', { clusterSelectorTerms: [{ expression: 'cluster.name ==' }] });
  await hub.ok('wait --for=condition=Scheduled=False placement/bad --timeout=30s');
  expect((await conditionsOf(hub, 'placement/bad')).Scheduled).toMatchObject({
    reason: 'SchedulingFailed',
    message: expect.stringContaining('spec.clusterSelectorTerms[0].expression'),
  });
  await hub.ok('delete placementdecision -l quarterdeck.dev/placement=shop');
  await decided('shop', ['m3']);
});

test('PL-8 what is tolerated by default stands in the spec: by the schema, and where a list says nothing of it, by the controller', async () => {
  const listed = async (name: string) => {
    const { spec } = await hub.json<{ spec: { tolerations?: { key?: string; tolerationSeconds?: number }[] } }>(
      `get placement ${name}`,
    );
    return spec.tolerations?.map(({ key, tolerationSeconds }) => [key, tolerationSeconds]);
  };
  const defaults = [
    ['quarterdeck.dev/unreachable', 300],
    ['quarterdeck.dev/unhealthy', 300],
  ];
  expect(await listed('eu')).toEqual(defaults);
  await apply('gpu', { tolerations: [{ key: 'gpu', operator: 'Exists' }] });
  await eventually(async () => expect(await listed('gpu')).toEqual([['gpu', undefined], ...defaults]), {
    timeoutMs: 30_000,
  });
});

test('PL-1 clusters of another manager take part where the set says so, and are as reachable as their control plane is healthy', async () => {
  const namespace = 'clusterset-default';
  const profile = (name: string) => ({
    apiVersion: 'multicluster.x-k8s.io/v1alpha1',
    kind: 'ClusterProfile',
    metadata: { name, namespace, labels: { 'x-k8s.io/cluster-manager': 'other', region: 'moon' } },
    spec: { clusterManager: { name: 'other' } },
  });
  const healthy = (name: string, status: 'True' | 'False') => {
    const lastTransitionTime = '2026-01-01T00:00:00Z';
    const conditions = [{ type: 'ControlPlaneHealthy', status, reason: 'Probed', message: '', lastTransitionTime }];
    const body = JSON.stringify({ status: { conditions } });
    return hub.ok([
      '-n',
      namespace,
      'patch',
      'clusterprofile',
      name,
      '--subresource=status',
      '--type=merge',
      '-p',
      body,
    ]);
  };
  await hub.ok('apply -f -', { input: documents(profile('luna'), profile('selene')) });
  await healthy('luna', 'True');
  await healthy('selene', 'False');
  await apply('moon', { clusterSelectorTerms: [{ labelSelector: { matchLabels: { region: 'moon' } } }] });
  await hub.ok('wait --for=condition=Satisfied=False placement/moon --timeout=30s');
  await decided('moon', []);
  await hub.ok([
    'patch',
    'clusterset',
    'default',
    '--type=merge',
    '-p',
    '{"spec":{"profilesOfOtherManagers":"Include"}}',
  ]);
  await decided('moon', ['luna']);
  await healthy('selene', 'True');
  await decided('moon', ['luna', 'selene']);
  await hub.ok(`-n ${namespace} delete clusterprofile luna`);
  await decided('moon', ['selene']);
});

test('PL-34, PL-35 explain and plan work against it', async () => {
  const env = { PATH: process.env.PATH, KUBECONFIG: kubeconfig };
  const { code, stdout, stderr } = await quarterdeck(['explain', 'placement', 'shop'], { env });
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/m3 +Selected/);
});
