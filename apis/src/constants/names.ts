import { createHash } from 'node:crypto';

const maxLabelLength = 63;
const hashLength = 10;

/** Lower-case base32 without padding: 10 characters are 50 bits. */
function shortHash(text: string): string {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
  const digest = createHash('sha256').update(text).digest();
  return Array.from({ length: hashLength }, (_, index) => alphabet[(digest[index] ?? 0) % 32]).join('');
}

/**
 * The text itself where it fits, else its start, a dash and a hash of the whole. The result is at most `maxLength`
 * characters and never ends its start in a separator. DL-10
 */
export function boundedName(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  const start = text.slice(0, maxLength - hashLength - 1).replace(/[-._]+$/, '');
  return `${start}-${shortHash(text)}`;
}

/** A name as a label value: object names fit the characters, but may be too long. */
export const labelValueOf = (name: string): string => boundedName(name, maxLabelLength);

/** Namespace of a member on the hub; the one in use is recorded in the MemberCluster's status. */
export const memberNamespaceName = (clusterName: string): string =>
  boundedName(`member-${clusterName}`, maxLabelLength);

/** Namespace of a ClusterSet on the hub, which holds the profiles; recorded in the ClusterSet's status. */
export const clusterSetNamespaceName = (clusterSet: string): string =>
  boundedName(`clusterset-${clusterSet}`, maxLabelLength);

/** Lease in a member's namespace that its agent renews. RG-30 */
export const memberLeaseName = 'quarterdeck-agent';
/** Lease beside it, that an agent renews while another one of its cluster acts. RG-11 */
export const memberStandbyLeaseName = 'quarterdeck-agent-standby';
/** Seconds, RG-30 */
export const memberLeaseRenewSeconds = 10;
export const memberLeaseDurationSeconds = 40;

/** Namespace of Quarterdeck's own objects, on the hub and on members. */
export const systemNamespace = 'quarterdeck-system';
/** Service account in {@link systemNamespace} on the hub that its controllers act as. */
export const hubServiceAccountName = 'quarterdeck-hub';
/** Service account in {@link systemNamespace} on the member that Works are executed as, unless they name another. DL-30 */
export const agentExecutorName = 'quarterdeck-executor';
/** Service account in {@link systemNamespace} on the member that the tunnel, and nothing else, acts by. RG-50 */
export const tunnelAccountName = 'quarterdeck-tunnel';
/** ConfigMap in {@link systemNamespace} on the member that restricts the tunnel. RG-50 */
export const tunnelPolicyName = 'quarterdeck-tunnel';
/** Lease in {@link systemNamespace} of the hub process that runs the controllers. */
export const hubLeaderLeaseName = 'quarterdeck-hub';
/** Lease in {@link systemNamespace} on the member of the agent that acts. RG-11 */
export const agentLeaderLeaseName = 'quarterdeck-agent';
/** The set of members that name none. RG-12 */
export const defaultClusterSet = 'default';
/** Taint keys that the hub sets by itself. PL-8 */
export const taintKey = {
  unreachable: 'quarterdeck.dev/unreachable',
  unhealthy: 'quarterdeck.dev/unhealthy',
  /** Set by people: `quarterdeck cordon`. */
  cordoned: 'quarterdeck.dev/cordoned',
} as const;
