import {
  annotation,
  apiVersionOf,
  bootstrapGroup,
  CertificateSigningRequest,
  clusterNameOfUser,
  formatTime,
  MemberCluster,
  memberCertificateUsages,
  membersGroup,
  memberUserName,
  Secret,
  type Stored,
} from '@quarterdeck/apis';
import { type CertificateRequest, CertificateRequestError, parseCertificateRequest } from '@quarterdeck/apiserver';
import { dns1123LabelProblems, type EpochMs } from '@quarterdeck/machinery';
import { allowsClusterName, bindTokenSecret, type JoinToken } from '../../../registration/join-token.ts';
import { create, update, type Write } from '../../writes.ts';

export interface Seen {
  readonly request: Stored<CertificateSigningRequest>;
  /** The MemberCluster that the subject names. */
  readonly member: Stored<MemberCluster> | undefined;
  /** A member under another name with the same cluster identity. RG-4 */
  readonly twin: Stored<MemberCluster> | undefined;
  /** The join token of a bootstrap requester, with its Secret. */
  readonly token: { readonly secret: Stored<Secret>; readonly token: JoinToken } | undefined;
  /** Older requests that still wait: for the same name, and by the same requester. RG-5 */
  readonly waiting: { readonly forName: number; readonly byRequester: number };
}

/** How many requests may wait at once; the next one is refused. RG-5 */
const maxWaiting = { forName: 3, byRequester: 100 } as const;

export interface Decision {
  readonly writes: readonly Write[];
  /** For the log: what was done and why. */
  readonly verdict: 'Approved' | 'Denied' | 'Waiting' | 'NotOurs';
  readonly reason: string;
}

const notOurs: Decision = { writes: [], verdict: 'NotOurs', reason: '' };

/**
 * Judges one pending request for an agent's certificate. Pure and total. RG-1 to RG-6, SEC-1, SEC-2
 *
 * The whole subject, SANs, extensions and usages are compared, nothing may be extra. A bootstrap identity may ask for the
 * name that its token allows, and the hub makes the MemberCluster; a member may renew its own certificate, by exact
 * equality of its user name and group with the subject. Until the member is accepted the request waits.
 */
export function decide(seen: Seen, now: EpochMs): Decision {
  const { request } = seen;
  if (request.status?.conditions?.some(({ type }) => type === 'Approved' || type === 'Denied')) return notOurs;
  const deny = (reason: string): Decision => ({
    writes: [judge(request, 'Denied', reason, now)],
    verdict: 'Denied',
    reason,
  });
  const wanted = readSubject(request);
  if ('problem' in wanted) return wanted.claimsMember ? deny(wanted.problem) : notOurs;
  const { clusterName } = wanted;

  const { username = '', groups = [] } = request.spec;
  if (clusterNameOfUser(username) !== undefined) return renew(seen, clusterName, deny, now);
  if (!username.startsWith('system:bootstrap:') || !groups.includes(bootstrapGroup)) return notOurs;
  return join(seen, clusterName, deny, now);
}

/** The common name that a request asks for; undefined when it cannot be parsed. */
export function subjectName(request: CertificateSigningRequest): string | undefined {
  try {
    return parseCertificateRequest(Buffer.from(request.spec.request, 'base64').toString('utf8')).subject.commonName;
  } catch (error) {
    if (error instanceof CertificateRequestError) return undefined;
    throw error;
  }
}

