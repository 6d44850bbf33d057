import type { ComparisonType } from '@quarterdeck/apis';
import type { EpochMs, Quantity, Requirement } from '@quarterdeck/machinery';
import type { FleetIndex } from './fleet-index.ts';

/** A taint as the scheduler reads it. */
export interface Taint {
  readonly key: string;
  readonly value: string;
  readonly effect: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
  /** Epoch ms; stamped by the hub. Absent: not stamped yet, counts as now. PL-8 */
  readonly timeAdded?: EpochMs;
}

/** Kubernetes' toleration. An absent effect tolerates all effects; an absent key needs operator Exists. PL-8 */
export interface Toleration {
  readonly key?: string;
  readonly operator?: 'Exists' | 'Equal';
  readonly value?: string;
  readonly effect?: Taint['effect'];
  /** How long a NoExecute taint is tolerated; absent: for ever. */
  readonly tolerationSeconds?: number;
}

/** Amounts by resource name. */
export type Amounts = ReadonlyMap<string, Quantity>;

/** What a cluster has and what of it is free, as its agent last reported. RG-32 */
export interface Capacity {
  readonly total: Amounts;
  readonly allocatable: Amounts;
  /** Allocatable minus requested. Undefined: the agent does not report requests; free is then unknown. */
  readonly free: Amounts | undefined;
  /** Free resources of single nodes, `count` nodes each; undefined: not reported, room is judged by the sum. */
  readonly nodes: readonly { readonly count: number; readonly free: Amounts }[] | undefined;
  /** When this was observed; undefined: not said. */
  readonly observedAt: EpochMs | undefined;
}

/** What a ClusterScore object says of a cluster. PL-15, PL-19 */
export interface OutsideScore {
  readonly values: ReadonlyMap<string, number>;
  /** Why placements shall not choose the cluster; undefined: they may. */
  readonly exclusion: string | undefined;
  /** Until when it holds; undefined: for ever. */
  readonly validUntil: EpochMs | undefined;
}

/** Kinds that a cluster serves. */
export interface ServedApis {
  /** `group/version/Kind`, the core group being empty. */
  readonly kinds: ReadonlySet<string>;
  /** False: discovery was partial; what is not listed is unknown. PL-6 */
  readonly complete: boolean;
}

/** One member cluster as the scheduler sees it. Immutable. */
export interface ClusterView {
  /** Unique in the fleet: the MemberCluster's name, which is also its profile's. */
  readonly name: string;
  /** Namespace of the profile in its ClusterSet: what decisions refer to. PL-2 */
  readonly profileNamespace: string;
  /**
   * Whether that profile exists. One that does not keeps new placements out; a chosen cluster stays, for a profile that
   * somebody deleted is about to be made again. PL-1, PL-6
   */
  readonly isPublished: boolean;
  readonly clusterSet: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  /** False once its Lease is lost. A lost cluster is no candidate; a chosen one stays (PL-22). */
  readonly reachable: boolean;
  /** Being deleted or no longer accepted: leaves every decision at once. RG-40 */
  readonly leaving: boolean;
  /** ClusterProperties by name. */
  readonly properties: Readonly<Record<string, string>>;
  /** Kubernetes version; undefined: not reported. */
  readonly version: string | undefined;
  /** Undefined: not reported. */
  readonly capacity: Capacity | undefined;
  /** Status by condition type. */
  readonly conditions: Readonly<Record<string, string>>;
  /** Undefined: not reported. */
  readonly apis: ServedApis | undefined;
  /** By name of the ClusterScore object. */
  readonly scores: Readonly<Record<string, OutsideScore>>;
}

/** Room that a decision takes on a cluster whose capacity report does not show it yet. PL-16 */
export interface Reservation {
  readonly placement: string;
  readonly clusterName: string;
  readonly copies: number;
  readonly requests: Amounts;
  /** When it ends by itself. */
  readonly until: EpochMs;
}

/** Everything a choice depends on, including the time. Immutable. PL-40 */
export interface FleetSnapshot {
  readonly now: EpochMs;
  readonly fleet: FleetIndex;
  /** Bound ClusterSets by namespace. PL-1 */
  readonly bound: ReadonlyMap<string, ReadonlySet<string>>;
  /** The clusters that other placements, and this one, hold now, by `namespace/name`. PL-15, PL-18 */
  readonly decisions: ReadonlyMap<string, ReadonlySet<string>>;
  readonly reservations: readonly Reservation[];
  /** How many of `decisions` hold each cluster, by position in the fleet, where somebody counted; else it is counted. */
  readonly load?: Int32Array;
  /** The hub holds back what follows from loss. PL-23 */
  readonly brake: boolean;
}

/** True, false, or cannot be told. PL-6 */
export type Verity = boolean | undefined;

/** One compiled requirement on a property. PL-4 */
export interface PropertyRequirement {
  readonly name: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Ge' | 'Lt' | 'Le';
  readonly type: ComparisonType;
  readonly values: readonly string[];
}

/** A CEL expression made ready, whoever evaluates it. Total: an error is a value. PL-5 */
export interface ClusterExpression {
  /** The text, which also tells expressions apart. */
  readonly text: string;
  /** @returns what it yields, or why it yields nothing (an error, the cost bound) */
  evaluate(cluster: ClusterView): { readonly value: boolean | number } | { readonly error: string };
}

