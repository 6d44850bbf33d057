import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  playPolicyVerdict,
  playVerdict,
  policyUser,
  policyVerdicts,
  rolesFor,
  verdicts,
} from '@quarterdeck/apis/testing';
import { buildKubeconfig } from '@quarterdeck/machinery';
import { eventually } from '@quarterdeck/machinery/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createToken, startAgentProcess } from './harness/agent.ts';
import { conditionsOf, decisionOf, exists, worksOf } from './harness/fleet-reads.ts';
import { type HubProcess, startHubProcess } from './harness/hub.ts';
import { type Kubectl, kubectl } from './harness/kubectl.ts';
import { type Clusters, startClusters } from './harness/members.ts';
import { configMap, deployment, documents, namespace, placement, workSet } from './harness/objects.ts';
import { quarterdeck, repository, startQuarterdeck } from './harness/quarterdeck.ts';
import { run } from './harness/run.ts';
import { sender } from './harness/send.ts';
import { tempDir } from './harness/temp-dir.ts';
import { loopbackCertificate } from './kube/kubelet-stub.ts';
import { freePorts } from './kube/ports.ts';
import { commandLineTools } from './kube/tools.ts';

/** The same fleet with a real kube-apiserver as its hub; and the same verdicts there and on our own server. */

const cleanup = new AsyncDisposableStack();
let dir: string;
let clusters: Clusters;
/** On the Kubernetes hub. */
let hub: Kubectl;
let own: HubProcess;
/** The port of the hub program beside the Kubernetes hub. */
let doors: { readonly url: string; readonly certFile: string };

beforeAll(async () => {
  dir = cleanup.use(await tempDir()).path;
  clusters = cleanup.use(await startClusters(['hub', 'm1'], dir));
  hub = await kubectl({ kubeconfig: clusters.get('hub').kubeconfig, home: dir });
  const [port = 0] = await freePorts(1);
  const { keyFile, certFile } = await loopbackCertificate(dir, 'doors');
  doors = { url: `https://127.0.0.1:${port}`, certFile };
  const { process } = await startQuarterdeck({
    args: [
      ...['hub', '--kubeconfig', clusters.get('hub').kubeconfig, '--listen', `127.0.0.1:${port}`],
      ...['--public-url', doors.url, '--tls-cert-file', certFile, '--tls-key-file', keyFile],
    ],
    logFile: join(dir, 'hub.log'),
    ready: /hub controllers run against /,
  });
  cleanup.defer(() => process.stop());
  own = cleanup.use(await startHubProcess({ dataDir: join(dir, 'own') }));
});
afterAll(() => cleanup.disposeAsync());

interface Crd {
  readonly metadata: { readonly name: string };
  readonly status: { readonly conditions: readonly { readonly type: string; readonly status: string }[] };
}
interface Policy {
  readonly metadata: { readonly name: string };
  readonly status?: {
    readonly typeChecking?: { readonly expressionWarnings?: readonly unknown[] };
    readonly observedGeneration?: number;
  };
}

test('KA-96 the kinds install on a real kube-apiserver without a complaint', async () => {
  const { items } = await hub.json<{ items: readonly Crd[] }>('get crds -l app.kubernetes.io/managed-by=quarterdeck');
  expect(items.length).toBeGreaterThan(8);
  const wanted = { Established: 'True', NamesAccepted: 'True' };
  for (const { metadata, status } of items) {
    const { KubernetesAPIApprovalPolicyConformant: approval, ...conditions } = Object.fromEntries(
      status.conditions.map(({ type, status }) => [type, status]),
    );
    expect([metadata.name, conditions, approval ?? 'True']).toEqual([metadata.name, wanted, 'True']);
  }
});

test('DL-32 the admission policies type-check there without a warning', async () => {
  const checked = await eventually(
    async () => {
      const { items } = await hub.json<{ items: readonly Policy[] }>('get validatingadmissionpolicies');
      return items.length > 0 && items.every(({ status }) => status?.typeChecking !== undefined) && items;
    },
    { timeoutMs: 60_000 },
  );
  expect(
    checked.flatMap(
      ({ metadata, status }) => status?.typeChecking?.expressionWarnings?.map((each) => [metadata.name, each]) ?? [],
    ),
  ).toEqual([]);
});

