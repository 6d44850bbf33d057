import {
  type AgentIdentityMake,
  annotation,
  apiVersionOf,
  bootstrapGroup,
  CertificateSigningRequest,
  finalizer,
  formatTime,
  MemberCluster,
  memberSignerName,
  membersGroup,
  memberTokenSignerName,
  memberUserName,
  memberUserPrefix,
  otherMakeReason,
  Secret,
  type Stored,
} from '@quarterdeck/apis';
import type { EpochMs } from '@quarterdeck/machinery';
import {
  acceptedBy,
  hasRoom,
  matchingRules,
  type RuleInUse,
  ruleSource,
} from '../../../registration/acceptance-rules.ts';
import { bindTokenSecret, type JoinToken, tokenSource } from '../../../registration/join-token.ts';
import { type Claim, readSubject } from '../../../registration/subject.ts';
import { changeMemberStatus, create, createMember, update, type Write } from '../../writes.ts';
import { joinRefusal } from './join-refusals.ts';
import type { Seen } from './seen.ts';

export interface Decision {
  readonly writes: readonly Write[];
  /**
   * For the log: what was done and why. `Unknown`: nothing lets the requester ask, and the request ages out. `OtherMake`: it
   * asks for what this hub does not give, and is to ask for the other. RG-7
   */
  readonly verdict: 'Approved' | 'Denied' | 'Waiting' | 'Unknown' | 'OtherMake' | 'NotOurs';
  readonly reason: string;
  /** Name of the rule that accepted, if one did just now. */
  readonly rule?: string;
}

/** Whether the MemberCluster is made by these. */
export const makesMember = (writes: readonly Write[]): boolean =>
  writes.some(
    ({ verb, type }) => type.plural === MemberCluster.plural && (verb === 'create' || verb === 'createMember'),
  );

/** What token or rule give makes no MemberCluster, for that reason: whoever asks hears it. RG-5 */
export function refuse(request: Stored<CertificateSigningRequest>, why: string, now: EpochMs): Decision {
  return deny(request, `the hub cannot register the cluster as its token or AcceptanceRule says: ${why}`, now);
}

const notOurs: Decision = { writes: [], verdict: 'NotOurs', reason: '' };

/**
 * Judges one pending request for an agent's certificate. Pure and total. RG-1 to RG-6, SEC-1, SEC-2
 *
 * The whole subject, SANs, extensions and usages are compared, nothing may be extra. Who holds a join token, or is named by
 * an AcceptanceRule, may ask for the names that it allows, and the hub makes the MemberCluster; a member may renew its own
 * certificate, by exact equality of its user name and group with the subject. Until the member is accepted the request waits.
 */
export function decide(seen: Seen, now: EpochMs): Decision {
  const { request } = seen;
  if (request.status?.conditions?.some(({ type }) => type === 'Approved' || type === 'Denied')) return notOurs;
  const claim = readSubject(request);
  if ('problem' in claim) return claim.claimsMember ? deny(request, claim.problem, now) : notOurs;
  const { username = '', signerName } = request.spec;
  const { gives = 'certificate' } = seen;
  // Before anything is looked at, so that the agent knows at once, and asks for the other while it may have to wait.
  if (signerName === signerOf[gives === 'token' ? 'certificate' : 'token']) return redirect(request, gives, now);
  const answer = username.startsWith(memberUserPrefix) ? renew(seen, claim, now) : join(seen, claim, now);
  return typeof answer === 'string' ? deny(request, answer, now) : answer;
}

const signerOf = { certificate: memberSignerName, token: memberTokenSignerName } as const;

function redirect(request: Stored<CertificateSigningRequest>, gives: AgentIdentityMake, now: EpochMs): Decision {
  const message =
    gives === 'token'
      ? 'this hub gives its agents tokens of service accounts and no certificates: ask for a token; an agent that cannot is too old'
      : 'this hub gives its agents certificates and no tokens of service accounts: ask for a certificate';
  const denial = judge(request, { type: 'Denied', reason: otherMakeReason[gives], message }, now);
  return { writes: [denial], verdict: 'OtherMake', reason: message };
}

/** A text denies, with that reason. */
type Answer = Decision | string;