export interface RequiredApi {
  readonly group: string;
  /** Undefined: any. */
  readonly version: string | undefined;
  readonly kind: string;
}

/** A term: everything in it must hold. PL-4 */
export interface Suitability {
  /** Undefined: a term without a name. */
  readonly name: string | undefined;
  readonly labels: readonly Requirement[];
  readonly properties: readonly PropertyRequirement[];
  readonly expression: ClusterExpression | undefined;
  readonly apis: readonly RequiredApi[];
  /** Equal terms have equal keys: what was found for one holds for the other. */
  readonly key: string;
}

/** PL-14 */
export interface SpreadRule {
  readonly topologyKey: string;
  readonly source: 'Label' | 'Property';
  readonly hard: boolean;
  /** Infinity: any. */
  readonly maxSkew: number;
  readonly minDomains: number;
  readonly maxDomains: number;
  readonly maxPerDomain: number;
  readonly exemptsMissing: boolean;
}

interface PriorityBase {
  readonly weight: number;
}
/** PL-15 */
export type Priority =
  | (PriorityBase & { readonly type: 'Label'; readonly labels: readonly Requirement[]; readonly key: string })
  | (PriorityBase & { readonly type: 'Property'; readonly properties: readonly PropertyRequirement[] })
  | (PriorityBase & {
      readonly type: 'PropertyValue';
      readonly name: string;
      readonly valueType: ComparisonType;
      readonly descending: boolean;
    })
  | (PriorityBase & { readonly type: 'FreeCapacity'; readonly resource: string; readonly most: boolean })
  | (PriorityBase & { readonly type: 'Balance' })
  | (PriorityBase & { readonly type: 'Steadiness' })
  | (PriorityBase & { readonly type: 'Expression'; readonly expression: ClusterExpression })
  | (PriorityBase & { readonly type: 'ClusterScore'; readonly objectName: string; readonly score: string });

/** PL-20 */
export type Cause =
  | 'Scores'
  | 'PreferNoSchedule'
  | 'OtherPlacements'
  | 'RequiredTerms'
  | 'NoExecute'
  | 'Shortfall'
  | 'NewMatches';

export interface GroupRule {
  readonly name: string;
  readonly labels: readonly Requirement[];
}

/** A Placement, compiled: selectors parsed, defaults filled. */
export interface PlacementRequest {
  /** `namespace/name`. */
  readonly key: string;
  readonly namespace: string;
  /** Higher chooses first. PL-41 */
  readonly priority: number;
  readonly createdAt: EpochMs;
  /** Sets to choose from; undefined: every bound set. */
  readonly clusterSets: readonly string[] | undefined;
  /** Position by name, in the order of preference; undefined: no list. PL-3 */
  readonly clusterNames: ReadonlyMap<string, number> | undefined;
  readonly excludedNames: ReadonlySet<string>;
  /** ORed; undefined: every cluster. PL-4 */
  readonly terms: readonly Suitability[] | undefined;
  /** In order; empty: one pool of all. PL-7 */
  readonly candidateTerms: readonly Suitability[];
  readonly overflow: boolean;
  /** How long an earlier term must be able to serve before it does again; undefined: never. */
  readonly failbackAfterMs: number | undefined;
  readonly tolerations: readonly Toleration[];
  /** Undefined: every cluster that fits. 0 is valid and satisfied. PL-11 */
  readonly numberOfClusters: number | undefined;
  readonly minimum: number;
  readonly spread: readonly SpreadRule[];
  readonly priorities: readonly Priority[];
  readonly copies: { readonly count: number; readonly requests: Amounts; readonly hard: boolean } | undefined;
  /** `namespace/name` of placements. PL-18 */
  readonly sameAs: readonly string[];
  readonly otherThan: readonly string[];
  readonly groups: readonly GroupRule[];
  /** Undefined: any number. */
  readonly groupSize: { readonly clusters: number } | { readonly percent: number } | undefined;
  /** False: pure ranking. PL-20 */
  readonly steady: boolean;
  readonly actOn: ReadonlySet<Cause>;
  readonly holdBack: ReadonlySet<Cause>;
  readonly maxMoves: number;
  readonly removeOnLoss: boolean;
}

/** What stands: the last decision and what the status remembers of it. */
export interface Previous {
  readonly clusters: ReadonlySet<string>;
  /** Whether a decision was ever made: nothing chosen is not the same as nothing decided. */
  readonly decided: boolean;
  /** The candidate term in use. */
  readonly term: string | undefined;
  readonly failback: { readonly term: string; readonly since: EpochMs } | undefined;
  /** Chosen, but nothing runs there yet: they leave first. PL-12 */
  readonly undelivered: ReadonlySet<string>;
  /** Copies that each chosen cluster was counted on for: what it holds counts as free for it. PL-16 */
  readonly copies: ReadonlyMap<string, number>;
  /** A fresh choice was asked for. PL-24 */
  readonly fresh: boolean;
}

export const nothingBefore: Previous = Object.freeze({
  clusters: new Set<string>(),
  decided: false,
  term: undefined,
  failback: undefined,
  undelivered: new Set<string>(),
  copies: new Map<string, number>(),
  fresh: false,
});
