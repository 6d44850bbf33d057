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
  /**
   * Keeps asking for a request that stays open: `onLost` is called once, in this call or whenever roles change, as soon as
   * `check` is false or throws. What `check` asks of the authorizer it is given decides when it is asked again. Absent:
   * decisions of this authorizer never change. RG-22, SEC-15
   */
  hold?(check: (authorizer: Authorizer) => boolean, onLost: () => void): Disposable;
}
