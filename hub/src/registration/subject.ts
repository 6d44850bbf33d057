import {
  type CertificateSigningRequest,
  memberCertificateUsages,
  membersGroup,
  memberUserName,
  memberUserPrefix,
  readMemberUser,
} from '@quarterdeck/apis';
import { type CertificateRequest, CertificateRequestError, parseCertificateRequest } from '@quarterdeck/apiserver';
import { dns1123LabelProblems } from '@quarterdeck/machinery';

/** Which cluster a request names, and under which name. */
export interface Claim {
  readonly clusterName: string;
  /** Uid of its namespace kube-system. RG-4 */
  readonly clusterUID: string;
}

/** The common name that a request asks for; undefined when it cannot be parsed. */
export function subjectName(request: CertificateSigningRequest): string | undefined {
  const asked = parse(request);
  return 'problem' in asked ? undefined : asked.subject.commonName;
}

/** Without the key: what is kept as long as the request should be no more than what is asked of it. */
type Parsed = Pick<CertificateRequest, 'subject' | 'alternativeNames' | 'extensions'> | { readonly problem: string };

/** Objects of caches never change; without this each look at one would check its signature again. */
const parsed = new WeakMap<CertificateSigningRequest, Parsed>();

function parse(request: CertificateSigningRequest): Parsed {
  const known = parsed.get(request) ?? parseAnew(request);
  parsed.set(request, known);
  return known;
}

function parseAnew({ spec }: CertificateSigningRequest): Parsed {
  try {
    const pem = Buffer.from(spec.request, 'base64').toString('utf8');
    const { subject, alternativeNames, extensions } = parseCertificateRequest(pem);
    return { subject, alternativeNames, extensions };
  } catch (error) {
    if (!(error instanceof CertificateRequestError)) throw error;
    return { problem: `the request ${error.message}` };
  }
}

/** What the request asks for, if everything in it is exactly what a member may have. RG-6, SEC-1, SEC-2 */
export function readSubject(
  request: CertificateSigningRequest,
): Claim | { readonly problem: string; readonly claimsMember: boolean } {
  const asked = parse(request);
  if ('problem' in asked) return { ...asked, claimsMember: false };
  const { subject, alternativeNames, extensions } = asked;
  const claim = readMemberUser(subject.commonName);
  if (claim === undefined) return { problem: 'not a member', claimsMember: false };
  const problem = (text: string) => ({ problem: text, claimsMember: true });
  const { clusterName, clusterUID } = claim;
  if (!isUID(clusterUID)) {
    return problem(
      `the common name must be ${memberUserPrefix}NAME:UID, with the uid of the namespace kube-system of the cluster`,
    );
  }
  if (
    subject.attributes.length !== 2 ||
    subject.organizations.length !== 1 ||
    subject.organizations[0] !== membersGroup
  ) {
    return problem(`the subject must be exactly CN=${memberUserName(clusterName, clusterUID)}, O=${membersGroup}`);
  }
  const [misnamed] = dns1123LabelProblems(clusterName);
  if (misnamed !== undefined) return problem(`the cluster name "${clusterName}" is not possible: ${misnamed}`);
  if (alternativeNames.length > 0 || extensions.length > 0) {
    return problem('the request must ask for no alternative names and no extensions');
  }
  const usages = new Set(request.spec.usages);
  const expected: readonly string[] = memberCertificateUsages;
  if (usages.size !== expected.length || !expected.every((usage) => usages.has(usage))) {
    return problem(`the usages must be exactly ${expected.join(', ')}`);
  }
  return claim;
}

const isUID = (text: string): boolean => /^[A-Za-z0-9-]{1,128}$/.test(text);
