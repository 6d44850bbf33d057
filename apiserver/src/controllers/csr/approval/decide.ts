import { type CertificateSigningRequest, formatTime, type SubjectAccessReview } from '@quarterdeck/apis';
import type { EpochMs } from '@quarterdeck/machinery';
import type { CertificateRequest } from '../../../tls/certificate-request.ts';
import { nodeClientProblem, nodeClientSigner } from '../signing/decide.ts';

export interface Observed {
  readonly csr: CertificateSigningRequest;
  readonly request: CertificateRequest | { readonly problem: string };
}

const group = 'certificates.k8s.io';

/** Whether a request is one of those that are approved here; looked at before it is read, which checks its signature. */
export function isToBeApproved({ spec, status }: CertificateSigningRequest): boolean {
  return (status?.conditions ?? []).length === 0 && !status?.certificate && spec.signerName === nodeClientSigner;
}

/**
 * Which rights, one of which suffices, let a request be approved without anybody: of a node's client certificate,
 * `nodeclient`, and `selfnodeclient` when the node asks for its own. None: it waits for an approver, as all other requests do.
 * Pure. KA-133
 */
export function rightsNeeded({ csr, request }: Observed): SubjectAccessReview[] {
  const { username, usages = [] } = csr.spec;
  if (!isToBeApproved(csr) || 'problem' in request) return [];
  if (nodeClientProblem(request, usages) !== undefined) return [];
  const own = username === request.subject.commonName ? ['selfnodeclient'] : [];
  return [...own, 'nodeclient'].map((subresource) => reviewOf(csr.spec, subresource));
}

function reviewOf(
  { username, groups, uid, extra }: CertificateSigningRequest['spec'],
  subresource: string,
): SubjectAccessReview {
  return {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    metadata: {},
    spec: {
      ...(username === undefined ? {} : { user: username }),
      ...(uid === undefined ? {} : { uid }),
      ...(groups === undefined ? {} : { groups }),
      ...(extra === undefined ? {} : { extra }),
      resourceAttributes: {
        verb: 'create',
        group,
        version: '*',
        resource: 'certificatesigningrequests',
        subresource,
      },
    },
  };
}

/** The request as `/approval` takes it. */
export function approved<T extends CertificateSigningRequest>(csr: T, now: EpochMs): T {
  const at = formatTime(now);
  const condition = {
    type: 'Approved' as const,
    status: 'True' as const,
    reason: 'AutoApproved',
    message: 'The requester may create this client certificate of a node without an approval.',
    lastUpdateTime: at,
    lastTransitionTime: at,
  };
  return { ...csr, status: { ...csr.status, conditions: [...(csr.status?.conditions ?? []), condition] } };
}
