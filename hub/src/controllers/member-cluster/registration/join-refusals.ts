import { annotation } from '@quarterdeck/apis';
import type { RuleInUse } from '../../../registration/acceptance-rules.ts';
import { hasBeenHeardOf } from '../../../registration/heard-of.ts';
import { allowsClusterName, isShortLived } from '../../../registration/join-token.ts';
import type { Claim } from '../../../registration/subject.ts';
import type { Seen } from './seen.ts';

/** How many requests, and clusters, may wait at once; the next one is refused. RG-5 */
const maxWaiting = { forName: 3, byRequester: 100, pending: 100 } as const;

/**
 * Why a cluster that asks to join may not, whoever lets it; undefined: nothing is in the way. Pure.
 * @param rules those that would let it
 */
export function joinRefusal(seen: Seen, claim: Claim, rules: readonly RuleInUse[]): string | undefined {
  return (
    tokenRefusal(seen, claim) ??
    identityRefusal(seen, claim) ??
    returnRefusal(seen, claim, rules) ??
    crowdRefusal(seen, claim)
  );
}

/** RG-2 */
function tokenRefusal({ token: found }: Seen, { clusterName, clusterUID }: Claim): string | undefined {
  if (found === undefined) return undefined;
  const { token, secret } = found;
  const identity = `${clusterName}/${clusterUID}`;
  if (!allowsClusterName(token, clusterName)) {
    return `the token is for clusters named ${token.clusterPattern}, not ${clusterName}`;
  }
  if (!token.reusable && token.boundTo !== undefined && token.boundTo !== identity) {
    return 'the token was used by another cluster';
  }
  if (!isShortLived(token, secret)) {
    return 'the token is good for longer than the 24 hours that a join token may be: make one with quarterdeck token create';
  }
  return undefined;
}

/** RG-4 */
function identityRefusal({ member, twin }: Seen, { clusterName, clusterUID }: Claim): string | undefined {
  if (twin !== undefined) return `this cluster is registered as MemberCluster ${twin.metadata.name} already`;
  const recorded = member?.status?.clusterUID;
  if (recorded === undefined || recorded === clusterUID) return undefined;
  if (member?.metadata.annotations?.[annotation.replaceBy] === clusterUID) return undefined;
  return `another cluster is registered as MemberCluster ${clusterName}; to let this one take the name over: kubectl annotate membercluster ${clusterName} --overwrite ${annotation.replaceBy}=${clusterUID}`;
}

/**
 * The identity of a cluster is no secret, so whoever holds a token for many names, or is named by a rule, could become each of
 * the clusters that have these. One that was heard of comes back by a token for its own name, or by the one that it used. RG-8
 */
function returnRefusal({ token, member }: Seen, { clusterName, clusterUID }: Claim, rules: readonly RuleInUse[]) {
  if (member?.status?.clusterUID !== clusterUID || !hasBeenHeardOf(member)) return undefined;
  const back = `for this one: quarterdeck token create --cluster ${clusterName}`;
  if (token === undefined) {
    return `MemberCluster ${clusterName} has joined already, and the AcceptanceRule ${rules[0]?.rule.metadata.name} is for new ones; ${back}`;
  }
  const { clusterPattern, boundTo } = token.token;
  if (!clusterPattern.includes('*') || boundTo === `${clusterName}/${clusterUID}`) return undefined;
  return `MemberCluster ${clusterName} has joined already, and a token for clusters named ${clusterPattern} is for new ones; ${back}`;
}

/** Why no more requests may wait; undefined: one more may. RG-5 */
function crowdRefusal({ waiting: { forName, byRequester, pending }, member, request }: Seen, { clusterName }: Claim) {
  if (member?.spec.acceptance === 'Accepted') return undefined;
  if (forName >= maxWaiting.forName) {
    return `${forName} requests to join as ${clusterName} wait already; accept or deny the MemberCluster first`;
  }
  if (byRequester >= maxWaiting.byRequester) {
    return `${byRequester} requests by ${request.spec.username ?? ''} wait already; accept or deny those first`;
  }
  if (member === undefined && pending >= maxWaiting.pending) {
    return `${pending} clusters that came the same way wait for acceptance already; accept or deny those first`;
  }
  return undefined;
}
