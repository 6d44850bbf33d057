import type { EpochMs, Quantity } from '@quarterdeck/machinery';

/** A taint as the scheduler reads it. */
export interface Taint {
  readonly key: string;
  readonly value: string;
  readonly effect: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
  /** Epoch ms; stamped by the hub. Absent: not stamped yet, counts as now. PL-8 */
  readonly timeAdded?: EpochMs;
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
   * Whether that profile exists, the set that the cluster is registered in too (PL-21), and the cluster does not say to be of
   * another one (AB-36). If not, new placements are kept out; a chosen cluster stays, for a profile that somebody deleted is about to be made again. PL-1, PL-6
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
