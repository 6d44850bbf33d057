import type { ComparisonType } from '@quarterdeck/apis';
import type { EpochMs, Requirement } from '@quarterdeck/machinery';
import type { Amounts, ClusterView, Taint } from './cluster-view.ts';

/** Kubernetes' toleration. An absent effect tolerates all effects; an absent key needs operator Exists. PL-8 */
export interface Toleration {
  readonly key?: string;
  readonly operator?: 'Exists' | 'Equal';
  readonly value?: string;
  readonly effect?: Taint['effect'];
  /** How long a NoExecute taint is tolerated; absent: for ever. */
  readonly tolerationSeconds?: number;
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
