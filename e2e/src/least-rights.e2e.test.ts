import { eventually } from '@quarterdeck/machinery/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Kubectl } from './harness/kubectl.ts';
import { startLeastRights } from './harness/least-rights.ts';
import { configMap, deployment, documents, namespace, placement, workSet } from './harness/objects.ts';

/** An agent with nothing but the rights of deploy/member-rights.yaml, on a real cluster. */

const cleanup = new AsyncDisposableStack();
let onHub: Kubectl;
let onMember: Kubectl;

beforeAll(async () => {
  ({ onHub, onMember } = cleanup.use(await startLeastRights({ labels: { tier: 'gold' } })));
  const binding = {
    apiVersion: 'quarterdeck.dev/v1alpha1',
    kind: 'ClusterSetBinding',
    metadata: { name: 'default' },
    spec: { clusterSet: 'default' },
  };
  await onHub.ok('apply -f -', { input: documents(binding, placement('gold', { tier: 'gold' })) });
});
afterAll(() => cleanup.disposeAsync());

test('WK-41, SEC-20, CI-3 the least rights are enough to deliver an app and to report the member', async () => {
  const app = workSet({
    name: 'app',
    on: 'gold',
    manifests: [namespace('app'), configMap('app/settings', { a: 'b' }), deployment('app/web', 1)],
  });
  await onHub.ok('apply -f -', { input: documents(app) });
  await onHub.ok('wait --for=condition=Available workset/app --timeout=60s');
  await onHub.ok('wait --for=condition=Available membercluster/m1 --timeout=60s');
});

const escalations = [
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'take-over' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ kind: 'ServiceAccount', name: 'default', namespace: 'default' }],
  },
  { apiVersion: 'v1', kind: 'Node', metadata: { name: 'take-over' } },
  {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: 'take-over' },
  },
  configMap('quarterdeck-system/take-over', { a: 'b' }),
];

test('SEC-11, WK-41, BI-24 a Work that would widen rights is refused by the member and shown, each manifest by itself', async () => {
  const manifests = [...escalations, configMap('default/fine', { a: 'b' })];
  await onHub.ok('apply -f -', { input: documents(workSet({ name: 'evil', on: 'gold', manifests })) });
  const told = await eventually(async () => {
    const { status } = await onHub.json<{
      status?: { manifestConditions?: { conditions: { type: string; reason: string; message: string }[] }[] };
    }>('get work default.evil -n member-m1');
    return status?.manifestConditions?.map(({ conditions }) => conditions.find(({ type }) => type === 'Applied'));
  });
  expect(told.map((condition) => condition?.reason)).toEqual([
    'RefusedToExecutor',
    'RefusedToExecutor',
    'RefusedToExecutor',
    'InvalidManifest',
    'AppliedManifestComplete',
  ]);
  // As the executor, not as the agent: its own rights are nobody's to use.
  expect(told[0]?.message).toContain('system:serviceaccount:quarterdeck-system:quarterdeck-executor');
  expect((await onMember('get clusterrolebinding take-over')).code).not.toBe(0);
  expect((await onMember('get node take-over')).code).not.toBe(0);
  expect((await onMember('get configmap take-over -n quarterdeck-system')).code).not.toBe(0);
});

test('AB-30, AB-32 on a member of a set nobody changes its id, and people read properties by the role view', async () => {
  const value = (name: string) => onMember(['get', 'clusterproperty', name, '-o', 'jsonpath={.spec.value}']);
  await eventually(async () => (await value('clusterset.k8s.io')).stdout === 'default', { timeoutMs: 60_000 });
  const { stdout: id } = await value('cluster.clusterset.k8s.io');
  const change = (name: string) =>
    onMember([
      'patch',
      'clusterproperty',
      name,
      '--type=merge',
      '-p',
      '{"spec":{"value":"other"}}',
      '--dry-run=server',
    ]);
  // A server finds the kind of a policy's parameter a moment after it has read the policy, and refuses all until then.
  const refusal = 'its id and its set do not change until it has left';
  await eventually(async () => (await change('cluster.clusterset.k8s.io')).stderr.includes(refusal), {
    timeoutMs: 60_000,
  });
  expect((await change('clusterset.k8s.io')).code).not.toBe(0);
  expect((await onMember('delete clusterproperty cluster.clusterset.k8s.io')).stderr).toContain(
    'its id stays until it has left',
  );
  expect((await value('cluster.clusterset.k8s.io')).stdout).toBe(id);
  await onMember.ok('create clusterrolebinding readers --clusterrole=view --user=reader');
  await onMember.ok('create clusterrolebinding writers --clusterrole=quarterdeck:clusterproperty-editor --user=writer');
  const may = async (verb: string, user: string) =>
    (await onMember(['auth', 'can-i', verb, 'clusterproperties', '--as', user])).stdout.trim();
  await eventually(async () => (await may('list', 'reader')) === 'yes', { timeoutMs: 60_000 });
  expect([await may('update', 'reader'), await may('update', 'writer'), await may('get', 'nobody')]).toEqual([
    'no',
    'yes',
    'no',
  ]);
});

test('DL-30, WK-41 a Work is executed as the service account that it names, with its rights and no more', async () => {
  const rights = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: { name: 'deployer', namespace: 'default' },
    rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['*'] }],
  };
  const bind = (name: string, role: string, subject: object, namespace: string) => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name, namespace },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: role },
    subjects: [subject],
  });
  const mayActAs = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: { name: 'act-as-deployer', namespace: 'default' },
    rules: [{ apiGroups: [''], resources: ['serviceaccounts'], resourceNames: ['deployer'], verbs: ['impersonate'] }],
  };
  const agent = { kind: 'ServiceAccount', name: 'quarterdeck-agent', namespace: 'quarterdeck-system' };
  const deployer = { kind: 'ServiceAccount', name: 'deployer', namespace: 'default' };
  await onMember.ok('apply -f -', {
    input: documents(
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'deployer', namespace: 'default' } },
      rights,
      bind('deployer', 'deployer', deployer, 'default'),
      mayActAs,
      bind('act-as-deployer', 'act-as-deployer', agent, 'default'),
    ),
  });
  const work = {
    apiVersion: 'multicluster.x-k8s.io/v1alpha1',
    kind: 'Work',
    metadata: {
      name: 'as-deployer',
      namespace: 'member-m1',
      annotations: { 'quarterdeck.dev/execute-as': 'default/deployer' },
    },
    spec: { workload: { manifests: [configMap('default/mine', { a: '1' }), deployment('default/not-mine', 1)] } },
  };
  await onHub.ok('apply -f -', { input: documents(work) });
  await onMember.ok('wait --for=create configmap/mine -n default --timeout=30s');
  const reasons = await eventually(async () => {
    const { status } = await onHub.json<{
      status?: { manifestConditions?: { conditions: { type: string; reason: string }[] }[] };
    }>('get work as-deployer -n member-m1');
    return status?.manifestConditions?.map(
      ({ conditions }) => conditions.find(({ type }) => type === 'Applied')?.reason,
    );
  });
  expect(reasons).toEqual(['AppliedManifestComplete', 'RefusedToExecutor']);
  await onMember.ok(['patch', 'configmap', 'mine', '--type=merge', '-p', '{"data":{"a":"2"}}']);
  await onMember.ok('wait --for=jsonpath={.data.a}=1 configmap/mine --timeout=60s');
  await onHub.ok('delete work as-deployer -n member-m1 --timeout=60s');
  expect((await onMember('get configmap mine')).code).not.toBe(0);
});
