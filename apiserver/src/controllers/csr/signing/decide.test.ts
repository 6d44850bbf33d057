import { createPublicKey } from 'node:crypto';
import type { CertificateSigningRequest } from '@quarterdeck/apis';
import { describe, expect, test } from 'vitest';
import { newKey, oid } from '../../../testing/certificate-requests.ts';
import type { AlternativeName, CertificateRequest } from '../../../tls/certificate-request.ts';
import { decide } from './decide.ts';

const now = Date.UTC(2026, 0, 1);
const publicKey = createPublicKey(newKey());
const client = 'kubernetes.io/kube-apiserver-client';
const nodeClient = 'kubernetes.io/kube-apiserver-client-kubelet';
const serving = 'kubernetes.io/kubelet-serving';

function request(
  commonName: string,
  organizations: string[] = [],
  alternativeNames: AlternativeName[] = [],
): CertificateRequest {
  const attributes = [
    ...organizations.map((value) => ({ oid: oid.organization, value })),
    { oid: oid.commonName, value: commonName },
  ];
  return {
    subject: { commonName, organizations, attributes },
    subjectDer: Buffer.from(commonName),
    alternativeNames,
    extensions: [],
    publicKey,
  };
}

const approved = [{ type: 'Approved' as const, status: 'True' as const }];

function csr(
  signerName: string,
  spec: Partial<CertificateSigningRequest['spec']> = {},
  status: CertificateSigningRequest['status'] = { conditions: approved },
): CertificateSigningRequest {
  return {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { name: 'x' },
    spec: { request: '', signerName, usages: ['client auth', 'digital signature'], ...spec },
    status,
  };
}

/** `nothing`, `sign`, or the message of the failure. */
function verdict(object: CertificateSigningRequest, seen: CertificateRequest | { problem: string }): string {
  const decision = decide({ csr: object, request: seen }, now);
  if (decision.type !== 'fail') return decision.type;
  const failed = decision.status.conditions?.at(-1);
  expect(failed).toMatchObject({ type: 'Failed', status: 'True', reason: 'SignerValidationFailure' });
  return failed?.message ?? '';
}

describe('which requests are signed', () => {
  const denied = { type: 'Denied' as const, status: 'True' as const };
  const failed = { type: 'Failed' as const, status: 'True' as const };
  test.each([
    { name: 'KA-133 an approved one', status: { conditions: approved }, want: 'sign' },
    { name: 'KA-133 not an open one', status: {}, want: 'nothing' },
    { name: 'KA-133 not a denied one', status: { conditions: [denied] }, want: 'nothing' },
    { name: 'KA-133 not one denied after all', status: { conditions: [...approved, denied] }, want: 'nothing' },
    { name: 'KA-133 not a failed one', status: { conditions: [...approved, failed] }, want: 'nothing' },
    {
      name: 'KA-133 not one that has its certificate',
      status: { conditions: approved, certificate: 'x' },
      want: 'nothing',
    },
    {
      name: 'KA-133 not one whose approval is not true',
      status: { conditions: [{ type: 'Approved' as const, status: 'False' as const }] },
      want: 'nothing',
    },
  ])('$name', ({ status, want }) => expect(verdict(csr(client, {}, status), request('ada'))).toBe(want));

  test('KA-133 never one for a signer of somebody else', () => {
    for (const signer of ['example.com/x', 'kubernetes.io/legacy-unknown', 'kubernetes.io/other', '']) {
      expect(verdict(csr(signer), request('ada'))).toBe('nothing');
    }
  });
});

