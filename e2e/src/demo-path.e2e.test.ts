import { join } from 'node:path';
import { eventually } from '@quarterdeck/machinery/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Fleet, startFleet } from './harness/fleet.ts';
import { conditionsOf, decisionOf, exists, worksOf } from './harness/fleet-reads.ts';
import { type Kubectl, kubectl } from './harness/kubectl.ts';
import { configMap, deployment, documents, type Manifest, namespace, placement, workSet } from './harness/objects.ts';
import { repository } from './harness/quarterdeck.ts';

/** The path of a new user, on real clusters: join, bind, place, deliver, move, repair, withdraw. */

const cleanup = new AsyncDisposableStack();
let fleet: Fleet;
/** On the hub. */
let hub: Kubectl;

const example = (name: string) => join(repository, 'docs/examples', `${name}.yaml`);
const on = (member: string) => fleet.member(member).kubectl;

beforeAll(async () => {
  fleet = cleanup.use(
    await startFleet({
      m1: { tier: 'gold', site: 'm1' },
      m2: { tier: 'silver', site: 'm2' },
      m3: { tier: 'gold', site: 'm3' },
    }),
  );
  hub = fleet.kubectl;
});
afterAll(() => cleanup.disposeAsync());

const site = (name: string) => placement(`site-${name}`, { site: name });

/** Conditions of a Work's manifests, by position: `Applied=True AppliedManifestComplete`. */
async function manifestsOf(work: string, member: string): Promise<string[]> {
  const { status } = await hub.json<{ status?: { manifestConditions?: readonly ManifestEntry[] } }>(
    `get work ${work} -n member-${member}`,
  );
  return (status?.manifestConditions ?? []).map(({ conditions }) => {
    const applied = conditions.find(({ type }) => type === 'Applied');
    return `${applied?.status} ${applied?.reason}`;
  });
}

interface ManifestEntry {
  readonly conditions: readonly { readonly type: string; readonly status: string; readonly reason: string }[];
}

test('PL-10, DL-48 the examples bring an app to two of three members, applied by kubectl 1.32', async () => {
  const older = await kubectl({ version: 'v32', kubeconfig: fleet.hub.kubeconfig, home: join(fleet.dir, 'v32') });
  await older.ok(['apply', ...['binding', 'placement', 'workset'].flatMap((name) => ['-f', example(name)])]);
  await older.ok('wait --for=condition=Satisfied placement/two --timeout=30s');
  await older.ok('wait --for=condition=Available workset/hello --timeout=60s');

  expect(await decisionOf(hub, 'two')).toEqual(['m1', 'm3']);
  expect(await worksOf(hub, 'hello')).toEqual(['member-m1', 'member-m3']);
  const { status } = await hub.json<{ status: { clusters: unknown; problems?: unknown } }>('get workset hello');
  expect(status.clusters).toEqual({ desired: 2, applied: 2, available: 2, failed: 0 });
  for (const member of ['m1', 'm3']) {
    const ready = await on(member).ok('get deployment hello -n hello -o jsonpath={.status.readyReplicas}');
    const text = await on(member).ok('get configmap greeting -n hello -o jsonpath={.data.text}');
    expect([member, ready, text]).toEqual([member, '2', 'Hello from the fleet']);
  }
  expect(await exists(on('m2'), 'namespace/hello')).toBe(false);
});

test('PL-20, DL-6 a label moves the decision; the Work follows and takes its objects along, orphans stay', async () => {
  const [uid] = await on('m3').uids(['deployment/hello'], 'hello');
  await hub.ok('label membercluster m2 tier=gold --overwrite');
  await hub.ok('label membercluster m1 tier=silver --overwrite');

  await eventually(async () => {
    expect(await decisionOf(hub, 'two')).toEqual(['m2', 'm3']);
    return true;
  });
  await on('m2').ok('wait --for=create deployment/hello -n hello --timeout=30s');
  await hub.ok('wait --for=condition=Available workset/hello --timeout=60s');
  await eventually(
    async () => {
      expect(await worksOf(hub, 'hello')).toEqual(['member-m2', 'member-m3']);
      expect(await exists(on('m1'), 'deployment/hello', 'hello')).toBe(false);
      return true;
    },
    { timeoutMs: 30_000 },
  );
  const left = await on('m1').json<Manifest>('get configmap greeting -n hello');
  expect(left.metadata.ownerReferences).toBeUndefined();
  expect(await on('m3').uids(['deployment/hello'], 'hello')).toEqual([uid]);
});

const gadgets: Manifest = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'gadgets.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'gadgets', singular: 'gadget', kind: 'Gadget' },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
  },
};

test('WK-27, DL-21 what is deleted or taken off on a member comes back, and Applied does not flip', async () => {
  await hub.ok('apply -f -', {
    input: documents(
      site('m2'),
      workSet({
        name: 'drift',
        on: 'site-m2',
        manifests: [namespace('drift'), configMap('drift/settings', { a: '1' }), deployment('drift/app', 2)],
      }),
    ),
  });
  await hub.ok('wait --for=condition=Available workset/drift --timeout=60s');
  const before = await conditionsOf(hub, 'work/default.drift', 'member-m2');
  const [uid] = await on('m2').uids(['deployment/app'], 'drift');

  await on('m2').ok('delete deployment app -n drift --wait=false');
  await eventually(async () => (await on('m2').uids(['deployment/app'], 'drift'))[0] !== uid, { timeoutMs: 30_000 });
  await on('m2').ok('delete configmap settings -n drift');
  await on('m2').ok('wait --for=create configmap/settings -n drift --timeout=30s');
  await on('m2').ok(['patch', 'configmap', 'settings', '-n', 'drift', '--type=merge', '-p', '{"data":{"a":null}}']);
  await on('m2').ok('wait --for=jsonpath={.data.a}=1 configmap/settings -n drift --timeout=30s');

  await hub.ok('wait --for=condition=Available workset/drift --timeout=60s');
  const after = await conditionsOf(hub, 'work/default.drift', 'member-m2');
  expect(after.Applied).toEqual(before.Applied);
});

