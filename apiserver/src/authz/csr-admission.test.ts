import { ApiError } from '@quarterdeck/apis';
import type { JsonObject } from '@quarterdeck/machinery';
import { testLogger } from '@quarterdeck/machinery/testing';
import { describe, expect, test } from 'vitest';
import type { AdmissionAttributes } from '../admission/admission.ts';
import { certificateRequestPem, oid, userRequestPem } from '../testing/certificate-requests.ts';
import { startStoredObjects } from '../testing/stored-objects.ts';
import { certificateRequestPlugin } from './csr-admission.ts';
import { rbacAuthorizer } from './rbac-authorizer.ts';
import { createRbacIndex } from './rbac-index.ts';
import { rbacResources } from './rbac-objects.ts';

const client = 'kubernetes.io/kube-apiserver-client';

/** `CODE message`, `admitted`, or `not asked`. The user may do `verb` on the signers named in `rights`. */
async function verdict(
  request: Partial<AdmissionAttributes> & Pick<AdmissionAttributes, 'operation'>,
  rights: { verb: string; signers: string[] } = { verb: '', signers: [] },
): Promise<string> {
  await using objects = await startStoredObjects(testLogger());
  const index = createRbacIndex();
  index.put(
    { resource: rbacResources.clusterRoles, namespace: '', name: 'r' },
    {
      rules: [
        {
          verbs: [rights.verb],
          apiGroups: ['certificates.k8s.io'],
          resources: ['signers'],
          resourceNames: rights.signers,
        },
      ],
    },
  );
  index.put(
    { resource: rbacResources.clusterRoleBindings, namespace: '', name: 'r' },
    { roleRef: { kind: 'ClusterRole', name: 'r' }, subjects: [{ kind: 'User', name: 'ada' }] },
  );
  const attributes: AdmissionAttributes = {
    group: 'certificates.k8s.io',
    version: 'v1',
    kind: 'CertificateSigningRequest',
    resource: 'certificatesigningrequests',
    subresource: '',
    namespace: '',
    name: 'x',
    user: { name: 'ada', groups: [] },
    dryRun: false,
    object: undefined,
    oldObject: undefined,
    ...request,
  };
  if (!certificateRequestPlugin.handles(attributes)) return 'not asked';
  try {
    const context = {
      store: objects.store,
      authorizer: rbacAuthorizer(() => index),
      now: 0,
      random: () => 0,
      warn: () => undefined,
    };
    certificateRequestPlugin.validate?.(attributes, context);
    return 'admitted';
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return `${error.code} ${error.message}`;
  }
}

const csr = (pem: string, signerName = client, status: JsonObject = {}): JsonObject => ({
  metadata: { name: 'x' },
  spec: { request: Buffer.from(pem).toString('base64'), signerName },
  status,
});

describe('create', () => {
  test.each([
    { name: 'KA-133 a request for a user', object: csr(userRequestPem('ada', ['ops'])), want: 'admitted' },
    {
      name: 'SEC-2 system:masters from the client signer',
      object: csr(userRequestPem('ada', ['ops', 'system:masters'])),
      want: `403 certificatesigningrequests.certificates.k8s.io "x" is forbidden: use of ${client} signer with system:masters group is not allowed`,
    },
    {
      name: 'SEC-2 system:masters in one set with another organization',
      object: csr(
        certificateRequestPem({
          subject: [
            [oid.commonName, 'ada'],
            [oid.organization, 'system:masters'],
            [oid.organization, 'z'],
          ],
        }),
      ),
      want: `403 certificatesigningrequests.certificates.k8s.io "x" is forbidden: use of ${client} signer with system:masters group is not allowed`,
    },
    {
      name: 'KA-133 system:masters from a signer of somebody else is theirs to judge',
      object: csr(userRequestPem('ada', ['system:masters']), 'example.com/x'),
      want: 'admitted',
    },
    {
      name: 'BI-27 no certificate request',
      object: csr('hello'),
      want: '422 CertificateSigningRequest.certificates.k8s.io "x" is invalid: spec.request: Invalid value: must be one PEM block of type CERTIFICATE REQUEST',
    },
  ])('$name', async ({ object, want }) => {
    expect(await verdict({ operation: 'CREATE', object })).toBe(want);
  });
});

