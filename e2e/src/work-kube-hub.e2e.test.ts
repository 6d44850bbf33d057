import { eventually } from '@quarterdeck/machinery/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { conditionsOf, exists, worksOf } from './harness/fleet-reads.ts';
import { type KubeFleet, startKubeFleet } from './harness/kube-fleet.ts';
import type { Kubectl } from './harness/kubectl.ts';
import { configMap, deployment, documents, type Manifest, namespace, placement, workSet } from './harness/objects.ts';
import { quarterdeck, repository } from './harness/quarterdeck.ts';
import { expectSameAsKubectl } from './harness/same-objects.ts';

/** Works where the hub is a real Kubernetes cluster, on three real members. */

const cleanup = new AsyncDisposableStack();
const names = ['m1', 'm2', 'm3'] as const;
let fleet: KubeFleet;
let hub: Kubectl;

beforeAll(async () => {
  fleet = cleanup.use(await startKubeFleet({ m1: { app: 'yes' }, m2: { app: 'yes' }, m3: { app: 'yes' } }));
  hub = fleet.kubectl;
  await hub.ok(['apply', '-f', `${repository}/docs/examples/binding.yaml`]);
});
afterAll(() => cleanup.disposeAsync());

const on = (name: string) => fleet.member(name).kubectl;
const send = (...objects: readonly object[]) => hub.ok('apply -f -', { input: documents(...objects) });
const workOf = (name: string, manifests: readonly Manifest[], annotations: Readonly<Record<string, string>> = {}) => ({
  apiVersion: 'multicluster.x-k8s.io/v1alpha1',
  kind: 'Work',
  metadata: { name, namespace: 'member-m1', annotations },
  spec: { workload: { manifests } },
});

test('WK-23 also from a Kubernetes hub, objects are those of kubectl apply --server-side, with the same fields held', async () => {
  await expectSameAsKubectl({ hub, member: on('m1'), hubNamespace: 'member-m1' });
});

test('WK-1, WK-33, DL-20 an app comes to three members, is changed, kept and withdrawn on all of them', async () => {
  const app = (replicas: number, ...more: Manifest[]) =>
    workSet({ name: 'shop', on: 'all', manifests: [namespace('shop'), deployment('shop/web', replicas), ...more] });
  await send(placement('all', { app: 'yes' }), app(1, configMap('shop/settings', { level: 'info' })));
  await hub.ok('wait --for=condition=Available workset/shop --timeout=90s');
  for (const name of names) expect(await exists(on(name), 'configmap/settings', 'shop')).toBe(true);

  await send(app(2));
  await Promise.all(
    names.map(async (name) => {
      await on(name).ok('wait --for=delete configmap/settings -n shop --timeout=60s');
      await on(name).ok('wait --for=jsonpath={.status.readyReplicas}=2 deployment/web -n shop --timeout=60s');
    }),
  );

  // A person who scales a member reads, in the Work that owns the object, what became of that.
  await on('m2').ok('scale deployment web -n shop --replicas=5');
  await on('m2').ok('wait --for=jsonpath={.spec.replicas}=2 deployment/web -n shop --timeout=30s');
  const told = await eventually(
    async () => {
      const text = await hub.ok('describe work default.shop -n member-m2');
      return text.includes('DriftRepaired') && text;
    },
    { timeoutMs: 30_000 },
  );
  expect(told).toMatch(
    /DriftRepaired .*\.spec\.replicas of Deployment shop\/web put back; changed by kubectl \(scale\)/,
  );
  const drift = await quarterdeck([
    ...['work', 'drift', 'default.shop', '-n', 'member-m2', '--kubeconfig', fleet.kubeconfig],
  ]);
  expect(drift.stdout).toMatch(/Deployment shop\/web: fields were changed at \S+; put right/);
  expect(drift.stdout).toContain('.spec.replicas: 5, wanted 2   by kubectl (scale)');

  await hub.ok('delete workset shop --timeout=90s');
  expect(await worksOf(hub, 'shop')).toEqual([]);
  for (const name of names) await on(name).ok('wait --for=delete namespace/shop --timeout=60s');
});

test('WK-2, WK-3 a Work is for the one member of its namespace, whose agent fetches it', async () => {
  await send(workOf('own', [configMap('default/own', { a: '1' })]));
  await hub.ok('wait --for=condition=Applied work/own -n member-m1 --timeout=60s');
  const found = await Promise.all(names.map((name) => exists(on(name), 'configmap/own')));
  expect(found).toEqual([true, false, false]);
  await hub.ok('delete work own -n member-m1 --timeout=60s');
});

