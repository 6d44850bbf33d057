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

test('DL-2, WK-26 what a kind does not let be changed is made anew by choice, in whatever words it says so; not past a policy', async () => {
  const rbac = 'rbac.authorization.k8s.io';
  const meta = (name: string) => ({ name, namespace: 'anew' });
  const long = `a-job-${'x'.repeat(50)}`;
  const objects = (isNew: boolean) => {
    const [letter, number] = isNew ? ['b', 2] : ['a', 1];
    const container = { name: 'app', image: `example.test/app:${number}` };
    return [
      namespace('anew'),
      configMap('anew/frozen', { a: letter }),
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: meta('service'),
        spec: { selector: { app: 'a' }, ports: [{ port: 80 }], ...(isNew ? { clusterIP: 'None' } : {}) },
      },
      {
        apiVersion: `${rbac}/v1`,
        kind: 'RoleBinding',
        metadata: meta('binding'),
        roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: isNew ? 'edit' : 'view' },
      },
      { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: 'anew' }, value: number },
      {
        apiVersion: 'storage.k8s.io/v1',
        kind: 'StorageClass',
        metadata: { name: 'anew' },
        provisioner: `example.test/${letter}`,
      },
      {
        apiVersion: 'batch/v1',
        kind: 'Job',
        metadata: meta(long),
        spec: { template: { spec: { restartPolicy: 'Never', containers: [container] } } },
      },
    ];
  };
  const send = async (isNew: boolean) =>
    hub.ok('apply -f -', { input: documents(workOf('anew', objects(isNew), { 'apply-strategy': 'Recreate' })) });
  const complete = objects(true).map(({ metadata }) => `${metadata.name}: AppliedManifestComplete`);
  const isAt = async (wanted: readonly string[]) => {
    await eventually(async () => {
      expect(await conditionOf('anew', 'Applied', 'observedGeneration')).toBe(
        await hub.ok('get work anew -n member-m1 -o jsonpath={.metadata.generation}'),
      );
      expect(await reasonsOf('anew')).toEqual(wanted);
      return true;
    });
  };
  await send(false);
  await isAt(complete);
  const policy = { apiVersion: 'admissionregistration.k8s.io/v1', metadata: { name: 'frozen.example.test' } };
  const rule = { apiGroups: [''], apiVersions: ['v1'], operations: ['UPDATE'], resources: ['configmaps'] };
  const frozen = {
    matchConstraints: { resourceRules: [rule] },
    matchConditions: [{ name: 'frozen', expression: "object.metadata.name == 'frozen'" }],
    validations: [{ expression: 'object.data == oldObject.data', message: 'it is frozen' }],
  };
  const binding = { policyName: 'frozen.example.test', validationActions: ['Deny'] };
  const input = documents(
    { ...policy, kind: 'ValidatingAdmissionPolicy', spec: frozen },
    { ...policy, kind: 'ValidatingAdmissionPolicyBinding', spec: binding },
  );
  await m1.kubectl.ok('apply -f -', { input });
  // It counts some time after it was made.
  await eventually(async () => {
    const change = ['patch', 'configmap', 'frozen', '-n', 'anew', '--dry-run=server', '--type=merge', '-p'];
    return (await m1.kubectl([...change, '{"data":{"a":"z"}}'])).code !== 0;
  });
  const { uid } = (await m1.kubectl.json<Manifest>('get configmap frozen -n anew')).metadata;
  await send(true);
  await isAt(complete.map((line) => (line.startsWith('frozen') ? 'frozen: AppliedManifestFailed' : line)));
  expect((await m1.kubectl.json<Manifest>('get configmap frozen -n anew')).metadata.uid).toBe(uid);
  const roleRef = 'get rolebinding binding -n anew -o jsonpath={.roleRef.name}';
  expect(await m1.kubectl.ok(roleRef)).toBe('edit');
  await m1.kubectl.ok('delete validatingadmissionpolicybinding frozen.example.test');
  await hub.ok('delete work anew -n member-m1 --timeout=90s');
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
