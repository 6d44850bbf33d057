import {
  apiVersionOf,
  CertificateSigningRequest,
  type KubeObject,
  Lease,
  MemberCluster,
  memberLeaseName,
  memberNamespaceName,
  memberSignerName,
  memberUserName,
  type ResourceType,
  Work,
  WorkReport,
} from '@quarterdeck/apis';
import { createHttpClient, type HttpClient } from '@quarterdeck/machinery';
import { eventually } from '@quarterdeck/machinery/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clientOfAgent, isAvailable, type JoinedAgent, startTestFleet, type TestFleet } from './testing/fleet.ts';

/** What somebody with the stolen credential of the agent of m1 may try where RBAC lets him. */

let fleet: TestFleet;
let stolen: JoinedAgent;
let thief: HttpClient;
beforeAll(async () => {
  fleet = await startTestFleet(['m1', 'm2', 'twin-a', 'twin-b']);
  stolen = await fleet.join('m1');
  await fleet.join('m2');
  await isAvailable(fleet.admin, 'm1');
  await isAvailable(fleet.admin, 'm2');
  thief = await clientOfAgent(fleet.hub, stolen);
});
afterAll(async () => {
  await thief[Symbol.asyncDispose]();
  await fleet[Symbol.asyncDispose]();
});

const namespace = memberNamespaceName('m1');
const outcome = (call: Promise<unknown>) =>
  call.then(
    () => 'allowed',
    (error: { code?: number }) => error.code,
  );
/** Of an object what its agent has no say in. */
const decided = ({ metadata, ...object }: KubeObject) => {
  const { labels, annotations, finalizers, ownerReferences, generation } = metadata;
  return { labels, annotations, finalizers, ownerReferences, generation, spec: (object as { spec?: unknown }).spec };
};
const taken = {
  labels: { tier: 'gold' },
  annotations: { 'quarterdeck.dev/accepted-by': 'me', 'quarterdeck.dev/force-removal': 'true' },
  finalizers: ['example.com/held'],
  ownerReferences: [{ apiVersion: 'v1', kind: 'Namespace', name: 'gone', uid: 'gone' }],
};

test('RG-20, SEC-10 by a status an agent changes nothing else, neither of its registration nor of a Work, and not in the name of the hub', async () => {
  const work = { namespace, name: 'w' };
  const manifest = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'default' } };
  const spec = { workload: { manifests: [manifest] } };
  await fleet.admin.create(Work, { apiVersion: apiVersionOf(Work), kind: Work.kind, metadata: work, spec } as Work);
  const targets: [ResourceType, { namespace?: string; name: string }, Record<string, unknown>][] = [
    [MemberCluster, { name: 'm1' }, { acceptance: 'Denied', clusterSet: 'other', deletionPolicy: 'Delete' }],
    [Work, work, { workload: { manifests: [] } }],
  ];
  await eventually(async () => (await fleet.admin.get(Work, work)).metadata.finalizers?.length === 1);
  for (const [type, ref, changed] of targets) {
    const before = decided(await fleet.admin.get(type, ref));
    const how = { subresource: 'status', fieldManager: 'quarterdeck-hub' };
    const body = { metadata: taken, spec: changed };
    expect(await outcome(thief.patch(type, ref, { type: 'merge', body }, how))).toBe('allowed');
    const frame = { apiVersion: apiVersionOf(type), kind: type.kind };
    const applied = { ...frame, metadata: { ...ref, ...taken }, spec: changed } as KubeObject;
    await outcome(thief.apply(type, applied, { ...how, force: true }));
    expect(decided(await fleet.admin.get(type, ref))).toEqual(before);
  }
});