test("WK-2 a Work in a namespace that is no member's is taken with the same warning there and on our server", async () => {
  const input = documents({
    apiVersion: 'multicluster.x-k8s.io/v1alpha1',
    kind: 'Work',
    metadata: { name: 'lost', namespace: 'default' },
    spec: { workload: { manifests: [configMap('app/settings', { a: '1' })] } },
  });
  for (const at of [hub, await kubectl({ kubeconfig: own.kubeconfig, home: join(dir, 'own-home') })]) {
    const said = await eventually(
      async () => {
        const { code, stderr } = await at('create --dry-run=server -f -', { input });
        return code === 0 && stderr !== '' && stderr;
      },
      { timeoutMs: 60_000, message: 'the policy to act' },
    );
    expect(said).toContain('the namespace default belongs to no member cluster, so no agent applies this Work');
  }
});

test('RG-1, RG-7 a member joins a Kubernetes hub, and the path from placement to object works there', async () => {
  const { kubeconfig, url } = clusters.get('hub');
  const { token, trust } = await createToken({ kubeconfig, cluster: 'm1', labels: { tier: 'gold' } });
  // It shows its own certificate alone, so no agent could learn the CA by a hash. RG-53
  expect(trust[0]).toBe('--ca-data');
  const agent = await startAgentProcess({
    clusterName: 'm1',
    hubUrl: url,
    trust,
    token,
    kubeconfig: clusters.get('m1').kubeconfig,
    stateDir: join(dir, 'agent-m1'),
    args: ['--tunnel', '--tunnel-url', doors.url, '--tunnel-ca-file', doors.certFile],
  });
  cleanup.defer(() => agent[Symbol.asyncDispose]());
  await hub.ok('wait --for=condition=Available membercluster/m1 --timeout=60s');

  const member = await kubectl({ kubeconfig: clusters.get('m1').kubeconfig, home: join(dir, 'm1') });
  const manifests = [namespace('app'), configMap('app/settings', { a: '1' }), deployment('app/web', 2)];
  await hub.ok(['apply', '-f', `${repository}/docs/examples/binding.yaml`]);
  await hub.ok('apply -f -', {
    input: documents(placement('gold', { tier: 'gold' }), workSet({ name: 'app', on: 'gold', manifests })),
  });
  await hub.ok('wait --for=condition=Available workset/app --timeout=60s');
  expect(await decisionOf(hub, 'gold')).toEqual(['m1']);
  expect(await worksOf(hub, 'app')).toEqual(['member-m1']);
  expect((await conditionsOf(hub, 'placement/gold')).Satisfied).toMatchObject({ status: 'True', reason: 'Satisfied' });
  expect(await member.ok('get deployment web -n app -o jsonpath={.status.readyReplicas}')).toBe('2');

  await hub.ok('delete workset app --timeout=60s');
  expect(await worksOf(hub, 'app')).toEqual([]);
  await member.ok('wait --for=delete namespace/app --timeout=30s');
  expect(await exists(member, 'deployment/web', 'app')).toBe(false);
});