describe('what signers take', () => {
  const node = (names: AlternativeName[] = []) => request('system:node:n1', ['system:nodes'], names);
  const dns: AlternativeName = { type: 'dns', value: 'n1.example.com' };
  const servingUsages = ['server auth', 'digital signature', 'key encipherment'];
  test.each([
    {
      name: 'KA-133 client: names and groups are the approver to judge',
      object: csr(client),
      seen: request('ada', ['ops'], [dns]),
      want: 'sign',
    },
    {
      name: 'SEC-2 client: system:masters, though it was admitted and approved',
      object: csr(client),
      seen: request('ada', ['ops', 'system:masters']),
      want: 'the group system:masters is not signed for',
    },
    {
      name: 'KA-133 client: no other usage',
      object: csr(client, { usages: ['client auth', 'server auth'] }),
      seen: request('ada'),
      want: 'invalid usage for client certificate: server auth',
    },
    {
      name: 'KA-133 client: client auth is needed',
      object: csr(client, { usages: ['digital signature'] }),
      seen: request('ada'),
      want: 'missing required usage for client certificate: client auth',
    },
    {
      name: 'BI-27 client: a wildcard name',
      object: csr(client),
      seen: request('ada', [], [{ type: 'dns', value: '*.example.com' }]),
      want: 'wildcard subjectAltName *.example.com is not allowed',
    },
    {
      name: 'BI-27 client: a name of a kind that cannot be copied',
      object: csr(client),
      seen: request('ada', [], [{ type: 'other', value: '00' }]),
      want: 'subjectAltNames other than DNS, IP, email and URI are not allowed',
    },
    {
      name: 'BI-27 a request that cannot be read',
      object: csr(client),
      seen: { problem: 'the request is not PKCS#10' },
      want: 'the request is not PKCS#10',
    },
    { name: 'KA-133 node client', object: csr(nodeClient), seen: node(), want: 'sign' },
    {
      name: 'BI-27 node client: an extra organization',
      object: csr(nodeClient),
      seen: request('system:node:n1', ['system:nodes', 'system:masters']),
      want: 'subject organization is not system:nodes',
    },
    {
      name: 'KA-133 node client: another organization',
      object: csr(nodeClient),
      seen: request('system:node:n1', ['ops']),
      want: 'subject organization is not system:nodes',
    },
    {
      name: 'KA-133 node client: no usage beside them',
      object: csr(nodeClient, { usages: ['client auth', 'digital signature', 'server auth'] }),
      seen: node(),
      want: 'usages must be client auth, digital signature, and key encipherment if at all',
    },
    {
      name: 'KA-133 node client: another common name',
      object: csr(nodeClient),
      seen: request('ada', ['system:nodes']),
      want: 'subject common name does not begin with system:node:',
    },
    {
      name: 'KA-133 node client: names',
      object: csr(nodeClient),
      seen: node([dns]),
      want: 'dns subjectAltNames are not allowed',
    },
    {
      name: 'KA-133 node client: usages are exact',
      object: csr(nodeClient, { usages: ['client auth'] }),
      seen: node(),
      want: 'usages must be client auth, digital signature, and key encipherment if at all',
    },
    { name: 'KA-133 node serving', object: csr(serving, { usages: servingUsages }), seen: node([dns]), want: 'sign' },
    {
      name: 'KA-133 node serving: a name is needed',
      object: csr(serving, { usages: servingUsages }),
      seen: node(),
      want: 'a DNS or IP subjectAltName is required',
    },
    {
      name: 'KA-133 node serving: no email',
      object: csr(serving, { usages: servingUsages }),
      seen: node([dns, { type: 'email', value: 'a@b' }]),
      want: 'email subjectAltNames are not allowed',
    },
  ])('$name', ({ object, seen, want }) => expect(verdict(object, seen)).toBe(want));
});

test('KA-133 only the serving certificate of a node is one of a server', () => {
  const usageOf = (decision: ReturnType<typeof decide>) => decision.type === 'sign' && decision.template.usage;
  const usages = ['server auth', 'digital signature'];
  const names: AlternativeName[] = [{ type: 'ip', value: '10.0.0.1' }];
  const node = request('system:node:n1', ['system:nodes'], names);
  expect(usageOf(decide({ csr: csr(serving, { usages }), request: node }, now))).toBe('server');
  expect(usageOf(decide({ csr: csr(client), request: node }, now))).toBe('client');
});

test.each([
  { name: 'KA-133 a year when nothing is asked', asked: undefined, days: 365 },
  { name: 'KA-133 what is asked', asked: 7200, days: 7200 / 86_400 },
  { name: 'KA-133 never more than a year', asked: 10 * 365 * 86_400, days: 365 },
  { name: 'KA-133 never less than ten minutes', asked: 1, days: 600 / 86_400 },
])('$name', ({ asked, days }) => {
  const spec = asked === undefined ? {} : { expirationSeconds: asked };
  expect(decide({ csr: csr(client, spec), request: request('ada') }, now)).toEqual({
    type: 'sign',
    template: {
      subject: Buffer.from('ada'),
      publicKey,
      usage: 'client',
      keyEncipherment: false,
      alternativeNames: [],
      now,
      lifetimeMs: days * 86_400_000,
    },
  });
});