test('DL-31, RG-20, SEC-11 the data of a Secret comes by reference, by the rights that Kubernetes gives the agent', async () => {
  await hub.ok('create secret generic db -n member-m1 --from-literal=password=hush');
  const from = (name: string): Manifest => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'login', namespace: 'default', annotations: { 'quarterdeck.dev/secret-data-from': name } },
  });
  await send(workOf('login', [from('db')]));
  await hub.ok('wait --for=condition=Applied work/login -n member-m1 --timeout=60s');
  expect(await on('m1').ok('get secret login -n default -o jsonpath={.data.password}')).toBe('aHVzaA==');
  const agent = (
    await hub.ok('get rolebinding quarterdeck:member -n member-m1 -o jsonpath={.subjects[0].name}')
  ).trim();
  const may = async (verb: string, where: string) =>
    (await hub(['auth', 'can-i', verb, 'secrets', '-n', where, '--as', agent])).stdout.trim();
  expect([await may('get', 'member-m1'), await may('list', 'member-m1'), await may('get', 'member-m2')]).toEqual([
    'yes',
    'no',
    'no',
  ]);
  // The policy is asked by the hub's own server here.
  await hub.ok('create clusterrole work-writer --verb=create,get --resource=works.multicluster.x-k8s.io');
  await hub.ok('create clusterrolebinding work-writer --clusterrole=work-writer --user=tenant');
  const refused = await eventually(async () => {
    const answer = await hub('create -f - --as tenant', { input: documents(workOf('theft', [from('db')])) });
    return answer.stderr.includes('secret-data-from') && answer.stderr;
  });
  expect(refused).toContain('referring to Secrets needs the verb get on each of them: db');
});

test('DL-22 no admission reads health rules here, so each says itself whether agents can', async () => {
  const rule = (name: string, when: string) => ({
    apiVersion: 'quarterdeck.dev/v1alpha1',
    kind: 'HealthRule',
    metadata: { name },
    spec: { target: { group: 'example.com', kind: 'Thing' }, states: [{ health: 'Healthy', when }] },
  });
  await send(rule('good', 'object.status.ready'), rule('odd', 'object.status.'));
  await hub.ok('wait --for=condition=Readable healthrule/good --timeout=30s');
  await hub.ok('wait --for=condition=Readable=False healthrule/odd --timeout=30s');
});

test('DL-23 fields of a kind by a HealthRule: shown by reports here too, an odd path by the rule itself', async () => {
  const rule = (name: string, kind: string, jsonPath: string) => ({
    apiVersion: 'quarterdeck.dev/v1alpha1',
    kind: 'HealthRule',
    metadata: { name },
    spec: { target: { group: '', kind }, feedback: [{ name: 'level', jsonPath }] },
  });
  await send(rule('levels', 'ConfigMap', '.data.level'), rule('cut', 'Thing', '.status['));
  await hub.ok('wait --for=condition=Readable=False healthrule/cut --timeout=30s');
  await send(workOf('levels', [configMap('default/levels', { level: 'info' })]));
  await hub.ok('wait --for=condition=Applied work/levels -n member-m1 --timeout=60s');
  const field = await eventually(async () => {
    const { stdout } = await hub('get workreport levels -n member-m1 -o jsonpath={.status.manifests[0].fields[0]}');
    return stdout.includes('value') && stdout;
  });
  await hub.ok('wait --for=condition=FieldsRead workreport/levels -n member-m1 --timeout=30s');
  expect(field).toBe('{"name":"level","rule":"levels","value":"\\"info\\""}');
  await hub.ok('delete healthrule levels cut');
});

test('DL-7, DL-11 on a Kubernetes hub too: a finished Job goes with its Work, a paused Work is left alone', async () => {
  const job: Manifest = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'once', namespace: 'default' },
    spec: {
      template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'example.com/nothing' }] } },
    },
  };
  const pause = { 'quarterdeck.dev/pause-repair': 'true' };
  await send(
    workOf('once', [job], { 'quarterdeck.dev/remove-after-completion': '0' }),
    workOf('paused', [configMap('default/paused', { level: 'info' })], pause),
  );
  await hub.ok('wait --for=condition=Applied work/paused -n member-m1 --timeout=60s');
  await on('m1').ok(['patch', 'configmap', 'paused', '-n', 'default', '-p', '{"data":{"level":"debug"}}']);
  const paused = 'jsonpath={.status.manifests[0].drift.state}=Paused';
  await hub.ok(`wait --for=${paused} workreport/paused -n member-m1 --timeout=30s`);
  expect(await on('m1').ok('get configmap paused -n default -o jsonpath={.data.level}')).toBe('debug');
  const conditions = await conditionsOf(hub, 'work/paused', 'member-m1');
  expect(conditions.Applied?.status).toBe('True');
  await hub.ok('wait --for=delete work/once -n member-m1 --timeout=60s');
  expect(await exists(on('m1'), 'job/once')).toBe(false);
});