function renew({ request, member }: Seen, { clusterName, clusterUID }: Claim, now: EpochMs): Answer {
  const { username, groups = [], signerName } = request.spec;
  if (signerName === memberTokenSignerName) return 'a member asks for its token by itself, without a request';
  // Exact equality, never a prefix: cluster1 must not renew as cluster1xyz. SEC-1
  if (username !== memberUserName(clusterName, clusterUID) || !groups.includes(membersGroup)) {
    return `${username} may only renew its own certificate`;
  }
  if (member === undefined) return `there is no MemberCluster ${clusterName}`;
  if (member.status?.clusterUID !== clusterUID) return `another cluster is MemberCluster ${clusterName} now`;
  if (member.spec.acceptance === 'Denied') return `MemberCluster ${clusterName} is denied`;
  if (member.spec.acceptance === 'Pending') return waiting(`MemberCluster ${clusterName} is not accepted yet`);
  return approve(request, 'renewal by the member itself', now);
}

function join(seen: Seen, claim: Claim, now: EpochMs): Answer {
  const { request, member, token } = seen;
  const { username = '', groups = [], signerName } = request.spec;
  const { clusterName, clusterUID } = claim;
  // What a rule lets in it lets in by either make: which one, the hub says. RG-7
  const asked = signerName === memberTokenSignerName ? memberSignerName : signerName;
  const rules = matchingRules(seen.rules, { username, groups, clusterName, signerName: asked });
  if (token === undefined && rules.length === 0) {
    const isBootstrapper = username.startsWith('system:bootstrap:') && groups.includes(bootstrapGroup);
    if (isBootstrapper) return 'the bootstrap token is not a join token of this hub, or is spent';
    const reason = `no join token and no AcceptanceRule lets ${username} join as ${clusterName}`;
    return { writes: [], verdict: 'Unknown', reason };
  }
  const identity = `${clusterName}/${clusterUID}`;
  const refusal = joinRefusal(seen, claim, rules);
  if (refusal !== undefined) return refusal;
  const bind = token === undefined || !isUnbound(token.token) ? [] : [bound(token.secret, identity, now)];
  if (member === undefined) return register(seen, { claim, rules, bind }, now);
  switch (member.spec.acceptance) {
    case 'Denied':
      return `MemberCluster ${clusterName} is denied`;
    case 'Pending':
      return withFirst(bind, acceptLater(member, seen, rules));
    case 'Accepted': {
      const how =
        token === undefined ? `joined by the AcceptanceRule ${rules[0]?.rule.metadata.name}` : 'joined by token';
      const approval = approve(request, how, now);
      return { ...approval, writes: [...bind, ...recordIdentity(member, clusterUID), ...approval.writes] };
    }
  }
}

const withFirst = (first: readonly Write[], decision: Decision): Decision => ({
  ...decision,
  writes: [...first, ...decision.writes],
});
const isUnbound = ({ reusable, boundTo }: JoinToken) => !reusable && boundTo === undefined;
const bound = (secret: Stored<Secret>, identity: string, now: EpochMs) =>
  update(Secret, bindTokenSecret(secret, identity, now));

interface Joining {
  readonly claim: Claim;
  readonly rules: readonly RuleInUse[];
  readonly bind: readonly Write[];
}

/**
 * Set, labels, taints and acceptance come from token or rule, never from the agent. RG-1, RG-3. What accepts at once also
 * lets the certificate be issued at once, after the identity is recorded.
 */