test('F-25, DL-20, WK-23 what kubectl scale changes is taken back; what another manager applies by force is a conflict by name', async () => {
  await on('m2').ok('scale deployment app -n drift --replicas=5');
  await on('m2').ok('wait --for=jsonpath={.spec.replicas}=2 deployment/app -n drift --timeout=30s');
  // What was taken back before is told there too, until its time is over.
  await eventually(async () => {
    const { status } = await hub.json<{ status: { manifests: { drift?: unknown }[] } }>(
      'get workreport default.drift -n member-m2',
    );
    expect(status.manifests.flatMap(({ drift }) => drift ?? [])).toContainEqual(
      expect.objectContaining({
        state: 'Repaired',
        fields: [{ path: '.spec.replicas', wanted: '2', seen: '5', manager: 'kubectl (scale)' }],
      }),
    );
    return true;
  });

  const claim = { ...deployment('drift/app', 2), spec: { replicas: 3 } };
  await on('m2').ok('apply --server-side --force-conflicts --field-manager=other -f -', { input: documents(claim) });
  const conflict = await eventually(async () => {
    const { Applied } = await conditionsOf(hub, 'work/default.drift', 'member-m2');
    return Applied?.status === 'False' && Applied.message;
  });
  expect(conflict).toBe(
    '1 of 3 manifests not applied: Deployment drift/app: other managers own fields of the manifest: ' +
      '.spec.replicas: conflict with "other"',
  );
  await on('m2').ok('apply --server-side --force-conflicts --field-manager=other -f -', {
    input: documents({ ...claim, spec: { replicas: 2 } }),
  });
  await hub.ok('wait --for=condition=Available workset/drift --timeout=60s');
});

test('BI-23, WK-15, F-24 a manifest that cannot be applied says so; the others are applied', async () => {
  const broken: Manifest[] = [
    namespace('mixed'),
    { apiVersion: 'example.com/v1', kind: 'Gadget', metadata: { name: 'g', namespace: 'mixed' } },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'mixed' }, data: {} },
    { ...deployment('mixed/typo', 1), spec: { replicas: 'three' } },
    { ...configMap('mixed/unknown-field', {}), date: {} },
    configMap('mixed/fine', { a: '1' }),
  ];
  await hub.ok('apply -f -', {
    input: documents(site('m2'), workSet({ name: 'mixed', on: 'site-m2', manifests: broken })),
  });
  const expected = [
    'True AppliedManifestComplete',
    'False UnknownKind',
    'False InvalidManifest',
    'False AppliedManifestFailed',
    'False AppliedManifestFailed',
    'True AppliedManifestComplete',
  ];
  await eventually(async () => {
    expect(await manifestsOf('default.mixed', 'm2')).toEqual(expected);
    return true;
  });
  expect(await on('m2').ok('get configmap fine -n mixed -o jsonpath={.data.a}')).toBe('1');
  const { status } = await hub.json<{ status: { clusters: unknown; problems: readonly { message: string }[] } }>(
    'get workset mixed',
  );
  expect(status.clusters).toEqual({ desired: 1, applied: 0, available: 0, failed: 1 });
  expect(status.problems.map(({ message }) => message)).toEqual([
    'manifest 1 (Gadget g): the member does not serve Gadget at example.com/v1',
  ]);

  await on('m2').ok('apply -f -', { input: documents(gadgets) });
  await on('m2').ok('wait --for=create gadgets.example.com/g -n mixed --timeout=30s');
});

test('WK-34, DL-6 a deleted WorkSet leaves nothing on its members but what it was told to leave', async () => {
  const manifests = (name: string) => [namespace(name), configMap(`${name}/c`, { a: '1' }), deployment(`${name}/d`, 1)];
  await hub.ok('apply -f -', {
    input: documents(
      site('m2'),
      workSet({ name: 'goes', on: 'site-m2', manifests: manifests('goes') }),
      workSet({ name: 'stays', on: 'site-m2', manifests: manifests('stays'), deletionPolicy: 'Orphan' }),
    ),
  });
  await hub.ok('wait --for=condition=Available workset/goes workset/stays --timeout=60s');
  const kept = ['namespace/stays', 'configmap/c', 'deployment/d'];
  const uids = await on('m2').uids(kept, 'stays');

  await hub.ok('delete workset goes stays --timeout=60s');
  expect(await worksOf(hub, 'goes')).toEqual([]);
  await on('m2').ok('wait --for=delete namespace/goes --timeout=30s');
  expect(await on('m2').uids(kept, 'stays')).toEqual(uids);
  const owners = await on('m2').ok(
    'get configmap/c deployment/d -n stays -o jsonpath={.items[*].metadata.ownerReferences}',
  );
  expect(owners).toBe('');
  expect(await on('m2').ok('get appliedworks -o name')).not.toMatch(/goes|stays/);
});

test('WK-34 a Work made by hand reaches that member alone, and its deletion takes the object back', async () => {
  await hub.ok(['apply', '-f', example('work')]);
  await hub.ok('wait --for=condition=Applied work/motd -n member-m1 --timeout=30s');
  expect(await on('m1').ok('get configmap motd -o jsonpath={.data.text}')).toBe('Only on m1');
  expect(await exists(on('m2'), 'configmap/motd')).toBe(false);

  await hub.ok('delete work motd -n member-m1 --timeout=30s');
  expect(await exists(on('m1'), 'configmap/motd')).toBe(false);
});
