import { readFile } from 'node:fs/promises';
import { ConfigMap } from '@quarterdeck/apis';
import { createHttpClient, type HttpClient, loadKubeconfig } from '@quarterdeck/machinery';
import { eventually } from '@quarterdeck/machinery/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Fleet, startFleet } from './harness/fleet.ts';
import { databasePid } from './harness/hub.ts';
import type { Kubectl } from './harness/kubectl.ts';
import { configMap, deployment, documents, type Manifest, namespace, placement, workSet } from './harness/objects.ts';
import { repository } from './harness/quarterdeck.ts';

/** Every part is killed while it works. Each time all converges unaided and no object on a member is made anew. */

const cleanup = new AsyncDisposableStack();
let fleet: Fleet;
/** On the hub. */
let hub: Kubectl;
let uids: string[];

const steady = (version: string) =>
  workSet({
    name: 'steady',
    on: 'both',
    manifests: [namespace('steady'), configMap('steady/settings', { version }), deployment('steady/app', 2)],
  });
const many = (name: string, count = 40): Manifest[] => [
  namespace(name),
  ...Array.from({ length: count }, (_, index) => configMap(`${name}/c${index}`, { index: `${index}` })),
];

beforeAll(async () => {
  fleet = cleanup.use(await startFleet({ m1: { fleet: 'e2e' }, m2: { fleet: 'e2e' } }));
  hub = fleet.kubectl;
  await hub.ok(['apply', '-f', `${repository}/docs/examples/binding.yaml`]);
  await hub.ok('apply -f -', { input: documents(placement('both', { fleet: 'e2e' }), steady('0')) });
  await available('steady');
  uids = await steadyUids();
});
afterAll(() => cleanup.disposeAsync());

const available = (name: string) => hub.ok(`wait --for=condition=Available workset/${name} --timeout=90s`);

/** Of what stands on both members since the beginning. */
async function steadyUids(): Promise<string[]> {
  const names = ['configmap/settings', 'deployment/app', 'namespace/steady'];
  const each = await Promise.all(fleet.members.map((member) => member.kubectl.uids(names, 'steady')));
  return each.flat();
}

/** How many ConfigMaps of ours a namespace of a member holds. */
async function applied(kubectl: Kubectl, where: string): Promise<number> {
  const names = await kubectl.ok([
    'get',
    'configmaps',
    '-n',
    where,
    '-l',
    'quarterdeck.dev/applied-work',
    '-o',
    'name',
  ]);
  return names.split('\n').filter((name) => name !== '').length;
}

/** What was there stands untouched, what was asked meanwhile is there, and a new change goes through. */
async function expectConverged(meanwhile: string, count = 40): Promise<void> {
  await available(meanwhile);
  for (const { kubectl } of fleet.members) expect(await applied(kubectl, meanwhile)).toBe(count);
  await hub.ok('apply -f -', { input: documents(steady(meanwhile)) });
  await Promise.all(
    fleet.members.map(({ kubectl }) =>
      kubectl.ok(`wait --for=jsonpath={.data.version}=${meanwhile} configmap/settings -n steady --timeout=30s`),
    ),
  );
  expect(await steadyUids()).toEqual(uids);
}

test('F-1, RL-1 the hub is killed under way: what it acknowledged stands, its orphaned database is stopped', async () => {
  await hub.ok('apply -f -', { input: documents(workSet({ name: 'hub', on: 'both', manifests: many('hub') })) });
  const orphan = await databasePid(fleet.hub.dataDir);
  await fleet.hub.kill('SIGKILL');
  expect(await isAlive(orphan)).toBe(true);

  await fleet.hub.restart();
  expect(await isAlive(orphan)).toBe(false);
  await expectConverged('hub');
});

test('F-17 an agent is killed between two objects: it resumes, nothing is made twice', async () => {
  const [member] = fleet.members;
  if (member === undefined) throw new Error('no members');
  // Seen by a watch that is open before: a command would take as long to start as the agent to finish.
  await using client = createHttpClient(await loadKubeconfig({ path: member.cluster.kubeconfig }));
  const first = await firstOf(client, 'agent');
  await hub.ok('apply -f -', {
    input: documents(workSet({ name: 'agent', on: 'both', manifests: many('agent', 900) })),
  });
  await first.seen;
  await member.agent.kill('SIGKILL');
  const [before] = await member.kubectl.uids(['configmap/c0'], 'agent');
  expect(await applied(member.kubectl, 'agent')).toBeLessThan(900);

  await member.agent.restart();
  await expectConverged('agent', 900);
  expect(await member.kubectl.uids(['configmap/c0'], 'agent')).toEqual([before]);
});

test('F-3 the embedded database is killed: the same hub goes on with a new one', async () => {
  const { pid } = fleet.hub;
  const killed = await databasePid(fleet.hub.dataDir);
  await hub.ok('apply -f -', {
    input: documents(workSet({ name: 'database', on: 'both', manifests: many('database') })),
  });
  process.kill(killed, 'SIGKILL');

  const answered = await eventually(
    async () => {
      const { code } = await hub('annotate workset database touched=yes --overwrite');
      return code === 0;
    },
    { timeoutMs: 30_000 },
  );
  expect(answered).toBe(true);
  expect(await databasePid(fleet.hub.dataDir)).not.toBe(killed);
  await expectConverged('database');
  expect(fleet.hub.pid).toBe(pid);
});

test('F-23 the API server of a member is killed: its Works wait, and are done when it is back', async () => {
  const [member] = fleet.members;
  if (member === undefined) throw new Error('no members');
  await member.cluster.killApiServer();
  await hub.ok('apply -f -', { input: documents(workSet({ name: 'member', on: 'both', manifests: many('member') })) });
  await hub.ok('wait --for=create work/default.member -n member-m2 --timeout=30s');
  await hub.ok('wait --for=condition=Applied work/default.member -n member-m2 --timeout=30s');

  await member.cluster.startApiServer();
  await expectConverged('member');
});

/** Follows the ConfigMaps of a namespace that is still to come; `seen` resolves with the first c0 there. */
async function firstOf(client: HttpClient, namespace: string): Promise<{ readonly seen: Promise<void> }> {
  const opened = Promise.withResolvers<void>();
  const options = {
    namespace,
    fieldSelector: 'metadata.name=c0',
    sendInitialEvents: true,
    resourceVersionMatch: 'NotOlderThan',
    allowWatchBookmarks: true,
    timeoutSeconds: 300,
  } as const;
  const seen = (async () => {
    for await (const event of client.watch(ConfigMap, options)) {
      if (event.type !== 'BOOKMARK') return;
      opened.resolve();
    }
    throw new Error(`the watch of namespace ${namespace} ended`);
  })();
  seen.catch(opened.reject);
  await opened.promise;
  return { seen };
}

/** Ended processes that nobody has waited for do not count. Linux only, like the rest of this tier. */
async function isAlive(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => 'State:\tX');
  return !/^State:\s+[XZ]/m.test(status);
}