function register({ token, request, hubUID, hubEpoch }: Seen, { claim, rules, bind }: Joining, now: EpochMs): Answer {
  const { clusterName, clusterUID } = claim;
  const open = rules.find(hasRoom);
  const source = token === undefined ? undefined : tokenSource(token.token.id);
  const byToken = token?.token.acceptance === 'Accepted' ? source : undefined;
  const rule = byToken === undefined ? open : undefined;
  if (token === undefined && rule === undefined) return waiting(fullText(rules));
  const ruleName = rule?.rule.metadata.name;
  const acceptor = byToken ?? (ruleName === undefined ? undefined : ruleSource(ruleName));
  const asked = {
    metadata: { name: clusterName, labels: { ...token?.token.labels } },
    spec: {
      acceptance: byToken === undefined ? ('Pending' as const) : ('Accepted' as const),
      clusterSet: token?.token.clusterSet ?? '',
    },
  };
  const { labels, spec } = rule === undefined ? { ...asked.metadata, spec: asked.spec } : acceptedBy(rule, asked);
  const object: MemberCluster = {
    apiVersion: apiVersionOf(MemberCluster),
    kind: MemberCluster.kind,
    metadata: {
      name: clusterName,
      labels,
      finalizers: [finalizer.memberCluster],
      annotations: {
        [annotation.hubUID]: hubUID,
        ...(hubEpoch === undefined ? {} : { [annotation.hubEpoch]: hubEpoch }),
        [annotation.requestedBy]: source ?? acceptor ?? '',
        ...(acceptor === undefined ? {} : { [annotation.acceptedBy]: acceptor }),
      },
    },
    spec,
  };
  if (acceptor === undefined) {
    const reason = `MemberCluster ${clusterName} was created and is not accepted yet`;
    return { writes: [...bind, create(MemberCluster, object)], verdict: 'Waiting', reason };
  }
  const approval = approve(request, `accepted by the ${acceptor.replace('/', ' ')}`, now);
  const registered = createMember(object, { clusterUID });
  return {
    ...approval,
    writes: [...bind, registered, ...approval.writes],
    ...(ruleName === undefined ? {} : { rule: ruleName }),
  };
}

/** A cluster that the hub registered and nobody has decided about: a token or a rule of later may. RG-3 */
function acceptLater(member: Stored<MemberCluster>, { token }: Seen, rules: readonly RuleInUse[]): Decision {
  const { name, annotations = {} } = member.metadata;
  const notYet = waiting(`MemberCluster ${name} is not accepted yet`);
  if (annotations[annotation.requestedBy] === undefined) return notYet; // made by a person, who decides
  const accept = (
    acceptor: string,
    given: Pick<MemberCluster, 'spec'> & { labels?: Record<string, string> },
  ): Write => {
    const metadata = {
      ...member.metadata,
      labels: { ...given.labels, ...member.metadata.labels },
      annotations: { ...annotations, [annotation.acceptedBy]: acceptor },
    };
    return update(MemberCluster, { ...member, metadata, spec: given.spec });
  };
  if (token?.token.acceptance === 'Accepted') {
    const acceptor = tokenSource(token.token.id);
    return { ...notYet, writes: [accept(acceptor, { spec: { ...member.spec, acceptance: 'Accepted' } })] };
  }
  const rule = rules.find(hasRoom);
  if (rule === undefined) return rules.length === 0 ? notYet : waiting(fullText(rules));
  const ruleName = rule.rule.metadata.name;
  return { ...notYet, writes: [accept(ruleSource(ruleName), acceptedBy(rule, member))], rule: ruleName };
}

const fullText = (rules: readonly RuleInUse[]) =>
  rules
    .map(
      ({ rule, clusters }) => `the AcceptanceRule ${rule.metadata.name} has accepted ${clusters} clusters, all it may`,
    )
    .join('; ');

/** RG-4: recorded at the first join, or when another cluster was let take the name over, before the certificate exists. */
function recordIdentity(member: Stored<MemberCluster>, clusterUID: string): Write[] {
  return changeMemberStatus(member, { ...member.status, clusterUID });
}

const waiting = (reason: string): Decision => ({ writes: [], verdict: 'Waiting', reason });

function approve(request: Stored<CertificateSigningRequest>, message: string, now: EpochMs): Decision {
  const approval = judge(request, { type: 'Approved', reason: 'QuarterdeckMember', message }, now);
  return { writes: [approval], verdict: 'Approved', reason: message };
}

function deny(request: Stored<CertificateSigningRequest>, message: string, now: EpochMs): Decision {
  const denial = judge(request, { type: 'Denied', reason: 'QuarterdeckRefused', message }, now);
  return { writes: [denial], verdict: 'Denied', reason: message };
}

interface Judgement {
  readonly type: 'Approved' | 'Denied';
  readonly reason: string;
  readonly message: string;
}

function judge(request: Stored<CertificateSigningRequest>, judgement: Judgement, now: EpochMs): Write {
  const time = formatTime(now);
  const condition = { ...judgement, status: 'True' as const, lastUpdateTime: time, lastTransitionTime: time };
  const conditions = [...(request.status?.conditions ?? []), condition];
  return {
    verb: 'updateSubresource',
    subresource: 'approval',
    type: CertificateSigningRequest,
    object: { ...request, status: { ...request.status, conditions } } as CertificateSigningRequest,
  };
}
