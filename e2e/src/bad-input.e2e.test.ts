import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '@quarterdeck/machinery/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createToken } from './harness/agent.ts';
import { type HubProcess, startHubProcess } from './harness/hub.ts';
import { kubectl } from './harness/kubectl.ts';
import { quarterdeck, startQuarterdeck } from './harness/quarterdeck.ts';
import { tempDir } from './harness/temp-dir.ts';

/** What a user gets wrong: one line that says what to do, exit code 1, and nothing half-written. */

const cleanup = new AsyncDisposableStack();
let dir: string;
let hub: HubProcess;

beforeAll(async () => {
  dir = cleanup.use(await tempDir()).path;
  hub = cleanup.use(await startHubProcess({ dataDir: join(dir, 'hub') }));
});
afterAll(() => cleanup.disposeAsync());

/** Runs a command that must fail; its standard error. */
async function failure(...args: string[]): Promise<string> {
  const { code, stderr } = await quarterdeck(args, { timeoutMs: 30_000 });
  expect([code, stderr]).toEqual([1, expect.stringMatching(/^(quarterdeck: .+\n)+$/)]);
  return stderr;
}

const hubWith = (...args: string[]) => failure('hub', '--listen', '127.0.0.1:0', ...args);

test('a port in use: nothing is made', async () => {
  const address = new URL(hub.url).host;
  // Made here, so that others may pass through: as root the database would be kept, and left, outside of it.
  await mkdir(join(dir, 'port'));
  const said = await failure('hub', '--listen', address, '--data-dir', join(dir, 'port'));
  expect(said).toBe(`quarterdeck: ${address} is in use by another program: choose another address with --listen\n`);
  expect(await readdir(join(dir, 'port'))).toEqual([]);
});

test('a hub that is ended while it starts stops at once, without an error, and starts on the same data later', async () => {
  const dataDir = join(dir, 'ended');
  const args = ['hub', '--listen', '127.0.0.1:0', '--data-dir', dataDir];
  const ended = await startQuarterdeck({ args, logFile: `${dataDir}.log`, ready: /^$/ });
  await eventually(() => readdir(join(dataDir, 'postgres')).catch(() => undefined), { message: 'the start to begin' });
  ended.process.kill('SIGTERM');
  expect(await ended.process.exited).toBe('exit code 130');
  expect(await readFile(`${dataDir}.log`, 'utf8')).not.toContain('quarterdeck:');
  await using again = await startHubProcess({ dataDir });
  expect(again.url).toMatch(/^https:/);
});

test('a data directory that cannot be made', async () => {
  expect(await hubWith('--data-dir', '/sys/quarterdeck')).toMatch(
    /^quarterdeck: the data directory \/sys\/quarterdeck cannot be made \(E[A-Z]+\): choose another with --data-dir\n$/,
  );
});

test("a data directory that holds somebody else's kubeconfig, which stays as it is", async () => {
  const foreign = join(dir, 'with-kubeconfig');
  const kubeconfig = join(foreign, 'kubeconfig');
  await mkdir(foreign);
  await writeFile(kubeconfig, 'apiVersion: v1\nkind: Config\ncurrent-context: production\n');
  expect(await hubWith('--data-dir', foreign)).toBe(
    `quarterdeck: ${kubeconfig} is not of a hub, which would write its own there: choose another directory with --data-dir\n`,
  );
  expect([await readdir(foreign), await readFile(kubeconfig, 'utf8')]).toEqual([
    ['kubeconfig'],
    expect.stringContaining('production'),
  ]);
});

test('a data directory with files of somebody else, which stay as they are', async () => {
  const foreign = join(dir, 'foreign');
  await mkdir(join(foreign, 'postgres'), { recursive: true });
  await writeFile(join(foreign, 'postgres', 'PG_VERSION'), '9.6\n');
  expect(await hubWith('--data-dir', foreign)).toBe(
    `quarterdeck: the data directory ${foreign}/postgres holds files that are not ours (PG_VERSION): ` +
      'choose an empty one with --data-dir\n',
  );
  expect(await readdir(foreign, { recursive: true })).toEqual(['postgres', 'postgres/PG_VERSION']);
});

test('F-19 a data directory that a running hub uses', async () => {
  expect(await hubWith('--data-dir', hub.dataDir)).toContain(
    `the data directory ${hub.dataDir}/postgres is in use by the running process ${hub.pid}: stop that one first`,
  );
});

test('KA-149 a backup holds the hub that --data-dir names, also while it runs', async () => {
  const file = join(dir, 'backup');
  const { code, stdout } = await quarterdeck(['hub', 'backup', file, '--data-dir', hub.dataDir]);
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^[1-9]\d* objects written to /)]);
});

test('KA-149 a backup of a directory where no hub has been: refused, and nothing is made', async () => {
  const empty = join(dir, 'no-hub');
  await mkdir(empty);
  expect(await failure('hub', 'backup', join(empty, 'backup'), '--data-dir', empty)).toBe(
    `quarterdeck: no hub has kept its data in ${empty} so far: name the directory of the hub by --data-dir\n`,
  );
  expect(await readdir(empty)).toEqual([]);
});

