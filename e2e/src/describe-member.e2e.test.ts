import { join } from 'node:path';
import { eventually } from '@quarterdeck/machinery/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createToken, startAgentProcess } from './harness/agent.ts';
import { type HubProcess, startHubProcess } from './harness/hub.ts';
import { type Kubectl, kubectl } from './harness/kubectl.ts';
import { type Clusters, startClusters } from './harness/members.ts';
import { quarterdeck } from './harness/quarterdeck.ts';
import { tempDir } from './harness/temp-dir.ts';

/** What `kubectl describe membercluster` tells an operator of each failure: what is wrong, and what to do. */

const cleanup = new AsyncDisposableStack();
let dir: string;
let hub: HubProcess;
let clusters: Clusters;
let onHub: Kubectl;

beforeAll(async () => {
  dir = cleanup.use(await tempDir()).path;
  hub = cleanup.use(await startHubProcess({ dataDir: join(dir, 'hub') }));
  clusters = cleanup.use(await startClusters(['m1', 'm2'], dir));
  onHub = await kubectl({ kubeconfig: hub.kubeconfig, home: dir });
});
afterAll(() => cleanup.disposeAsync());

const within = { timeoutMs: 90_000 };
/** Until the description holds all of it; lines are joined, since kubectl breaks none. */
async function describes(name: string, ...texts: string[]): Promise<string> {
  let seen = '';
  await eventually(
    async () => {
      seen = await onHub.ok(['describe', 'membercluster', name]);
      return texts.every((text) => seen.includes(text));
    },
    { ...within, message: `describe ${name} to say ${texts.join(' | ')}` },
  ).catch((cause: unknown) => {
    throw new Error(`describe ${name} says:\n${seen}`, { cause });
  });
  return seen;
}

/** A member without a cluster: what its agent would say is said by an administrator. */
async function silentMember(name: string): Promise<void> {
  const spec = { acceptance: 'Accepted', clusterSet: 'default' };
  const object = { apiVersion: 'quarterdeck.dev/v1alpha1', kind: 'MemberCluster', metadata: { name }, spec };
  await onHub.ok('apply -f -', { input: JSON.stringify(object) });
  await eventually(async () => (await onHub(['get', 'namespace', `member-${name}`])).code === 0, within);
}
const report = (name: string, status: object) =>
  onHub.ok(['patch', 'membercluster', name, '--subresource=status', '--type=merge', '-p', JSON.stringify({ status })]);
const beat = (name: string) => {
  const renewTime = `${new Date().toISOString().slice(0, -1)}000Z`;
  const lease = {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: 'quarterdeck-agent', namespace: `member-${name}` },
    spec: { holderIdentity: name, leaseDurationSeconds: 40, renewTime },
  };
  return onHub.ok('apply -f -', { input: JSON.stringify(lease) });
};

test('RG-3, RG-5 one that waits, one that was denied, and one that never came', async () => {
  const { token, trust } = await createToken({ kubeconfig: hub.kubeconfig, cluster: 'm1', args: ['--no-accept'] });
  const starting = startAgentProcess({
    clusterName: 'm1',
    hubUrl: hub.url,
    trust,
    token,
    kubeconfig: clusters.get('m1').kubeconfig,
    stateDir: join(dir, 'agent'),
  });
  await describes(
    'm1',
    'somebody has to decide: quarterdeck accept m1, or quarterdeck deny m1',
    'it is forgotten 24 hours after it last asked',
    'AcceptancePending',
  );
  await onHub.ok(['patch', 'mc', 'm1', '--type=merge', '-p', '{"spec":{"acceptance":"Accepted"}}']);
  cleanup.use(await starting);
  await describes('m1', 'Reason:                Available');
  await onHub.ok(['patch', 'mc', 'm1', '--type=merge', '-p', '{"spec":{"acceptance":"Denied"}}']);
  await describes('m1', 'spec.acceptance is Denied: the agent is cut off; to let it in again: quarterdeck accept m1');
  await onHub.ok(['patch', 'mc', 'm1', '--type=merge', '-p', '{"spec":{"acceptance":"Accepted"}}']);
  await describes('m1', 'Reason:                Available');

  await silentMember('never');
  await describes(
    'never',
    'the agent has not reported yet: see its log; a token for it comes from: quarterdeck token create --cluster never',
  );
}, 240_000);

test('RG-4 another cluster under the name, and what to do when it is meant to be there', async () => {
  const { text } = await createToken({ kubeconfig: hub.kubeconfig, cluster: 'm1' });
  const [, ...join_] = text.trim().split(' ');
  const { code, stderr } = await quarterdeck([
    ...join_,
    ...['--kubeconfig', clusters.get('m2').kubeconfig, '--state-dir', join(dir, 'other')],
  ]);
  expect([code, stderr]).toEqual([1, expect.stringContaining('another cluster is registered as MemberCluster m1')]);
  await describes(
    'm1',
    'JoinRefused',
    'another cluster is registered as MemberCluster m1; to let this one take the name over: kubectl annotate membercluster m1 --overwrite quarterdeck.dev/replace-by=',
  );
}, 120_000);

test('RG-30, RG-8 one that fell silent, one whose certificate has expired, and one that is not well', async () => {
  for (const name of ['silent', 'expired', 'ill']) await silentMember(name);
  const healthy = (status: string, reason: string, message: string) => ({
    conditions: [{ type: 'ControlPlaneHealthy', status, reason, message, lastTransitionTime: '2026-01-01T00:00:00Z' }],
  });
  await report('silent', healthy('True', 'Healthy', ''));
  await report('expired', {
    ...healthy('True', 'Healthy', ''),
    agent: { certificateExpires: '2026-01-01T00:00:00Z' },
  });
  await report('ill', healthy('False', 'Unhealthy', '/readyz of the member: etcd failed'));
  for (const name of ['silent', 'expired', 'ill']) await beat(name);
  await describes('ill', 'ControlPlaneNotHealthy', '/readyz of the member: etcd failed');
  await describes(
    'silent',
    'LeaseExpired',
    'see whether it runs and reaches the hub; what runs on the cluster stays; if the cluster is gone for good: kubectl delete membercluster silent',
    'Lost',
  );
  await describes(
    'expired',
    'its certificate expired at 2026-01-01T00:00:00Z: give it a new token in its --token-file, made by: quarterdeck token create --cluster expired',
  );
}, 240_000);

test('RG-40, RG-41 one whose leaving waits for an agent that does not come', async () => {
  const work = {
    apiVersion: 'multicluster.x-k8s.io/v1alpha1',
    kind: 'Work',
    metadata: { name: 'w', namespace: 'member-never', finalizers: ['multicluster.x-k8s.io/work-cleanup'] },
    spec: { workload: { manifests: [] } },
  };
  await onHub.ok('apply -f -', { input: JSON.stringify(work) });
  await onHub.ok('delete mc never --wait=false');
  await describes(
    'never',
    'WithdrawingWorks',
    'waiting for the agent to let go of 1 Works, now w; if the cluster will not answer again: kubectl annotate membercluster never quarterdeck.dev/force-removal=true',
  );
  await onHub.ok('annotate mc never quarterdeck.dev/force-removal=true');
  await eventually(async () => (await onHub('get mc never')).code !== 0, within);
}, 120_000);
