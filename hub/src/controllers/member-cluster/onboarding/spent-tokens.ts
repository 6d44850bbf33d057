import {
  annotation,
  conditionType,
  findCondition,
  isConditionTrue,
  type MemberCluster,
  memberLeaseName,
  memberNamespaceName,
  Secret,
  type Stored,
} from '@quarterdeck/apis';
import type { Fleet } from '../../../fleet/fleet.ts';
import { readJoinToken, tokenNamespace, tokenSelector } from '../../../registration/join-token.ts';

/** What was found of the tokens that let a member in. */
export interface TokenFindings {
  /** Single-use tokens that have done their work. */
  readonly spentTokens: readonly Stored<Secret>[];
  /** Milliseconds until they are to be looked for once more; undefined: never, or when something changes. */
  readonly lookAgainMs: number | undefined;
}

/** Finds tokens to be removed. Each look reads all tokens that there are, so there are few. */
export interface TokenSearch {
  spentBy(member: Stored<MemberCluster>): Promise<TokenFindings>;
}

const maxKnown = 20_000;
/** For how long after a member is heard of again its token may be there; the oldest token is older. RG-8 */
const lookForTokensMs = 10 * 60_000;
/** Times of conditions are whole seconds: a token may still be bound within the one in which the member was heard. */
const settledMs = 2_000;

const nothing: TokenFindings = { spentTokens: [], lookAgainMs: undefined };

/**
 * Single-use tokens have done their work when the member is heard of since it used them, for the first time or again after its
 * certificate had expired. They are looked for as it joins, and once more a moment after it was heard, each time anew. Read
 * live: token Secrets are nobody's cache. RG-2, RG-8
 */
export function createTokenSearch({
  hubClient,
  caches,
  clock,
}: Pick<Fleet, 'hubClient' | 'caches' | 'clock'>): TokenSearch {
  /** Since when a member was heard of when none was left, by its uid: none can come to that. */
  const known = new Map<string, number>();
  return {
    async spentBy(member) {
      const namespace = memberNamespaceName(member.metadata.name);
      if (caches.leases.get(`${namespace}/${memberLeaseName}`) === undefined) return nothing;
      const { Joined, HubLeaseCurrent } = conditionType.MemberCluster;
      const hasJoined = isConditionTrue(member.status?.conditions, Joined);
      const lease = findCondition(member.status?.conditions, HubLeaseCurrent);
      const heardSince = lease?.status === 'True' ? Date.parse(lease.lastTransitionTime) : 0;
      const heardMs = Math.max(0, clock.now() - heardSince);
      if (hasJoined && (heardMs > lookForTokensMs || known.get(member.metadata.uid) === heardSince)) return nothing;
      if (hasJoined && heardMs <= settledMs) return { spentTokens: [], lookAgainMs: settledMs + 1 - heardMs };
      const { items } = await hubClient.list(Secret, { namespace: tokenNamespace, fieldSelector: tokenSelector });
      const spentTokens = items.filter((secret) => isSpent(secret, member, { heardSince, hasJoined }));
      if (hasJoined && spentTokens.length === 0) {
        if (known.size >= maxKnown) known.clear();
        known.set(member.metadata.uid, heardSince);
      }
      return { spentTokens, lookAgainMs: undefined };
    },
  };
}

interface Heard {
  /** Epoch ms. */
  readonly heardSince: number;
  readonly hasJoined: boolean;
}

function isSpent(secret: Stored<Secret>, member: Stored<MemberCluster>, { heardSince, hasJoined }: Heard): boolean {
  const { metadata, status } = member;
  const token = readJoinToken(secret);
  if (token === undefined || token.reusable || token.boundTo !== `${metadata.name}/${status?.clusterUID}`) return false;
  const { boundAt = 0 } = token;
  const replacement = metadata.annotations?.[annotation.replaceBy];
  // What was heard within the second in which another cluster took the name over was the one before it. RG-4
  if (replacement !== undefined && replacement === status?.clusterUID) return boundAt < heardSince;
  return !hasJoined || boundAt < heardSince + 1_000;
}