describe('approval and signing', () => {
  const old = csr(userRequestPem('ada'));
  const approved = { ...old, status: { conditions: [{ type: 'Approved', status: 'True' }] } };
  const approval = { operation: 'UPDATE', subresource: 'approval', object: approved, oldObject: old } as const;
  const issued = { ...old, status: { certificate: 'eA==' } };
  const signing = { operation: 'UPDATE', subresource: 'status', object: issued, oldObject: old } as const;
  const refused = (verb: string) =>
    `403 certificatesigningrequests.certificates.k8s.io "x" is forbidden: user not permitted to ${verb} requests with signerName "${client}"`;

  test.each([
    {
      name: 'KA-132 approval without the right',
      request: approval,
      verb: 'sign',
      signers: [client],
      want: refused('approve'),
    },
    { name: 'KA-132 approval with it', request: approval, verb: 'approve', signers: [client], want: 'admitted' },
    {
      name: 'KA-132 approval with the right on the domain',
      request: approval,
      verb: 'approve',
      signers: ['kubernetes.io/*'],
      want: 'admitted',
    },
    {
      name: 'KA-132 approval with the right on another signer',
      request: approval,
      verb: 'approve',
      signers: ['example.com/x'],
      want: refused('approve'),
    },
    {
      name: 'KA-132 the signer that counts is the stored one',
      request: { ...approval, object: { ...approved, spec: { signerName: 'example.com/x' } } },
      verb: 'approve',
      signers: ['example.com/x'],
      want: refused('approve'),
    },
    {
      name: 'KA-132 a certificate without the right',
      request: signing,
      verb: 'approve',
      signers: [client],
      want: refused('sign'),
    },
    { name: 'KA-132 a certificate with it', request: signing, verb: 'sign', signers: [client], want: 'admitted' },
    {
      name: 'KA-132 a failure without the right',
      request: { ...signing, object: { ...old, status: { conditions: [{ type: 'Failed', status: 'True' }] } } },
      verb: '',
      signers: [],
      want: refused('sign'),
    },
    {
      name: 'KA-132 approval through the status, with the right to sign',
      request: { ...signing, object: { ...approved, status: { ...approved.status, certificate: 'eA==' } } },
      verb: 'sign',
      signers: [client],
      want: '422 CertificateSigningRequest.certificates.k8s.io "x" is invalid: status.conditions: Forbidden: updates of the status may not add, change or remove a condition of type "Approved"',
    },
    {
      name: 'KA-132 denial through the status, with the right to sign',
      request: { ...signing, object: { ...old, status: { conditions: [{ type: 'Denied', status: 'True' }] } } },
      verb: 'sign',
      signers: [client],
      want: '422 CertificateSigningRequest.certificates.k8s.io "x" is invalid: status.conditions: Forbidden: updates of the status may not add, change or remove a condition of type "Denied"',
    },
    {
      name: 'KA-132 the signer that counts is the stored one for a certificate too',
      request: { ...signing, object: { ...issued, spec: { signerName: 'example.com/x' } } },
      verb: 'sign',
      signers: ['example.com/x'],
      want: refused('sign'),
    },
    {
      name: 'KA-132 labels through the status need no such right',
      request: { ...signing, object: { ...old, metadata: { name: 'x', labels: { a: 'b' } } } },
      verb: '',
      signers: [],
      want: 'admitted',
    },
    {
      name: 'KA-132 an update of the request itself',
      request: { ...signing, subresource: '' },
      verb: '',
      signers: [],
      want: 'admitted',
    },
    {
      name: 'KA-132 a deletion',
      request: { operation: 'DELETE', oldObject: old } as const,
      verb: '',
      signers: [],
      want: 'not asked',
    },
    {
      name: 'KA-132 another kind',
      request: { ...approval, resource: 'others' },
      verb: '',
      signers: [],
      want: 'not asked',
    },
  ])('$name', async ({ request, verb, signers, want }) => {
    expect(await verdict(request, { verb, signers })).toBe(want);
  });
});
