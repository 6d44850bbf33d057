import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '@quarterdeck/machinery/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { createToken, startAgentProcess } from './harness/agent.ts';
import { type HubProcess, startHubProcess } from './harness/hub.ts';
import { type Kubectl, kubectl } from './harness/kubectl.ts';
import { startClusters } from './harness/members.ts';
import { configMap, deployment, documents, namespace, placement, workSet } from './harness/objects.ts';
import { repository } from './harness/quarterdeck.ts';
import { tempDir } from './harness/temp-dir.ts';

/** An agent with nothing but the rights of deploy/member-rights.yaml, on a real cluster. */

const cleanup = new AsyncDisposableStack();
let onHub: Kubectl;
let onMember: Kubectl;

beforeAll(async () => {
  const dir = cleanup.use(await tempDir()).path;
  const clusters = cleanup.use(await startClusters(['m1'], dir));
  const cluster = clusters.get('m1');
  const hub: HubProcess = cleanup.use(await startHubProcess({ dataDir: join(dir, 'hub') }));
  onHub = await kubectl({ kubeconfig: hub.kubeconfig, home: dir });
  onMember = await kubectl({ kubeconfig: cluster.kubeconfig, home: dir });
  await onMember.ok(['apply', '-f', join(repository, 'deploy/member-rights.yaml')]);
  const saToken = await onMember.ok('create token quarterdeck-agent -n quarterdeck-system --duration=1h');
  const { token, caHash } = await createToken({ kubeconfig: hub.kubeconfig, cluster: 'm1', labels: { tier: 'gold' } });
  cleanup.use(
    await startAgentProcess({
      clusterName: 'm1',
      hubUrl: hub.url,
      trust: ['--ca-hash', caHash],
      token,
      kubeconfig: await withToken(cluster.kubeconfig, saToken.trim(), join(dir, 'agent.kubeconfig')),
      stateDir: join(dir, 'agent'),
    }),
  );
  const binding = {
    apiVersion: 'quarterdeck.dev/v1alpha1',
    kind: 'ClusterSetBinding',
    metadata: { name: 'default' },
    spec: { clusterSet: 'default' },
  };
  await onHub.ok('apply -f -', { input: documents(binding, placement('gold', { tier: 'gold' })) });
});
afterAll(() => cleanup.disposeAsync());

async function withToken(kubeconfig: string, token: string, file: string): Promise<string> {
  const config = parse(await readFile(kubeconfig, 'utf8')) as { users: { user: unknown }[] };
  for (const user of config.users) user.user = { token };
  await writeFile(file, stringify(config), { mode: 0o600 });
  return file;
}

test('WK-41, SEC-20 the least rights are enough to deliver an app and to report the member', async () => {
  const app = workSet({
    name: 'app',
    on: 'gold',
    manifests: [namespace('app'), configMap('app/settings', { a: 'b' }), deployment('app/web', 1)],
  });
  await onHub.ok('apply -f -', { input: documents(app) });
  await onHub.ok('wait --for=condition=Available workset/app --timeout=60s');
  await onHub.ok('wait --for=condition=Available membercluster/m1 --timeout=60s');
});

test('SEC-11, WK-41 a Work that would widen rights is refused by the member and shown', async () => {
  const escalation = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'take-over' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ kind: 'ServiceAccount', name: 'default', namespace: 'default' }],
  };
  await onHub.ok('apply -f -', { input: documents(workSet({ name: 'evil', on: 'gold', manifests: [escalation] })) });
  const message = await eventually(async () => {
    const { status } = await onHub.json<{ status?: { problems?: { message: string }[] } }>('get workset evil');
    return status?.problems?.[0]?.message;
  });
  expect(message).toContain('forbidden');
  expect((await onMember('get clusterrolebinding take-over')).code).not.toBe(0);
});
