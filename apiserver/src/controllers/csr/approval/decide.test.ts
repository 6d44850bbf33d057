import type { CertificateSigningRequest } from '@quarterdeck/apis';
import { expect, test } from 'vitest';
import type { CertificateRequest } from '../../../tls/certificate-request.ts';
import { approved, rightsNeeded } from './decide.ts';

const csr = (
  spec: Partial<CertificateSigningRequest['spec']> = {},
  status: NonNullable<CertificateSigningRequest['status']> = {},
): CertificateSigningRequest => ({
  apiVersion: 'certificates.k8s.io/v1',
  kind: 'CertificateSigningRequest',
  metadata: { name: 'a' },
  spec: {
    request: '',
    signerName: 'kubernetes.io/kube-apiserver-client-kubelet',
    usages: ['client auth', 'digital signature'],
    username: 'system:bootstrap:abcdef',
    groups: ['system:bootstrappers'],
    ...spec,
  },
  status,
});
const request = (over: object = {}) =>
  ({
    subject: { commonName: 'system:node:n1', organizations: ['system:nodes'] },
    alternativeNames: [],
    ...over,
  }) as unknown as CertificateRequest;
const needed = (of: CertificateSigningRequest, asked: CertificateRequest | { problem: string } = request()) =>
  rightsNeeded({ csr: of, request: asked }).map(({ spec }) => spec);

test('KA-133 a request for the certificate of a node needs the right to ask for those of nodes', () => {
  expect(needed(csr())).toEqual([
    {
      user: 'system:bootstrap:abcdef',
      groups: ['system:bootstrappers'],
      resourceAttributes: {
        verb: 'create',
        group: 'certificates.k8s.io',
        version: '*',
        resource: 'certificatesigningrequests',
        subresource: 'nodeclient',
      },
    },
  ]);
});

test('KA-133 the right is asked of all that the requester is', () => {
  const who = { username: 'ci', uid: 'u', groups: ['dev'], extra: { scopes: ['nodes'] } };
  const [spec] = needed(csr(who));
  expect(spec).toMatchObject({ user: 'ci', uid: 'u', groups: ['dev'], extra: { scopes: ['nodes'] } });
});

test('KA-133 a node that asks for its own needs either right', () => {
  const own = needed(csr({ username: 'system:node:n1' }));
  expect(own.map(({ resourceAttributes }) => resourceAttributes?.subresource)).toEqual([
    'selfnodeclient',
    'nodeclient',
  ]);
});

test.each([
  { name: 'KA-133 one that is answered', of: csr({}, { certificate: 'x' }) },
  { name: 'KA-133 one that was denied', of: csr({}, { conditions: [{ type: 'Denied', status: 'True' }] }) },
  { name: 'KA-133 one for another signer', of: csr({ signerName: 'kubernetes.io/kubelet-serving' }) },
  { name: 'KA-133 one with a usage that nodes have not', of: csr({ usages: ['client auth', 'server auth'] }) },
  { name: 'KA-133 one that cannot be read', of: csr(), asked: { problem: 'is no PEM' } },
  {
    name: 'KA-133 one for somebody who is no node',
    of: csr(),
    asked: request({ subject: { commonName: 'ada', organizations: ['system:nodes'] } }),
  },
  {
    name: 'KA-133 one with names of servers',
    of: csr(),
    asked: request({ alternativeNames: [{ type: 'dns', value: 'n1' }] }),
  },
])('$name waits for an approver', ({ of, asked }) => expect(needed(of, asked)).toEqual([]));

test('KA-133 an approval says when and why, and keeps what is there', () => {
  const at = '2026-01-01T00:00:00Z';
  expect(approved(csr(), Date.UTC(2026, 0, 1)).status?.conditions).toEqual([
    {
      type: 'Approved',
      status: 'True',
      reason: 'AutoApproved',
      message: expect.any(String),
      lastUpdateTime: at,
      lastTransitionTime: at,
    },
  ]);
});