test('RG-2 a token for what cannot join, or would be in no set', async () => {
  const asked = (...args: string[]) => ['token', 'create', '--kubeconfig', hub.kubeconfig, ...args];
  expect(await failure(...asked('--cluster', 'Edge_1'))).toContain('--cluster Edge_1: no cluster can have such a name');
  expect(await failure(...asked('--pattern', 'a.*'))).toContain('--pattern a.*: no cluster can have such a name');
  expect(await failure(...asked('--cluster', 'a', '--pattern', 'a*'))).toContain('and not both');
  const { code, stderr, stdout } = await quarterdeck(asked('--cluster', 'edge-1', '--cluster-set', 'none'));
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: 'Warning: there is no ClusterSet none: make it before the cluster joins, which is in no set until then\n',
  });
  expect(stdout).toContain('--cluster-name edge-1 ');
});

test('PL-34 a placement that is not there', async () => {
  const args = ['explain', 'placement', 'none', '-n', 'team-a', '--kubeconfig', hub.kubeconfig];
  expect(await failure(...args)).toBe(
    'quarterdeck: there is no Placement none in team-a: kubectl get placements -A shows those there are\n',
  );
});

test('a database URL of the wrong kind, and one where nothing answers', async () => {
  const dataDir = join(dir, 'database');
  expect(await hubWith('--data-dir', dataDir, '--database', 'mysql://db/hub')).toBe(
    'quarterdeck: --database: must be a postgres:// URL; leave it out for the embedded PostgreSQL\n',
  );
  expect(await hubWith('--data-dir', dataDir, '--database', 'postgres://u:secret@127.0.0.1:1/hub')).toMatch(
    /^quarterdeck: cannot reach PostgreSQL at 127\.0\.0\.1:1\/hub \(ECONNREFUSED\): check that it runs there/,
  );
  await expect(readdir(dataDir)).rejects.toThrow('ENOENT');
});

test('all mistakes of one command at once', async () => {
  const said = await failure('hub', '--listen', 'here', '--public-url', 'http://hub', '--log-level', 'loud');
  expect(said.split('\n').map((line) => line.split(':')[1])).toEqual([
    ' --listen',
    ' --public-url',
    ' --log-level',
    undefined,
  ]);
});

interface Joining {
  readonly name: string;
  readonly token: string;
  readonly caHash?: string;
  readonly verb?: 'join' | 'run';
}

/** The hub itself stands in for the member's cluster: nothing gets that far. */
function joining({ name, token, caHash = hub.caHash, verb = 'join' }: Joining): Promise<string> {
  return failure(
    ...['agent', verb, '--hub', hub.url, '--cluster-name', name, '--token', token, '--ca-hash', caHash],
    ...['--kubeconfig', hub.kubeconfig, '--state-dir', join(dir, `state-${name}`)],
  );
}

/** What the failed agent of this name keeps. */
async function stateOf(name: string): Promise<string[]> {
  const text = await readFile(join(dir, `state-${name}`, 'agent-state.json'), 'utf8');
  return Object.keys(JSON.parse(text) as object).sort();
}

const refusedToken =
  'quarterdeck: the hub does not accept the bootstrap token: it may be wrong, expired or spent; ask for a new one\n';

test('RG-8, BI-26 a wrong token', async () => {
  expect(await joining({ name: 'wrong', token: 'aaaaaa.0123456789abcdef' })).toBe(refusedToken);
  expect(await stateOf('wrong')).toEqual(['hubCa', 'pendingKey']);
});

test('RG-2, BI-26 an expired token', async () => {
  const { token } = await createToken({ kubeconfig: hub.kubeconfig, cluster: 'late', args: ['--ttl', '1s'] });
  const onHub = await kubectl({ kubeconfig: hub.kubeconfig, home: dir });
  const expiration = await onHub.ok(
    `get secret bootstrap-token-${token.slice(0, 6)} -n kube-system -o jsonpath={.data.expiration}`,
  );
  const leftMs = Date.parse(Buffer.from(expiration, 'base64').toString('utf8')) - Date.now();
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, leftMs) + 100));
  expect(await joining({ name: 'late', token })).toBe(refusedToken);
});

test('RG-2 a token for another cluster', async () => {
  const { token } = await createToken({ kubeconfig: hub.kubeconfig, cluster: 'this' });
  expect(await joining({ name: 'that', token })).toBe(
    'quarterdeck: the hub denied the request to join: the token is for clusters named this, not that\n',
  );
  expect(await stateOf('that')).toEqual(['hubCa']);
  const onHub = await kubectl({ kubeconfig: hub.kubeconfig, home: dir });
  expect(await onHub.ok('get memberclusters -o name')).toBe('');
});

test.each(['join', 'run'] as const)('SEC-7 agent %s never sends its token to a hub with another CA', async (verb) => {
  const { token } = await createToken({ kubeconfig: hub.kubeconfig, cluster: 'astray' });
  const caHash = `sha256:${'0'.repeat(64)}`;
  const said = await joining({ name: 'astray', token, caHash, verb });
  expect(said).toContain(`the hub at ${hub.url} shows no certificate with the CA hash ${caHash}`);
  expect(said).toContain('check --hub and --ca-hash: they stand in the join command of the hub');
  await expect(readdir(join(dir, 'state-astray'))).rejects.toThrow('ENOENT');
});
