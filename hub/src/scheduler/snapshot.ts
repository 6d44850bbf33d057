import type { EpochMs } from '@quarterdeck/machinery';
import type { Amounts } from './cluster-view.ts';
import type { FleetIndex } from './fleet-index.ts';

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
