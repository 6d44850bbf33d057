import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '@quarterdeck/machinery/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type KubeFleet, startKubeFleet } from './harness/kube-fleet.ts';
import { configMap, documents, namespace, placement, workSet } from './harness/objects.ts';
import { repository } from './harness/quarterdeck.ts';
import { run } from './harness/run.ts';

/** A Kubernetes hub that gives agents tokens of service accounts, as one has to that signs no client certificates. */

let fleet: KubeFleet;
beforeAll(async () => {
  fleet = await startKubeFleet({ m1: { tier: 'gold' } }, ['--agent-identity', 'token']);
});
afterAll(async () => {
  await fleet?.[Symbol.asyncDispose]();
});

interface State {
  readonly certificate?: string;
  readonly token?: string;
  readonly tokenAccount?: string;
}
const stateFile = () => join(fleet.dir, 'agent-m1', 'agent-state.json');
const stateOf = async () => JSON.parse(await readFile(stateFile(), 'utf8')) as State;

test('RG-7, SEC-3 on a Kubernetes hub an agent joins by a token of its own account, kept for itself, with the rights of an agent', async () => {
  const { kubectl } = fleet;
  expect((await stat(stateFile())).mode & 0o777).toBe(0o600);
  const { certificate, tokenAccount = '' } = await stateOf();
  expect([certificate, tokenAccount]).toEqual([undefined, expect.stringMatching(/^quarterdeck-agent-[0-9a-f]{20}$/)]);
  await eventually(
    async () => (await kubectl.ok('get membercluster m1 -o jsonpath={.status.agent.identity}')) === 'Token',
    { timeoutMs: 30_000 },
  );
  const agent = `system:serviceaccount:member-m1:${tokenAccount}`;
  const may = async (...what: string[]) => (await kubectl(['auth', 'can-i', ...what, '--as', agent])).stdout.trim();
  const token = (account: string, where: string) =>
    may('create', `serviceaccounts/${account}`, '--subresource=token', '-n', where);
  expect(
    await Promise.all([
      token(tokenAccount, 'member-m1'),
      token('default', 'member-m1'),
      token(tokenAccount, 'kube-system'),
      may('list', 'secrets', '-n', 'member-m1'),
      may('get', 'memberclusters.quarterdeck.dev/m1'),
      may('get', 'memberclusters.quarterdeck.dev/m2'),
      may('create', 'certificatesigningrequests.certificates.k8s.io'),
    ]),
  ).toEqual(['yes', 'no', 'no', 'no', 'yes', 'no', 'no']);
  const hub = 'system:serviceaccount:quarterdeck-system:quarterdeck-hub';
  const hubMay = await kubectl([
    'auth',
    'can-i',
    'create',
    'serviceaccounts/default',
    '--subresource=token',
    '--as',
    hub,
  ]);
  expect(hubMay.stdout.trim()).toBe('no');
});

test('RG-7, RG-20 its Works are delivered, and of a Work it changes no more than an agent with a certificate may', async () => {
  const { kubectl } = fleet;
  await kubectl.ok(['apply', '-f', `${repository}/docs/examples/binding.yaml`]);
  const manifests = [namespace('app'), configMap('app/settings', { a: '1' })];
  await kubectl.ok('apply -f -', {
    input: documents(placement('gold', { tier: 'gold' }), workSet({ name: 'app', on: 'gold', manifests })),
  });
  await kubectl.ok('wait --for=condition=Available workset/app --timeout=60s');
  expect(await fleet.member('m1').kubectl.ok('get configmap settings -n app -o jsonpath={.data.a}')).toBe('1');
  const { tokenAccount } = await stateOf();
  const work = (await kubectl.ok('get works -n member-m1 -o name')).trim();
  const as = ['--as', `system:serviceaccount:member-m1:${tokenAccount}`];
  const refused = await kubectl(['label', work, '-n', 'member-m1', 'a=b', ...as]);
  expect([refused.code, refused.stderr]).toEqual([
    1,
    expect.stringContaining('a member may change nothing of a Work but its status'),
  ]);
});

test('RG-7, RG-40 the token of a member that has left is good for nothing', async () => {
  const { kubectl } = fleet;
  const { token = '' } = await stateOf();
  const server = (await kubectl.ok('config view -o jsonpath={.clusters[0].cluster.server}')).trim();
  const ask = async () => {
    const headers = ['-H', `Authorization: Bearer ${token}`];
    const path = '/apis/quarterdeck.dev/v1alpha1/memberclusters/m1';
    return (await run('curl', ['-sk', '-o', '/dev/null', '-w', '%{http_code}', ...headers, `${server}${path}`])).stdout;
  };
  expect(await ask()).toBe('200');
  await kubectl.ok('delete workset app --timeout=60s');
  await kubectl.ok('delete membercluster m1 --timeout=60s');
  expect(await eventually(async () => ((await ask()) === '401' ? '401' : undefined), { timeoutMs: 30_000 })).toBe(
    '401',
  );
});