describe('what CRDs cannot have', () => {
  let file: string;
  let through: Kubectl;

  test('RG-53 quarterdeck kubeconfig reaches the member by the port of the hub program', async () => {
    const { kubeconfig } = clusters.get('hub');
    const onMember = await kubectl({ kubeconfig: clusters.get('m1').kubeconfig, home: join(dir, 'm1') });
    await onMember.ok(['apply', '-f', join(repository, 'deploy/member-tunnel.yaml')]);
    await onMember.ok('create clusterrolebinding hub-admin --clusterrole=view --user=quarterdeck:admin');
    file = join(dir, 'through.kubeconfig');
    await eventually(
      async () => (await quarterdeck(['kubeconfig', 'm1', '--kubeconfig', kubeconfig, '-o', file])).code === 0,
      {
        timeoutMs: 60_000,
        message: 'the profile to name the port',
      },
    );
    through = await kubectl({ kubeconfig: file, home: join(dir, 'through') });
    await eventually(async () => (await through('get --raw /version')).code === 0, { timeoutMs: 60_000 });
    expect(await through.ok('get namespace default -o name')).toBe('namespace/default');
    const refused = await through('create namespace other');
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringContaining('User "quarterdeck:admin" cannot create'),
    ]);
  });

  test('RG-50, RG-53 rights are those of the Kubernetes hub, and who loses them has open streams cut', async () => {
    const metadata = { name: 'reacher', namespace: 'default' };
    await hub.ok('apply -f -', { input: documents({ apiVersion: 'v1', kind: 'ServiceAccount', metadata }) });
    const token = await hub.ok(['create', 'token', 'reacher', '--audience', 'quarterdeck.dev/memberclusters/m1/proxy']);
    const onMember = await kubectl({ kubeconfig: clusters.get('m1').kubeconfig, home: join(dir, 'm1') });
    const user = 'system:serviceaccount:default:reacher';
    await onMember.ok(`create clusterrolebinding reacher --clusterrole=view --user=quarterdeck:${user}`);
    const { kubectl: program } = await commandLineTools('v35');
    const config = buildKubeconfig({
      server: (await through.ok('config view -o jsonpath={.clusters[0].cluster.server}')).trim(),
      caPem: await readFile(doors.certFile, 'utf8'),
      user: { token },
    });
    const ownFile = join(dir, 'reacher.kubeconfig');
    await writeFile(ownFile, config, { mode: 0o600 });
    const reacher = await kubectl({ kubeconfig: ownFile, home: join(dir, 'reacher') });
    const refused = await reacher('get --raw /version');
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringContaining('cannot get resource "memberclusters/proxy"'),
    ]);
    await hub.ok(
      'create clusterrole reach --verb=get --resource=memberclusters.quarterdeck.dev/proxy --resource-name=m1',
    );
    await hub.ok('create clusterrolebinding reach --clusterrole=reach --serviceaccount=default:reacher');
    await eventually(async () => (await reacher('get --raw /version')).code === 0, { timeoutMs: 30_000 });
    const watching = spawn(program, ['--kubeconfig', ownFile, 'get', 'namespaces', '-w', '-o', 'name'], {
      env: { HOME: join(dir, 'reacher') },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    cleanup.defer(() => void watching.kill('SIGKILL'));
    let seen = '';
    watching.stdout.on('data', (bytes: Buffer) => {
      seen += bytes.toString('utf8');
    });
    const ended = new Promise<true>((resolve) => watching.once('close', () => resolve(true)));
    await eventually(() => seen.includes('namespace/default'), { timeoutMs: 30_000 });
    await hub.ok('delete clusterrolebinding reach');
    expect(await ended).toBe(true);
  });

  test('RG-53, RG-51, PL-34 tokens of the member and explanations come by that port, under the rights of the Kubernetes hub', async () => {
    const onMember = await kubectl({ kubeconfig: clusters.get('m1').kubeconfig, home: join(dir, 'm1') });
    await onMember.ok('create serviceaccount reader');
    const policy = { 'policy.yaml': 'tokens: [{ namespace: default, name: reader }]' };
    const metadata = { name: 'quarterdeck-tunnel', namespace: 'quarterdeck-system' };
    await onMember.ok('apply -f -', {
      input: documents({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: policy }),
    });
    const ask = async (token: string, path: string, ...how: string[]) => {
      const headers = ['-H', `Authorization: Bearer ${token}`, '-H', 'Content-Type: application/json'];
      const url = `${doors.url}/apis/quarterdeck.dev/v1alpha1/${path}`;
      return JSON.parse((await run('curl', ['-sk', ...headers, ...how, url])).stdout) as Record<string, unknown>;
    };
    const { token } = clusters.get('hub');
    const wanted = ['-d', JSON.stringify({ spec: { serviceAccount: { namespace: 'default', name: 'reader' } } })];
    const answer = await eventually(
      async () => {
        const { status } = await ask(token, 'memberclusters/m1/token', ...wanted);
        return typeof status === 'object' && (status as { token: string });
      },
      { timeoutMs: 60_000, message: 'the agent to read its policy' },
    );
    const whoami = await onMember.ok([
      'auth',
      'whoami',
      '--token',
      answer.token,
      '-o',
      'jsonpath={.status.userInfo.username}',
    ]);
    expect(whoami).toBe('system:serviceaccount:default:reader');
    expect(await ask(token, 'namespaces/default/placements/gold/explanation')).toMatchObject({
      kind: 'PlacementExplanation',
      satisfied: true,
      clusters: [{ clusterName: 'm1' }],
    });
    const nobody = await hub.ok(['create', 'token', 'default']);
    expect(await ask(nobody.trim(), 'memberclusters/m1/token', ...wanted)).toMatchObject({ code: 403 });
    expect(await ask(nobody.trim(), 'namespaces/default/placements/gold/explanation')).toMatchObject({ code: 403 });
    const reviewer = 'system:serviceaccount:quarterdeck-system:quarterdeck-hub';
    expect(await hub.ok(['auth', 'can-i', 'create', 'subjectaccessreviews', '--as', reviewer])).toMatch(/^yes/);
  });

  test('RG-53, SEC-5 the port serves nothing else, and nobody without a credential', async () => {
    const ask = async (path: string, headers: readonly string[] = []) =>
      (await run('curl', ['-sk', '-o', '/dev/null', '-w', '%{http_code}', ...headers, `${doors.url}${path}`])).stdout;
    expect(await Promise.all(['/healthz', '/api/v1/namespaces', '/'].map((path) => ask(path)))).toEqual([
      '200',
      '404',
      '404',
    ]);
    const proxy = '/apis/quarterdeck.dev/v1alpha1/memberclusters/m1/proxy/version';
    expect(await ask(proxy)).toBe('401');
    expect(await ask(proxy, ['-H', 'Authorization: Bearer x.y.z'])).toBe('401');
    expect(await ask(proxy, ['-H', 'Impersonate-User: admin'])).toBe('400');
  });
});

