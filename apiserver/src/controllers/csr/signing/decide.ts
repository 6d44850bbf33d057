import { type CertificateSigningRequest, formatTime } from '@quarterdeck/apis';
import type { EpochMs } from '@quarterdeck/machinery';
import type { CertificateTemplate } from '../../../tls/authority.ts';
import type { CertificateRequest } from '../../../tls/certificate-request.ts';

export interface Observed {
  readonly csr: CertificateSigningRequest;
  /** What `spec.request` holds, or why it cannot be read. */
  readonly request: CertificateRequest | { readonly problem: string };
}

/** What is to become of a certificate request. */
export type Decision =
  | { readonly type: 'nothing' }
  /** Sign this, and put the certificate into the status. */
  | { readonly type: 'sign'; readonly template: CertificateTemplate }
  /** The signer will not: a permanent Failed condition says why. */
  | { readonly type: 'fail'; readonly status: NonNullable<CertificateSigningRequest['status']> };

const signerValidationFailure = 'SignerValidationFailure';

const clientSigner = 'kubernetes.io/kube-apiserver-client';
export const nodeClientSigner = 'kubernetes.io/kube-apiserver-client-kubelet';
const nodeServingSigner = 'kubernetes.io/kubelet-serving';
/** The signers that this server is. Requests for others are left to whoever signs them. KA-133 */
const ownSigners: readonly string[] = Object.freeze([clientSigner, nodeClientSigner, nodeServingSigner]);

const yearSeconds = 365 * 86_400;
const minSeconds = 600;

/** Whether a request waits for this signer; looked at before it is read, which checks its signature. */
export function isToBeSigned({ spec, status }: CertificateSigningRequest): boolean {
  const conditions = status?.conditions ?? [];
  const has = (type: string) => conditions.some((condition) => condition.type === type && condition.status === 'True');
  const isOpen = has('Approved') && !has('Denied') && !has('Failed') && !status?.certificate;
  return isOpen && ownSigners.includes(spec.signerName);
}

/** Total: a request that cannot be signed becomes a Failed condition, never a throw. KA-133 */
export function decide({ csr, request }: Observed, now: EpochMs): Decision {
  if (!isToBeSigned(csr)) return { type: 'nothing' };
  const { signerName } = csr.spec;
  const usages = csr.spec.usages ?? [];
  if ('problem' in request) return { type: 'fail', status: failed(csr, request.problem, now) };
  const problem = problemOf(signerName, request, usages);
  if (problem !== undefined) return { type: 'fail', status: failed(csr, problem, now) };
  const seconds = Math.min(csr.spec.expirationSeconds ?? yearSeconds, yearSeconds);
  return {
    type: 'sign',
    template: {
      subject: request.subjectDer,
      publicKey: request.publicKey,
      usage: signerName === nodeServingSigner ? 'server' : 'client',
      keyEncipherment: usages.includes('key encipherment'),
      alternativeNames: request.alternativeNames,
      now,
      lifetimeMs: Math.max(seconds, minSeconds) * 1000,
    },
  };
}

function failed(csr: CertificateSigningRequest, message: string, now: EpochMs) {
  const at = formatTime(now);
  return {
    ...csr.status,
    conditions: [
      ...(csr.status?.conditions ?? []),
      {
        type: 'Failed' as const,
        status: 'True' as const,
        reason: signerValidationFailure,
        message,
        lastUpdateTime: at,
        lastTransitionTime: at,
      },
    ],
  };
}

/** Why this signer will not sign this request; undefined when it will. */
function problemOf(signerName: string, request: CertificateRequest, usages: readonly string[]): string | undefined {
  const wildcard = request.alternativeNames.find(({ value }) => value.includes('*'));
  if (wildcard !== undefined) return `wildcard subjectAltName ${wildcard.value} is not allowed`;
  if (request.alternativeNames.some(({ type }) => type === 'other')) {
    return 'subjectAltNames other than DNS, IP, email and URI are not allowed';
  }
  switch (signerName) {
    case clientSigner:
      return privilegeProblem(request) ?? clientUsageProblem(usages);
    case nodeClientSigner:
      return nodeClientProblem(request, usages);
    default:
      return nodeProblem(request) ?? servingNamesProblem(request) ?? exactUsageProblem(usages, 'server auth');
  }
}

/** Admission refuses such a request already; whoever holds the key of the CA does not rely on that. SEC-2 */
function privilegeProblem({ subject }: CertificateRequest): string | undefined {
  return subject.organizations.includes('system:masters') ? 'the group system:masters is not signed for' : undefined;
}

function clientUsageProblem(usages: readonly string[]): string | undefined {
  const strange = usages.find((usage) => !['client auth', 'digital signature', 'key encipherment'].includes(usage));
  if (strange !== undefined) return `invalid usage for client certificate: ${strange}`;
  return usages.includes('client auth') ? undefined : 'missing required usage for client certificate: client auth';
}

/** Why a request is not for the client certificate of a node; undefined when it is. */
export function nodeClientProblem(request: CertificateRequest, usages: readonly string[]): string | undefined {
  return nodeProblem(request) ?? noNamesProblem(request) ?? exactUsageProblem(usages, 'client auth');
}

function nodeProblem({ subject }: CertificateRequest): string | undefined {
  const [organization, ...more] = subject.organizations;
  if (organization !== 'system:nodes' || more.length > 0) return 'subject organization is not system:nodes';
  if (!subject.commonName.startsWith('system:node:')) return 'subject common name does not begin with system:node:';
  return undefined;
}

function noNamesProblem({ alternativeNames }: CertificateRequest): string | undefined {
  const [first] = alternativeNames;
  return first === undefined ? undefined : `${first.type} subjectAltNames are not allowed`;
}

function servingNamesProblem({ alternativeNames }: CertificateRequest): string | undefined {
  const strange = alternativeNames.find(({ type }) => type !== 'dns' && type !== 'ip');
  if (strange !== undefined) return `${strange.type} subjectAltNames are not allowed`;
  return alternativeNames.length === 0 ? 'a DNS or IP subjectAltName is required' : undefined;
}

/** Node certificates have exactly these usages; only RSA keys need key encipherment. */
function exactUsageProblem(usages: readonly string[], purpose: string): string | undefined {
  const wanted = [purpose, 'digital signature'];
  const rest = usages.filter((usage) => usage !== 'key encipherment');
  const isExact = rest.length === wanted.length && wanted.every((usage) => rest.includes(usage));
  return isExact ? undefined : `usages must be ${wanted.join(', ')}, and key encipherment if at all`;
}
