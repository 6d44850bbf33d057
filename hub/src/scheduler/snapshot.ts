import type { EpochMs, Requirement } from '@quarterdeck/machinery';

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
}

/** Everything a choice depends on, including the time. PL-40 */
export interface FleetSnapshot {
  readonly now: EpochMs;
  readonly clusters: readonly ClusterView[];
  /** Sets bound in the placement's namespace. PL-1 */
  readonly boundSets: ReadonlySet<string>;
}

/** A Placement, compiled: selectors parsed, defaults filled. */
export interface PlacementRequest {
  /** Sets to choose from; undefined: every bound set. */
  readonly clusterSets: readonly string[] | undefined;
  /** ORed; undefined: every cluster. PL-4 */
  readonly terms: readonly (readonly Requirement[])[] | undefined;
  readonly tolerations: readonly Toleration[];
  /** Undefined: every cluster that fits. 0 is valid and satisfied. PL-11 */
  readonly numberOfClusters: number | undefined;
}