/** Takes the Lease away, so that no controller of the fleet touches what a verdict has made. */
async function pauseControllers(admin: Kubectl, logFile: string): Promise<void> {
  const body = JSON.stringify({ spec: { holderIdentity: 'nobody', leaseDurationSeconds: 3600 } });
  await admin.ok(['patch', 'lease', 'quarterdeck-hub', '-n', 'quarterdeck-system', '--type=merge', '-p', body]);
  await eventually(async () => (await readFile(logFile, 'utf8')).includes('"lease lost"'), {
    message: 'the hub to notice that it leads no more',
  });
}

describe.each(['a real kube-apiserver', 'our server'] as const)('verdicts on %s', (which) => {
  const where = 'verdicts';
  let kubeconfig: string;
  let admin: Kubectl;

  beforeAll(async () => {
    const isOurs = which === 'our server';
    kubeconfig = isOurs ? own.kubeconfig : clusters.get('hub').kubeconfig;
    admin = await kubectl({ kubeconfig, home: join(dir, isOurs ? 'home-own' : 'home-kube') });
    await admin.ok(`create namespace ${where}`);
    await pauseControllers(admin, isOurs ? own.logFile : join(dir, 'hub.log'));
  });

  test('KA-94, KA-97, KA-104 every object of the table is accepted or refused, with the same causes', async () => {
    const send = await sender(kubeconfig);
    const problems: string[] = [];
    for (const verdict of verdicts) {
      for (const problem of await playVerdict(verdict, where, send)) problems.push(`${verdict.name}: ${problem}`);
    }
    expect(problems).toEqual([]);
  });

  test('DL-32 every write of the policy table is allowed or refused, in the same words', async () => {
    await admin.ok('apply -f -', { input: documents(...policyVerdicts.flatMap((verdict) => rolesFor(verdict))) });
    const problems: string[] = [];
    const asAdmin = await sender(kubeconfig);
    for (const verdict of policyVerdicts) {
      const user = await sender(kubeconfig, policyUser(verdict));
      for (const problem of await playPolicyVerdict(verdict, where, { admin: asAdmin, user })) {
        problems.push(`${verdict.name}: ${problem}`);
      }
    }
    expect(problems).toEqual([]);
  });
});
