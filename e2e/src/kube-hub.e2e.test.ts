import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  playPolicyVerdict,
  playVerdict,
  policyUser,
  policyVerdicts,
  rolesFor,
  verdicts,
} from '@quarterdeck/apis/testing';
import { eventually } from '@quarterdeck/machinery/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createToken, startAgentProcess } from './harness/agent.ts';
import { conditionsOf, decisionOf, exists, worksOf } from './harness/fleet-reads.ts';
import { type HubProcess, startHubProcess } from './harness/hub.ts';
import { type Kubectl, kubectl } from './harness/kubectl.ts';
import { type Clusters, startClusters } from './harness/members.ts';
import { configMap, deployment, documents, namespace, placement, workSet } from './harness/objects.ts';
import { repository, startQuarterdeck } from './harness/quarterdeck.ts';
import { sender } from './harness/send.ts';
import { tempDir } from './harness/temp-dir.ts';

/** The same fleet with a real kube-apiserver as its hub; and the same verdicts there and on our own server. */

const cleanup = new AsyncDisposableStack();
let dir: string;
let clusters: Clusters;
/** On the Kubernetes hub. */
let hub: Kubectl;
let own: HubProcess;

beforeAll(async () => {
  dir = cleanup.use(await tempDir()).path;
  clusters = cleanup.use(await startClusters(['hub', 'm1'], dir));
  hub = await kubectl({ kubeconfig: clusters.get('hub').kubeconfig, home: dir });
  const { process } = await startQuarterdeck({
    args: ['hub', '--kubeconfig', clusters.get('hub').kubeconfig],
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

test('RG-1, RG-7 a member joins a Kubernetes hub, and the path from placement to object works there', async () => {
  const { kubeconfig, url, caFile } = clusters.get('hub');
  const { token } = await createToken({ kubeconfig, cluster: 'm1', labels: { tier: 'gold' } });
  const agent = await startAgentProcess({
    clusterName: 'm1',
    hubUrl: url,
    trust: ['--ca-file', caFile],
    token,
    kubeconfig: clusters.get('m1').kubeconfig,
    stateDir: join(dir, 'agent-m1'),
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
