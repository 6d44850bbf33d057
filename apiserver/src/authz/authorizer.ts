import type { UserInfo } from '../authn/authenticator.ts';

/** What is about to be done, as RBAC sees it. KA-6 */
export type Attributes = ResourceAttributes | NonResourceAttributes;

export interface ResourceAttributes {
  readonly user: UserInfo;
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  /** Empty for the main resource. */
  readonly subresource: string;
  /** Empty: cluster-wide, or a cluster-scoped resource. */
  readonly namespace: string;
  /** Empty for create, list, watch without a name, deletecollection. */
  readonly name: string;
}

export interface NonResourceAttributes {
  readonly user: UserInfo;
  readonly verb: string;
  readonly path: string;
}

export interface Decision {
  readonly allowed: boolean;
  /** For people: which binding allows, or that none does. */
  readonly reason: string;
}

export interface PolicyRule {
  readonly verbs: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
}

/** Synchronous: decisions come from an index in memory, whose cost does not grow with the number of bindings. KA-127 */
export interface Authorizer {
  authorize(attributes: Attributes): Decision;
  /** Everything the user may do in the namespace (and cluster-wide): SelfSubjectRulesReview, escalation checks. */
  rulesFor(user: UserInfo, namespace: string): readonly PolicyRule[];
}
