import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '@quarterdeck/machinery/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AgentProcess, createToken, startAgentProcess } from './harness/agent.ts';
import { type HubProcess, startHubProcess } from './harness/hub.ts';
import { type Kubectl, kubectl } from './harness/kubectl.ts';
import { type Clusters, startClusters } from './harness/members.ts';
import { quarterdeck } from './harness/quarterdeck.ts';
import { tempDir } from './harness/temp-dir.ts';

/** Registration as an operator sees it: commands and kubectl only. */

const cleanup = new AsyncDisposableStack();
let dir: string;
let hub: HubProcess;
let clusters: Clusters;
let onHub: Kubectl;
let onMember: Kubectl;

beforeAll(async () => {
  dir = cleanup.use(await tempDir()).path;
  hub = cleanup.use(await startHubProcess({ dataDir: join(dir, 'hub') }));
  clusters = cleanup.use(await startClusters(['m1'], dir));
  onHub = await kubectl({ kubeconfig: hub.kubeconfig, home: dir });
  onMember = await kubectl({ kubeconfig: clusters.get('m1').kubeconfig, home: dir });
});
afterAll(() => cleanup.disposeAsync());

const run = (...args: string[]) => quarterdeck([...args, '--kubeconfig', hub.kubeconfig]);
const lines = (text: string) => text.trimEnd().split('\n');

test('RG-2 tokens are listed with what they are good for, never with their secret, and revoked', async () => {
  const { token } = await createToken({
    kubeconfig: hub.kubeconfig,
    cluster: 'edge-1',
    args: ['--ttl', '30m', '--cluster-set', 'default'],
  });
  const { token: open } = await createToken({
    kubeconfig: hub.kubeconfig,
    cluster: 'edge-*',
    args: ['--ttl', '24h', '--reusable', '--no-accept'],
  });
  const [id = '', secret = ''] = token.split('.');
  const { stdout } = await run('token', 'list');
  expect(lines(stdout)).toEqual([
    expect.stringMatching(/^ID +CLUSTER +SET +ACCEPTED +USED BY +EXPIRES$/),
    expect.stringMatching(new RegExp(`^${id} +edge-1 +default +by the token +one, unused +in (29m\\d+s|30m)$`)),
    expect.stringMatching(
      new RegExp(`^${open.split('.')[0]} +edge-\\* +default +by a person +any number +in (23h59m|1d)$`),
    ),
  ]);
  expect(stdout).not.toContain(secret);

  expect(await run('token', 'revoke', id)).toMatchObject({ code: 0, stdout: `token ${id} is revoked\n` });
  expect(await run('token', 'revoke', token)).toMatchObject({
    code: 1,
    stderr: `quarterdeck: there is no token ${id}: quarterdeck token list shows those there are\n`,
  });
});

test('RG-2 what cannot be is refused before a token is made', async () => {
  const create = async (...args: string[]) => (await run('token', 'create', ...args)).stderr;
  const which = 'quarterdeck: give --cluster NAME, or --pattern for several clusters, and not both\n';
  expect(await create()).toBe(which);
  expect(await create('--cluster', 'a', '--pattern', 'b')).toBe(which);
  expect(await create('--cluster', 'a', '--ttl', '60')).toContain('"60" is no duration: write for example 90s');
  expect(await create('--cluster', 'a', '--ttl', '25h')).toContain('a token lives at most 24 hours');
  expect(await create('--pattern', 'a*', '-o', 'yaml')).toContain('-o yaml is for one cluster');
  expect(await create('--cluster', 'a', '-o', 'json')).toContain('--output json: only yaml is known');
});

