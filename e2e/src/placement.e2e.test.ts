import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '@quarterdeck/machinery/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decisionOf, worksOf } from './harness/fleet-reads.ts';
import { followGuide, guideShell, type Shell } from './harness/guide.ts';
import { type Kubectl, kubectl } from './harness/kubectl.ts';
import { documents, type Manifest } from './harness/objects.ts';
import { quarterdeck, startQuarterdeck } from './harness/quarterdeck.ts';
import { tempDir } from './harness/temp-dir.ts';

/** Placements on the demo fleet: six simulated members, everything by kubectl. */

const cleanup = new AsyncDisposableStack();
let hub: Kubectl;
let kubeconfig: string;
let shell: Shell;

beforeAll(async () => {
  const dir = cleanup.use(await tempDir()).path;
  const { process: demo } = await startQuarterdeck({
    args: ['demo', '--clusters', '6', '--port', '0'],
    cwd: dir,
    logFile: join(dir, 'demo.log'),
    ready: /The fleet is up at /,
    timeoutMs: 120_000,
  });
  cleanup.defer(() => demo.stop());
  kubeconfig = join(dir, '.quarterdeck/demo/kubeconfig');
  hub = await kubectl({ kubeconfig, home: dir });
  const guides = join(dir, 'guides');
  await mkdir(guides);
  shell = await guideShell(guides, { KUBECONFIG: kubeconfig, MEMBERS: join(dir, '.quarterdeck/demo/members') });
});
afterAll(() => cleanup.disposeAsync());

const placement = (name: string, spec: object): Manifest => ({
  apiVersion: 'quarterdeck.dev/v1alpha1',
  kind: 'Placement',
  metadata: { name, namespace: 'default' },
  spec,
});
const inTier = (tier: string) => ({ clusterSelectorTerms: [{ labelSelector: { matchLabels: { tier } } }] });
const apply = (...items: Manifest[]) => hub.ok('apply -f -', { input: documents(...items) });
const taint = (member: string, taints: object[] | null) =>
  hub.ok(['patch', 'membercluster', member, '--type=merge', '-p', JSON.stringify({ spec: { taints } })]);
/** Waits until the decision holds these clusters. */
const decided = (name: string, want: readonly string[]) =>
  eventually(async () => expect((await decisionOf(hub, name)).toSorted()).toEqual(want), { timeoutMs: 30_000 });

test.each([
  { guide: 'choose-clusters', title: 'PL-7, PL-13, PL-31 the guide to choosing clusters' },
  { guide: 'use-decisions', title: 'PD-17, PD-25 the guide to using decisions elsewhere' },
])('$title does what it says', async ({ guide }) => {
  expect(await followGuide(guide, shell)).toBeGreaterThan(1);
});

/** Of the silver ones, the cluster that `one` has, and the one that it has not. */
async function oneAndOther(): Promise<[string, string]> {
  const chosen = await eventually(async () => (await decisionOf(hub, 'one'))[0], { timeoutMs: 30_000 });
  return chosen === 'm4' ? ['m4', 'm5'] : ['m5', 'm4'];
}

describe('what moves a decision', () => {
  test('PL-20, PL-2 a label moves the decision, and the Work follows', async () => {
    const uids = () => hub.json<{ items: { metadata: { uid: string } }[] }>('get pd -l quarterdeck.dev/placement=demo');
    const [before] = (await uids()).items;
    await decided('demo', ['m1', 'm6']);
    await hub.ok('label membercluster m2 tier=gold');
    await hub.ok('label membercluster m6 tier-');
    await decided('demo', ['m1', 'm2']);
    await eventually(async () => expect(await worksOf(hub, 'demo-app')).toEqual(['member-m1', 'member-m2']), {
      timeoutMs: 30_000,
    });
    // PD-14: the slice is the same object all the time.
    expect((await uids()).items[0]?.metadata.uid).toBe(before?.metadata.uid);
  });

  test('PL-22, PL-8 an untolerated NoExecute taint swaps a cluster; without a replacement it stays, marked', async () => {
    await hub.ok('label membercluster m4 m5 tier=silver');
    await apply(placement('one', { ...inTier('silver'), numberOfClusters: 1 }));
    const [first, second] = await oneAndOther();
    await taint(first, [{ key: 'maintenance', effect: 'NoExecute' }]);
    await decided('one', [second]);
    await taint(second, [{ key: 'maintenance', effect: 'NoExecute' }]);
    const reason = '{.items[*].decisions[*].reason}';
    await eventually(
      async () =>
        expect(await hub.ok(`get pd -l quarterdeck.dev/placement=one -o jsonpath=${reason}`)).toBe('KeptTainted'),
      { timeoutMs: 30_000 },
    );
    await decided('one', [second]);
    await taint(first, null);
    await decided('one', [first]);
    await taint(second, null);
  });

  test('PL-18 a placement beside another takes the clusters that the other has not', async () => {
    await apply(
      placement('beside', {
        numberOfClusters: 1,
        ...inTier('silver'),
        placementAffinity: { otherClustersThan: ['one'] },
      }),
    );
    const [, other] = await oneAndOther();
    await decided('beside', [other]);
    await hub.ok('delete placement beside');
  });

  test('PD-14, PD-16 slices deleted by hand come back the same; those of a deleted placement go', async () => {
    const read = async () => [
      await hub.ok('get pd -l quarterdeck.dev/placement=demo -o name'),
      await decisionOf(hub, 'demo'),
    ];
    const before = await read();
    await hub.ok('delete pd -l quarterdeck.dev/placement=demo');
    await eventually(async () => expect(await read()).toEqual(before), { timeoutMs: 30_000 });
    expect(await worksOf(hub, 'demo-app')).toEqual(['member-m1', 'member-m2']);
    await hub.ok('delete placement one');
    await decided('one', []);
  });
});

