import type { Bits } from '../../bits.ts';
import type { ClusterView } from '../../cluster-view.ts';
import type { PlacementRequest } from '../../placement-request.ts';
import type { FleetSnapshot, Previous, Reservation } from '../../snapshot.ts';

/** Stands in explanations and, counted, in the Placement's message. PL-32 */
export type FilterName =
  | 'NotBound'
  | 'SetNotNamed'
  | 'NameNotListed'
  | 'NameExcluded'
  | 'Leaving'
  | 'NoTermMatches'
  | 'NoCandidateTermMatches'
  | 'NoSpreadKey'
  | 'NotPublished'
  | 'Tainted'
  | 'Unreachable'
  | 'RelatedPlacement'
  | 'ExcludedByScore'
  | 'NoRoom';

/** Reservations by name of the cluster. PL-16 */
export type ReservedByCluster = ReadonlyMap<string, readonly Reservation[]>;

/** What a filter may look at. */
export interface FilterContext {
  readonly snapshot: FleetSnapshot;
  readonly request: PlacementRequest;
  readonly previous: Previous;
  /** What others have reserved, where it is asked for more than once; absent: it is put together from the snapshot. */
  readonly reserved?: ReservedByCluster;
}

/** A step that rules clusters out. Steps run in order; the first that refuses names the reason. */
export interface Filter {
  readonly name: FilterName;
  /** For the Placement's message, after a count: "3 unreachable". */
  readonly words: string;
  /** What of a cluster the answer depends on; empty when the placement does not use the filter. PL-42 */
  aspects(request: PlacementRequest): readonly string[];
  /**
   * Why the cluster is refused, for people, with the observed value; undefined when it passes.
   * @param chosen it stands in the last decision: only what is known to break a rule that always holds removes it. What
   *   merely keeps newcomers out (a taint, loss, a missing profile) lets it pass. PL-6, PL-20
   */
  refuse(cluster: ClusterView, context: FilterContext, chosen: boolean): string | undefined;
  /** The newcomers that pass, all at once; undefined: all do. Says the same as `refuse`. */
  passing(context: FilterContext): Bits | undefined;
}