/** What the request asks for: a member's name, if everything in it is exactly what a member may have. */
function readSubject(
  request: CertificateSigningRequest,
): { readonly clusterName: string } | { readonly problem: string; readonly claimsMember: boolean } {
  let parsed: CertificateRequest;
  try {
    parsed = parseCertificateRequest(Buffer.from(request.spec.request, 'base64').toString('utf8'));
  } catch (error) {
    if (!(error instanceof CertificateRequestError)) throw error;
    return { problem: `the request ${error.message}`, claimsMember: false };
  }
  const { subject, alternativeNames, extensions } = parsed;
  const clusterName = clusterNameOfUser(subject.commonName);
  if (clusterName === undefined) return { problem: 'not a member', claimsMember: false };
  const problem = (text: string) => ({ problem: text, claimsMember: true });
  if (
    subject.attributes.length !== 2 ||
    subject.organizations.length !== 1 ||
    subject.organizations[0] !== membersGroup
  ) {
    return problem(`the subject must be exactly CN=${memberUserName(clusterName)}, O=${membersGroup}`);
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
  return { clusterName };
}

type Deny = (reason: string) => Decision;

function renew({ request, member }: Seen, clusterName: string, deny: Deny, now: EpochMs): Decision {
  const { username, groups = [] } = request.spec;
  // Exact equality, never a prefix: cluster1 must not renew as cluster1xyz. SEC-1
  if (username !== memberUserName(clusterName) || !groups.includes(membersGroup)) {
    return deny(`${username} may only renew its own certificate`);
  }
  if (member === undefined) return deny(`there is no MemberCluster ${clusterName}`);
  if (member.spec.acceptance === 'Denied') return deny(`MemberCluster ${clusterName} is denied`);
  if (member.spec.acceptance === 'Pending') return waiting(`MemberCluster ${clusterName} is not accepted yet`);
  return approve(request, 'renewal by the member itself', now);
}

function join(seen: Seen, clusterName: string, deny: Deny, now: EpochMs): Decision {
  const { request, member, twin, token } = seen;
  if (token === undefined) return deny('the bootstrap token is not a join token of this hub, or is spent');
  if (!allowsClusterName(token.token, clusterName)) {
    return deny(`the token is for clusters named ${token.token.clusterPattern}, not ${clusterName}`);
  }
  const identity = request.metadata.annotations?.[annotation.clusterUID];
  if (identity === undefined || identity === '') {
    return deny(`the request must carry the annotation ${annotation.clusterUID}: the uid of the member's kube-system`);
  }
  const user = `${clusterName}/${identity}`;
  if (!token.token.reusable && token.token.boundTo !== undefined && token.token.boundTo !== user) {
    return deny('the token was used by another cluster');
  }
  if (twin !== undefined) {
    return deny(`this cluster is registered as MemberCluster ${twin.metadata.name} already`);
  }
  const recorded = member?.status?.clusterUID;
  if (
    recorded !== undefined &&
    recorded !== identity &&
    member?.metadata.annotations?.[annotation.replaceBy] !== identity
  ) {
    return deny(
      `another cluster is registered as MemberCluster ${clusterName}; to let this one take the name over: kubectl annotate membercluster ${clusterName} --overwrite ${annotation.replaceBy}=${identity}`,
    );
  }
  if (member?.spec.acceptance !== 'Accepted') {
    const crowd = crowdOf(seen, clusterName);
    if (crowd !== undefined) return deny(crowd);
  }
  const isUnbound = !token.token.reusable && token.token.boundTo === undefined;
  const bind = isUnbound ? [update(Secret, bindTokenSecret(token.secret, user, now))] : [];
  if (member === undefined) {
    return {
      writes: [...bind, create(MemberCluster, newMember(clusterName, token.token))],
      verdict: 'Waiting',
      reason: `MemberCluster ${clusterName} was created`,
    };
  }
  if (member.spec.acceptance === 'Denied') return deny(`MemberCluster ${clusterName} is denied`);
  if (member.spec.acceptance === 'Pending') {
    return { ...waiting(`MemberCluster ${clusterName} is not accepted yet`), writes: bind };
  }
  const approval = approve(request, 'joined by token', now);
  return { ...approval, writes: [...bind, ...recordIdentity(member, identity), ...approval.writes] };
}

/** Why no more requests may wait; undefined: one more may. */
function crowdOf({ waiting, request }: Seen, clusterName: string): string | undefined {
  if (waiting.forName >= maxWaiting.forName) {
    return `${waiting.forName} requests to join as ${clusterName} wait already; accept or deny the MemberCluster first`;
  }
  if (waiting.byRequester >= maxWaiting.byRequester) {
    return `${waiting.byRequester} requests by ${request.spec.username ?? ''} wait already; accept or deny those first`;
  }
  return undefined;
}

/** RG-4: recorded at the first join, or when another cluster was let take the name over, before the certificate exists. */
function recordIdentity(member: Stored<MemberCluster>, clusterUID: string): Write[] {
  if (member.status?.clusterUID === clusterUID) return [];
  const object = { ...member, status: { ...member.status, clusterUID } };
  return [{ verb: 'updateSubresource', subresource: 'status', type: MemberCluster, object }];
}

/** Set, labels and acceptance come from the token, never from the agent. RG-1 */
function newMember(clusterName: string, token: JoinToken): MemberCluster {
  return {
    apiVersion: apiVersionOf(MemberCluster),
    kind: MemberCluster.kind,
    metadata: { name: clusterName, labels: { ...token.labels } },
    spec: { acceptance: token.acceptance, clusterSet: token.clusterSet },
  };
}

const waiting = (reason: string): Decision => ({ writes: [], verdict: 'Waiting', reason });

function approve(request: Stored<CertificateSigningRequest>, reason: string, now: EpochMs): Decision {
  return { writes: [judge(request, 'Approved', reason, now)], verdict: 'Approved', reason };
}

function judge(
  request: Stored<CertificateSigningRequest>,
  type: 'Approved' | 'Denied',
  message: string,
  now: EpochMs,
): Write {
  const time = formatTime(now);
  const reason = type === 'Approved' ? 'QuarterdeckMember' : 'QuarterdeckRefused';
  const condition = { type, status: 'True' as const, reason, message, lastUpdateTime: time, lastTransitionTime: time };
  const conditions = [...(request.status?.conditions ?? []), condition];
  return {
    verb: 'updateSubresource',
    subresource: 'approval',
    type: CertificateSigningRequest,
    object: { ...request, status: { ...request.status, conditions } } as CertificateSigningRequest,
  };
}