test('PL-34, PL-33 explain and plan work with the rights of who asks, and say what is missing', async () => {
  const env = { PATH: process.env.PATH, KUBECONFIG: kubeconfig };
  const explained = await quarterdeck(['explain', 'placement', 'demo', '-o', 'yaml'], { env });
  expect([explained.code, explained.stderr]).toEqual([0, '']);
  expect(explained.stdout).toMatch(/clusterName: m3\n +outcome: Filtered/);
  const unknown = await quarterdeck(['explain', 'placement', 'nothing'], { env });
  expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining('nothing')]);
});

test('PL-34, PL-33 a tenant who may see a placement gets its explanation, and needs no right to the fleet', async () => {
  await hub.ok('create serviceaccount tenant');
  await hub.ok('create rolebinding tenant --clusterrole=view --serviceaccount=default:tenant');
  const path = '/apis/quarterdeck.dev/v1alpha1/namespaces/default/placements/demo/explanation';
  const as = '--as=system:serviceaccount:default:tenant';
  const explanation = JSON.parse(await hub.ok(`get --raw ${path} ${as}`)) as {
    readonly kind: string;
    readonly clusters: readonly { readonly clusterName: string }[];
  };
  expect([explanation.kind, explanation.clusters.map(({ clusterName }) => clusterName)]).toEqual([
    'PlacementExplanation',
    ['m1', 'm2', 'm3', 'm4', 'm5', 'm6'],
  ]);
  const { code } = await hub(`get memberclusters ${as}`);
  expect(code).toBe(1);
  const other = await hub(`get --raw ${path.replace('/default/', '/kube-system/')} ${as}`);
  expect([other.code, other.stderr]).toEqual([1, expect.stringContaining('orbidden')]);
});

test('BI-25, PL-5 an expression that costs too much chooses nothing, and the condition says why', async () => {
  const list = `[${Array.from({ length: 60 }, (_, index) => index).join()}]`;
  const expression = `${list}.all(a, ${list}.all(b, ${list}.all(c, a + b + c >= 0)))`;
  await apply(placement('slow', { clusterSelectorTerms: [{ expression }] }));
  await hub.ok('wait --for=condition=Satisfied=False placement/slow --timeout=30s');
  expect(await hub.ok(['get', 'placement', 'slow', '-o', 'jsonpath={.status.conditions[*].message}'])).toContain(
    'an expression yields nothing on 6 of them',
  );
});

test('BI-25 what contradicts itself is refused, with the path', async () => {
  const bad = placement('bad', { numberOfClusters: 1, minimumNumberOfClusters: 2 });
  const { code, stderr } = await hub('apply -f -', { input: documents(bad) });
  expect([code, stderr]).toEqual([1, expect.stringContaining('minimum')]);
  const cel = placement('bad', { clusterSelectorTerms: [{ expression: 'cluster.nam ==' }] });
  const refused = await hub('apply -f -', { input: documents(cel) });
  expect([refused.code, refused.stderr]).toEqual([
    1,
    expect.stringContaining('spec.clusterSelectorTerms[0].expression'),
  ]);
});