test('RG-20, SEC-6 an agent acts as nobody else', async () => {
  const { certificate = '', key = '' } = await stolen.store.load();
  const uid = (await fleet.admin.get(MemberCluster, { name: 'm2' })).status?.clusterUID ?? '';
  const as = async (user: string, groups?: string[]) => {
    const tls = { ca: fleet.hub.caPem, cert: certificate, key };
    const impersonate = { user, ...(groups === undefined ? {} : { groups }) };
    await using client = createHttpClient({ baseUrl: fleet.hub.url, tls, impersonate });
    return await outcome(client.get(MemberCluster, { name: 'm2' }));
  };
  const self = memberUserName('m1', (await fleet.admin.get(MemberCluster, { name: 'm1' })).status?.clusterUID ?? '');
  expect(await as(memberUserName('m2', uid))).toBe(403);
  expect(await as(self, ['system:masters'])).toBe(403);
  expect(await as('system:serviceaccount:quarterdeck-system:quarterdeck-hub')).toBe(403);
});

test('RG-2 of two clusters that join at once with one token one does, and the other never', async () => {
  const token = { clusterPattern: 'twin-*' };
  const first = await fleet.join('twin-a', { token });
  await fleet.join('twin-b', { useToken: first.token });
  const name = await eventually(async () => {
    const { items } = await fleet.admin.list(MemberCluster);
    return items.find(({ metadata }) => metadata.name.startsWith('twin-'))?.metadata.name;
  });
  await isAvailable(fleet.admin, name);
  const isRefused = ({ level, msg }: Record<string, unknown>) =>
    level === 'error' && /denied the certificate request|does not accept the bootstrap token/.test(String(msg));
  const other = name === 'twin-a' ? 'twin-b' : 'twin-a';
  await eventually(() => fleet.logger.lines.some((line) => line.cluster === other && isRefused(line)), {
    timeoutMs: 30_000,
  });
  const { items } = await fleet.admin.list(MemberCluster);
  expect(items.filter(({ metadata }) => metadata.name.startsWith('twin-'))).toHaveLength(1);
});

test('RG-41, RG-20 an agent leaves nothing behind by which its removal could be held up, and floods its namespace with nothing that stays', async () => {
  const { uid } = (await fleet.admin.get(Work, { namespace, name: 'w' })).metadata;
  const finalizers = ['example.com/held'];
  const make = (type: ResourceType, name: string, more: Record<string, unknown> = {}) => {
    const { metadata = {}, ...rest } = more;
    const place = type.scope === 'Namespaced' ? { namespace } : {};
    const frame = { apiVersion: apiVersionOf(type), kind: type.kind };
    return outcome(thief.create(type, { ...frame, metadata: { ...place, name, ...(metadata as object) }, ...rest }));
  };
  const ownerReferences = [{ apiVersion: apiVersionOf(Work), kind: Work.kind, name: 'other', uid }];
  const requests = (await fleet.admin.list(CertificateSigningRequest)).items;
  const { request, usages } = requests.find(({ metadata }) => metadata.name.startsWith('quarterdeck-m1-'))?.spec ?? {};
  const event = { involvedObject: { kind: 'Work', namespace, name: 'w' }, reason: 'R', message: 'm' };
  expect({
    lease: await make(Lease, 'another', { spec: {} }),
    report: await make(WorkReport, 'without-work'),
    held: {
      report: await make(WorkReport, 'other', { metadata: { finalizers, ownerReferences } }),
      event: await make(eventKind, 'e.1', { ...event, metadata: { finalizers } }),
      request: await make(CertificateSigningRequest, 'r', {
        metadata: { finalizers },
        spec: { request, signerName: memberSignerName, usages },
      }),
      lease: await outcome(
        thief.patch(Lease, { namespace, name: memberLeaseName }, { type: 'merge', body: { metadata: { finalizers } } }),
      ),
    },
  }).toEqual({ lease: 403, report: 403, held: { report: 403, event: 403, request: 403, lease: 403 } });

  const annotations = { 'quarterdeck.dev/force-removal': 'true' };
  await fleet.admin.patch(MemberCluster, { name: 'm1' }, { type: 'merge', body: { metadata: { annotations } } });
  await fleet.admin.delete(MemberCluster, { name: 'm1' });
  await eventually(
    async () => (await fleet.admin.list(MemberCluster)).items.every(({ metadata }) => metadata.name !== 'm1'),
    { timeoutMs: 40_000 },
  );
}, 60_000);

const eventKind: ResourceType = {
  group: '',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  scope: 'Namespaced',
};