test('RG-9, RG-22, F-22 a cluster waits for a person, is accepted, cordoned, keeps its place while the CA is replaced, and is denied', async () => {
  const { token, trust } = await createToken({
    kubeconfig: hub.kubeconfig,
    cluster: 'm1',
    args: ['--no-accept'],
  });
  expect(await run('accept', 'm1')).toMatchObject({
    code: 1,
    stderr: 'quarterdeck: there is no MemberCluster m1: kubectl get memberclusters shows those there are\n',
  });
  const starting = startAgentProcess({
    clusterName: 'm1',
    hubUrl: hub.url,
    trust,
    token,
    kubeconfig: clusters.get('m1').kubeconfig,
    stateDir: join(dir, 'agent'),
  });
  const jsonpath = async (path: string) => (await onHub(['get', 'mc', 'm1', '-o', `jsonpath=${path}`])).stdout;
  const condition = (type: string) => jsonpath(`{.status.conditions[?(@.type=="${type}")].reason}`);
  await eventually(async () => (await condition('Accepted')) === 'AcceptancePending', {
    timeoutMs: 30_000,
    message: 'the cluster to ask',
  });
  expect(await run('accept', 'm1')).toMatchObject({ code: 0, stdout: 'membercluster m1 is accepted\n' });
  await using agent = await starting;
  await eventually(async () => (await condition('Available')) === 'Available', { timeoutMs: 30_000 });

  expect(await run('cordon', 'm1')).toMatchObject({ stdout: 'membercluster m1 is cordoned\n' });
  expect(await jsonpath('{.spec.taints[*].key}')).toBe('quarterdeck.dev/cordoned');
  expect(await run('cordon', 'm1')).toMatchObject({ code: 0 });
  expect(await jsonpath('{.spec.taints[*].key}')).toBe('quarterdeck.dev/cordoned');
  expect(await run('uncordon', 'm1')).toMatchObject({ stdout: 'membercluster m1 is uncordoned\n' });
  expect(await jsonpath('{.spec.taints}')).toBe('');

  await rotatesWithoutLosingTheMember(agent, condition);

  expect(await run('deny', 'm1')).toMatchObject({ stdout: 'membercluster m1 is denied\n' });
  await eventually(async () => (await condition('Accepted')) === 'Denied', { timeoutMs: 30_000 });
  expect(await readFile(agent.logFile, 'utf8')).not.toContain(token.split('.')[1]);
});

test.each([
  ['--label', 'a/b/c=1', 'the key must be a name, or a DNS prefix, "/" and a name'],
  ['--label', 'tier=not this', 'the value must be empty, or letters'],
  ['--cluster-set', 'No_Pe', 'no ClusterSet can have such a name'],
])('RG-2 a token that could let no cluster in is not made: %s %s', async (flag, value, says) => {
  expect(await run('token', 'create', '--cluster', 'm3', flag, value)).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringContaining(`${flag} ${value}: ${says}`),
  });
});

test('RG-2, SEC-4 the manifest of the agent is taken by a real cluster whole', async () => {
  const { stdout: yaml, code } = await run('token', 'create', '--cluster', 'm2', '-o', 'yaml');
  expect(code).toBe(0);
  const applied = await onMember('apply -f -', { input: yaml });
  // The namespace is there already: the agent that ran as a process made it for its Lease.
  const others = lines(applied.stderr).filter(
    (line) => !line.includes('resource namespaces/quarterdeck-system is missing'),
  );
  expect([applied.code, others]).toEqual([0, []]);
  expect(lines(applied.stdout).at(-1)).toBe('deployment.apps/quarterdeck-agent created');
  expect(await onMember('apply -f -', { input: yaml })).toMatchObject({ code: 0 });
});

/** RG-9: the CA is replaced under a running fleet; a step that would lose the member is refused. */
async function rotatesWithoutLosingTheMember(agent: AgentProcess, condition: (type: string) => Promise<string>) {
  const rotate = (...args: string[]) => quarterdeck(['hub', 'rotate-ca', '--data-dir', hub.dataDir, ...args]);
  const logged = async (text: string) =>
    await eventually(async () => (await readFile(agent.logFile, 'utf8')).includes(text), {
      timeoutMs: 30_000,
      message: `the agent to log: ${text}`,
    });
  expect((await rotate()).stdout).toMatch(
    /^a second CA is announced; .*\nsigning CA: sha256:[0-9a-f]{64}\nBefore the next step, make copies .*\n$/,
  );
  await logged('the hub published other CAs');
  await eventually(async () => (await rotate()).stdout.startsWith('the new CA signs'), {
    timeoutMs: 60_000,
    message: 'the agent to report that it trusts the new CA',
  });
  await eventually(async () => (await onHub.ok('get mc m1 -o name')) === 'membercluster.quarterdeck.dev/m1', {
    timeoutMs: 30_000,
    message: 'the kubeconfig of the hub to be written anew',
  });
  // The agent renews at a moment of its own: the old CA is forgotten when it has, and not a moment before.
  const [, signing] = /signing CA: (\S+)/.exec((await rotate('--status')).stdout) ?? [];
  const issuer = () => onHub.ok(['get', 'mc', 'm1', '-o', 'jsonpath={.status.agent.certificateIssuer}']);
  const before = await issuer();
  const last = await rotate();
  // It may do so while it is asked: then either is right.
  const possible = [before, await issuer()].map((seen) =>
    seen === signing
      ? [0, 'one CA signs and is trusted; nothing is under way', '']
      : [1, '', expect.stringContaining('1 members are not ready for the next step and would be lost: m1')],
  );
  expect(possible).toContainEqual([last.code, last.stdout.split('\n')[0], last.stderr]);
  expect(await condition('Available')).toBe('Available');
}
