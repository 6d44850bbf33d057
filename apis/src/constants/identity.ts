import { createHash } from 'node:crypto';
import { hubServiceAccountName, memberNamespaceName, systemNamespace } from './names.ts';

/** What an agent's certificate says, and who may ask for one. RG-1, RG-6, RG-7 */
export const memberUserPrefix = 'quarterdeck:member:';

/**
 * The common name of a member's certificate, and so its user name on the hub: which name, and which cluster has it. So the
 * certificate of a cluster that was replaced is that of somebody else. RG-4
 * @param clusterUID uid of the cluster's namespace kube-system
 */
export const memberUserName = (clusterName: string, clusterUID: string): string =>
  `${memberUserPrefix}${clusterName}:${clusterUID}`;

/** A member's user name, taken apart. */
export interface MemberUser {
  readonly clusterName: string;
  readonly clusterUID: string;
}

/** Whose user name it is; undefined for users that claim to be no member. Parts that are missing are empty. */
export function readMemberUser(userName: string): MemberUser | undefined {
  if (!userName.startsWith(memberUserPrefix)) return undefined;
  const rest = userName.slice(memberUserPrefix.length);
  const at = rest.indexOf(':');
  if (at < 0) return rest === '' ? undefined : { clusterName: rest, clusterUID: '' };
  return { clusterName: rest.slice(0, at), clusterUID: rest.slice(at + 1) };
}

/** The one organisation of a member's certificate. */
export const membersGroup = 'quarterdeck:members';
/** Extra group of bootstrap tokens that may ask to join. */
export const bootstrapGroup = 'system:bootstrappers:quarterdeck';
/** Common to our hub and a real Kubernetes hub. KA-133 */
export const memberSignerName = 'kubernetes.io/kube-apiserver-client';
/**
 * Signer of requests of agents on a hub that gives tokens of service accounts. Nothing signs them: approving one lets its
 * requester ask for the token. RG-7
 */
export const memberTokenSignerName = 'quarterdeck.dev/agent-token';
/** Reasons of a denial that only means: ask for the other make of identity, which this hub gives. RG-7 */
export const otherMakeReason = {
  certificate: 'QuarterdeckGivesCertificates',
  token: 'QuarterdeckGivesTokens',
} as const;
/** What a hub gives its agents to prove who they are. RG-7 */
export type AgentIdentityMake = keyof typeof otherMakeReason;

const memberAccountPrefix = 'quarterdeck-agent-';

/**
 * Service account of a member in its namespace on the hub, where the hub gives tokens. Which cluster it is stands in the name,
 * so that a cluster that was replaced is somebody else here too. RG-4, RG-7
 * @param clusterUID uid of the cluster's namespace kube-system
 */
export const memberAccountName = (clusterUID: string): string =>
  `${memberAccountPrefix}${createHash('sha256').update(clusterUID).digest('hex').slice(0, 20)}`;

/** Whether a user name is that of an agent of this member, by certificate or by token; of which cluster, its bindings say. RG-7 */
export function isAgentOf(clusterName: string, userName: string): boolean {
  const account = `system:serviceaccount:${memberNamespaceName(clusterName)}:${memberAccountPrefix}`;
  return readMemberUser(userName)?.clusterName === clusterName || userName.startsWith(account);
}

/** CEL: whether a request is by an agent that holds a token. Groups tell those that hold a certificate. */
export const isMemberAccountExpression = `request.userInfo.username.matches('^system:serviceaccount:member-[a-z0-9-]+:${memberAccountPrefix}[0-9a-f]+$')`;

/** What the certificate of a member may be used for; nothing else is approved. RG-6 */
export const memberCertificateUsages = ['client auth', 'digital signature'] as const;

/** Value of spec.clusterManager.name in our profiles, and of their label. CI-1, CI-5 */
export const clusterManagerName = 'quarterdeck';
/** Value of schedulerName in our decisions. PD-11 */
export const schedulerName = 'quarterdeck';
/** Value of the managed-by label on what the hub installs. */
export const managedByValue = 'quarterdeck';

/** The user that the controllers of the hub act as, on our server and on a Kubernetes hub alike. */
export const hubUserName = `system:serviceaccount:${systemNamespace}:${hubServiceAccountName}`;

/** Field manager of the hub's controllers. */
export const hubFieldManager = 'quarterdeck-hub';
/** Field manager of the agent's own writes on the hub and on the member, applied manifests aside. */
export const agentFieldManager = 'quarterdeck-agent';
/** Field manager of applied manifests on a member: one for each hub, so that two hubs do not take fields from each other. WK-23, RG-11 */
export const applyFieldManager = (hubUID: string): string => `quarterdeck:${hubUID}`;

/** RBAC names. One role and binding for each member, with exact names. RG-21 */
export const roleName = {
  /** ClusterRole of bootstrap identities: create and read their own requests. */
  bootstrap: 'quarterdeck:bootstrap',
  /** Role and RoleBinding in each member's namespace. */
  memberNamespace: 'quarterdeck:member',
  /** ClusterRole, and RoleBinding in each member's namespace, to get Secrets there by name. DL-31 */
  memberSecrets: 'quarterdeck:member-secrets',
  /** Role and RoleBinding in each member's namespace, to ask for tokens of the agent's own account. RG-7 */
  memberToken: 'quarterdeck:member-token',
  /** ClusterRole, bound to the hub in each member's namespace: nobody gives what he has not. RG-7 */
  tokens: 'quarterdeck:tokens',
  /** ClusterRole and ClusterRoleBinding of one member, for its own MemberCluster. */
  member: (clusterName: string): string => `${memberUserPrefix}${clusterName}`,
} as const;
