import { X509Certificate } from 'node:crypto';
import { CertificateSigningRequest, ClusterRoleBinding, ignoreNotFound, SubjectAccessReview } from '@quarterdeck/apis';
import { eventually, testLogger } from '@quarterdeck/machinery/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { emptyBody } from '../../client/body.ts';
import { userRequestPem } from '../../testing/certificate-requests.ts';
import { startTestControllers, type TestServerWithControllers } from '../../testing/controllers.ts';
import { decodePem } from '../../tls/pem.ts';

let running: TestServerWithControllers;
beforeEach(async () => {
  running = await startTestControllers({ logger: testLogger() });
});
afterEach(() => running[Symbol.asyncDispose]());

function request(name: string, spec: Partial<CertificateSigningRequest['spec']> = {}): CertificateSigningRequest {
  return {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { name },
    spec: {
      request: Buffer.from(userRequestPem('quarterdeck:member:m1', ['quarterdeck:members'])).toString('base64'),
      signerName: 'kubernetes.io/kube-apiserver-client',
      usages: ['client auth', 'digital signature'],
      ...spec,
    },
  };
}

async function approve(csr: CertificateSigningRequest) {
  const conditions = [{ type: 'Approved' as const, status: 'True' as const, reason: 'Test', message: 'yes' }];
  return running.client.update(
    CertificateSigningRequest,
    { ...csr, status: { conditions } },
    { subresource: 'approval' },
  );
}
const get = (name: string) => running.client.get(CertificateSigningRequest, { name });

test('KA-133 an approved request gets a certificate that logs in; an open one gets nothing', async () => {
  const { client, server, pki } = running;
  await client.create(CertificateSigningRequest, request('open'));
  await approve(await client.create(CertificateSigningRequest, request('a', { expirationSeconds: 600 })));
  const pem = await eventually(async () => (await get('a')).status?.certificate);
  const [der] = decodePem(Buffer.from(pem, 'base64').toString(), 'CERTIFICATE');
  const certificate = new X509Certificate(der ?? Buffer.alloc(0));
  expect(certificate.verify(new X509Certificate(pki.caBundle).publicKey)).toBe(true);
  expect(certificate.validToDate.getTime() - certificate.validFromDate.getTime()).toBe((600 + 300) * 1000);
  expect((await get('open')).status?.certificate).toBeUndefined();

  const { status } = await server.pipeline({
    method: 'GET',
    path: '/apis',
    query: new URLSearchParams(),
    headers: {},
    headerLists: {},
    body: emptyBody,
    peer: { type: 'network', address: '192.0.2.1', clientCertificate: der },
    signal: new AbortController().signal,
  });
  expect(status).toBe(200);
});

test('KA-133 a request that the signer does not take fails, and says why', async () => {
  const { client } = running;
  await approve(await client.create(CertificateSigningRequest, request('a', { usages: ['server auth'] })));
  const failed = await eventually(async () =>
    (await get('a')).status?.conditions?.find(({ type }) => type === 'Failed'),
  );
  expect(failed).toMatchObject({
    status: 'True',
    reason: 'SignerValidationFailure',
    message: 'invalid usage for client certificate: server auth',
  });
  expect((await get('a')).status?.certificate).toBeUndefined();
});

test('KA-132 an approval may bring labels and annotations, and no other field', async () => {
  const { client } = running;
  await client.create(CertificateSigningRequest, request('a', { signerName: 'example.com/mine' }));
  const asked = await get('a');
  const approved = await approve({
    ...asked,
    metadata: { ...asked.metadata, annotations: { by: 'me' } },
    spec: { ...asked.spec, signerName: 'example.com/other' },
  });
  expect([approved.metadata.annotations, approved.spec]).toEqual([{ by: 'me' }, asked.spec]);
});

test('KA-133 requests for signers of others are left alone', async () => {
  const { client } = running;
  await approve(await client.create(CertificateSigningRequest, request('a', { signerName: 'example.com/mine' })));
  await approve(await client.create(CertificateSigningRequest, request('b')));
  await eventually(async () => (await get('b')).status?.certificate);
  expect((await get('a')).status).toEqual({ conditions: [expect.objectContaining({ type: 'Approved' })] });
});

test('KA-134 a request answered long ago goes', async () => {
  const { client } = running;
  const csr = await client.create(CertificateSigningRequest, request('a'));
  const lastUpdateTime = '2020-01-01T00:00:00Z';
  const conditions = [
    { type: 'Denied' as const, status: 'True' as const, reason: 'Test', message: 'no', lastUpdateTime },
  ];
  await client.update(CertificateSigningRequest, { ...csr, status: { conditions } }, { subresource: 'approval' });
  await eventually(async () => (await ignoreNotFound(get('a'))) === undefined);
});

describe('client certificates of nodes', () => {
  const rbac = 'rbac.authorization.k8s.io';
  const node = 'system:node:n1';
  const spec = () => ({
    request: Buffer.from(userRequestPem(node, ['system:nodes'])).toString('base64'),
    signerName: 'kubernetes.io/kube-apiserver-client-kubelet',
  });
  const askAs = (user: string, name: string, more: Partial<CertificateSigningRequest['spec']> = spec()) =>
    running.server
      .client({ name: user, groups: ['system:authenticated', 'nodes'] })
      .create(CertificateSigningRequest, request(name, more));
  const allow = async (subresource: string) => {
    const name = `system:certificates.k8s.io:certificatesigningrequests:${subresource}`;
    const bind = (role: string) =>
      running.client.create(ClusterRoleBinding, {
        apiVersion: `${rbac}/v1`,
        kind: 'ClusterRoleBinding',
        metadata: { name: `test:${role}` },
        roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: role },
        subjects: [{ apiGroup: rbac, kind: 'Group', name: 'nodes' }],
      });
    await bind(name);
    await bind('system:node-bootstrapper');
    const resourceAttributes = {
      verb: 'create',
      group: 'certificates.k8s.io',
      resource: 'certificatesigningrequests',
      subresource,
    };
    await eventually(async () => {
      const body = {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SubjectAccessReview',
        metadata: {},
        spec: { user: 'x', groups: ['nodes'], resourceAttributes },
      };
      return (await running.client.create(SubjectAccessReview, body)).status?.allowed;
    });
  };
  const outcome = async (name: string) => {
    const { status } = await get(name);
    return [status?.conditions?.map(({ type, reason }) => `${type} ${reason}`), status?.certificate !== undefined];
  };
  const settled = (name: string) => eventually(async () => (await outcome(name))[1]);

  test('KA-133 are approved and signed for who may ask for those of any node', async () => {
    await allow('nodeclient');
    await askAs('system:bootstrap:abcdef', 'of-another');
    await settled('of-another');
    expect(await outcome('of-another')).toEqual([['Approved AutoApproved'], true]);
  });

  test('KA-133 of others wait for an approver, and so do requests that are not for nodes', async () => {
    await allow('selfnodeclient');
    await askAs('system:bootstrap:abcdef', 'of-another');
    await askAs(node, 'serving', {
      ...spec(),
      signerName: 'kubernetes.io/kubelet-serving',
      usages: ['server auth', 'digital signature'],
    });
    await askAs(node, 'person', {
      request: request('x').spec.request,
      signerName: 'kubernetes.io/kube-apiserver-client',
    });
    await askAs(node, 'own');
    await settled('own');
    const all = await Promise.all(['own', 'of-another', 'serving', 'person'].map(outcome));
    expect(all).toEqual([
      [['Approved AutoApproved'], true],
      [undefined, false],
      [undefined, false],
      [undefined, false],
    ]);
  });
});
