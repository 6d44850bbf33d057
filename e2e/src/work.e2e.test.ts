import { eventually } from '@quarterdeck/machinery/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Fleet, type Member, startFleet } from './harness/fleet.ts';
import { exists } from './harness/fleet-reads.ts';
import type { Kubectl } from './harness/kubectl.ts';
import { configMap, deployment, documents, type Manifest, namespace } from './harness/objects.ts';
import { expectSameAsKubectl } from './harness/same-objects.ts';

/** Works on a real member: what the agent does is what kubectl and Kubernetes would do. */

const cleanup = new AsyncDisposableStack();
let fleet: Fleet;
let hub: Kubectl;
let m1: Member;

beforeAll(async () => {
  fleet = cleanup.use(await startFleet({ m1: {} }));
  hub = fleet.kubectl;
  m1 = fleet.member('m1');
});
afterAll(() => cleanup.disposeAsync());

const policies = (values: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [`quarterdeck.dev/${name}`, value]));

const withPolicies = (manifest: Manifest, values: Readonly<Record<string, string>>): Manifest => ({
  ...manifest,
  metadata: { ...manifest.metadata, annotations: policies(values) },
});

const workOf = (name: string, manifests: readonly Manifest[], annotations: Readonly<Record<string, string>> = {}) => ({
  apiVersion: 'multicluster.x-k8s.io/v1alpha1',
  kind: 'Work',
  metadata: { name, namespace: 'member-m1', annotations: policies(annotations) },
  spec: { workload: { manifests } },
});

const send = (...objects: readonly object[]) => hub.ok('apply -f -', { input: documents(...objects) });
const conditionOf = (work: string, type: string, field: string) =>
  hub.ok([
    'get',
    'work',
    work,
    '-n',
    'member-m1',
    '-o',
    `jsonpath={.status.conditions[?(@.type=="${type}")].${field}}`,
  ]);

/** `name: reason` of each manifest's Applied. */
async function reasonsOf(work: string): Promise<string[]> {
  const path =
    '{range .status.manifestConditions[*]}{.identifier.name}: {.conditions[?(@.type=="Applied")].reason}{"\\n"}{end}';
  return (await hub.ok(['get', 'work', work, '-n', 'member-m1', '-o', `jsonpath=${path}`])).split('\n');
}

test('WK-23 objects of a Work are those of kubectl apply --server-side, with the same fields held but for our marks', async () => {
  await expectSameAsKubectl({ hub, member: m1.kubectl, hubNamespace: 'member-m1' });
});

test('DL-1, F-26 a wave waits for the health of the one before; what is stuck in deletion is named and holds it back', async () => {
  const nowhere = deployment('waves/first', 1);
  const spec = structuredClone(nowhere.spec) as { template: { spec: Record<string, unknown> } };
  spec.template.spec.nodeSelector = { there: 'is-none' };
  const gate = { 'wave-gate': 'Healthy' };
  const last = withPolicies(configMap('waves/last', { a: '1' }), { 'apply-wave': '1' });
  const before = [namespace('waves'), withPolicies({ ...nowhere, spec }, gate), last];
  await send(workOf('waves', before));
  await eventually(async () => {
    expect(await reasonsOf('waves')).toEqual([
      'waves: AppliedManifestComplete',
      'first: AppliedManifestComplete',
      'last: WaitingForWave',
    ]);
    return true;
  });
  expect(await exists(m1.kubectl, 'configmap/last', 'waves')).toBe(false);

  await send(workOf('waves', [namespace('waves'), withPolicies(nowhere, gate), last]));
  await m1.kubectl.ok('wait --for=create configmap/last -n waves --timeout=60s');
  const patch = ['patch', 'configmap', 'last', '-n', 'waves', '--type=merge', '-p'];
  await m1.kubectl.ok([...patch, '{"metadata":{"finalizers":["example.com/hold"]}}']);

  await hub.ok('delete work waves -n member-m1 --wait=false');
  await eventually(async () => {
    expect(await conditionOf('waves', 'Progressing', 'message')).toMatch(/ConfigMap waves\/last .*example\.com\/hold/);
    return true;
  });
  expect(await exists(m1.kubectl, 'deployment/first', 'waves')).toBe(true);
  await m1.kubectl.ok([...patch, '{"metadata":{"finalizers":null}}']);
  await hub.ok('wait --for=delete work/waves -n member-m1 --timeout=90s');
  expect(await exists(m1.kubectl, 'namespace/waves')).toBe(false);
});

test('WK-37 kubectl get works says at a glance how each Work is doing', async () => {
  const [head = '', ...rows] = (await hub.ok('get works -n member-m1')).split('\n');
  expect(head.split(/\s+/)).toEqual(['NAME', 'APPLIED', 'AVAILABLE', 'DEGRADED', 'AGE']);
  expect(
    rows
      .find((row) => row.startsWith('same '))
      ?.split(/\s+/)
      .slice(0, 2),
  ).toEqual(['same', 'True']);
});
