import { taintKey } from '@quarterdeck/apis';
import type { EpochMs } from '@quarterdeck/machinery';
import { aspect } from './aspects.ts';
import { addBit, allBits, type Bits, dropBit, keepBits } from './bits.ts';
import type { ClusterView } from './cluster-view.ts';
import type { Cause } from './placement-request.ts';
import { filters } from './plugins/filter/all.ts';
import type { FilterContext, FilterName } from './plugins/filter/filter.ts';
import { related } from './plugins/filter/related.ts';
import { inSets } from './plugins/filter/sets.ts';
import { tolerationsKey } from './plugins/filter/tainted.ts';
import { judgeTerm, suitable } from './suitability.ts';
import { evictionTime, untolerated } from './taints.ts';

/** A cluster of the last decision that may stay. */
export interface Standing {
  readonly position: number;
  readonly cluster: ClusterView;
  /** A NoExecute taint drives it away: it stays only if nothing takes its place. PL-22 */
  readonly driven: boolean;
}

export interface Suppression {
  readonly cause: Cause;
  readonly clusters: readonly string[];
}

/** Who can be chosen, before anything is weighed. */
export interface Candidates {
  readonly standing: readonly Standing[];
  /** Of the last decision, and must go. */
  readonly gone: readonly string[];
  /** Clusters that may be chosen newly. */
  readonly newcomers: Bits;
  readonly suppressed: readonly Suppression[];
  /** A loss would have changed the decision, were the brake not on. PL-23 */
  readonly heldByBrake: boolean;
  /** When time alone drives the first cluster away; Infinity: never. PL-40 */
  readonly nextEviction: EpochMs;
}

const lossKeys: readonly string[] = [taintKey.unreachable, taintKey.unhealthy];

export function findCandidates(context: FilterContext): Candidates {
  const { snapshot, request, previous } = context;
  const { fleet, now } = snapshot;
  const newcomers = newcomersOf(context);
  const standing: Standing[] = [];
  const gone: string[] = [];
  const held = new Map<Cause, string[]>();
  const suppress = (cause: Cause, name: string) => held.set(cause, [...(held.get(cause) ?? []), name]);
  let heldByBrake = false;
  let nextEviction = Number.POSITIVE_INFINITY;
  for (const name of [...previous.clusters].sort()) {
    const position = fleet.positionOf(name);
    const cluster = position === undefined ? undefined : fleet.clusters[position];
    if (position === undefined || cluster === undefined || refusalOf(cluster, context, true) !== undefined) {
      gone.push(name);
      continue;
    }
    dropBit(newcomers, position);
    const eviction = evictionOf(cluster, context);
    if (eviction.held) heldByBrake = true;
    let driven = eviction.at <= now;
    if (driven && request.holdBack.has('NoExecute')) {
      suppress('NoExecute', name);
      driven = false;
    }
    if (driven && request.removeOnLoss) {
      gone.push(name);
      continue;
    }
    if (!driven) nextEviction = Math.min(nextEviction, eviction.at > now ? eviction.at : nextEviction);
    // A fresh choice takes nobody whom it would not take anew, unless nothing takes the place. PL-22, PL-24
    if (previous.fresh && refusalOf(cluster, context, false) !== undefined) driven = true;
    standing.push({ position, cluster, driven });
    if (request.steady) noteSuppressed(cluster, context, suppress);
  }
  return {
    standing,
    gone,
    newcomers,
    suppressed: [...held].map(([cause, clusters]) => ({ cause, clusters })),
    heldByBrake,
    nextEviction,
  };
}

/** What would speak against a chosen cluster, were it looked at afresh. PL-20 */
function noteSuppressed(
  cluster: ClusterView,
  context: FilterContext,
  suppress: (cause: Cause, name: string) => void,
): void {
  const { request } = context;
  if (
    !request.actOn.has('PreferNoSchedule') &&
    request.numberOfClusters !== undefined &&
    untolerated(cluster.taints, request.tolerations, 'PreferNoSchedule') !== undefined
  )
    suppress('PreferNoSchedule', cluster.name);
  if (!request.actOn.has('OtherPlacements') && related.refuse(cluster, context, false) !== undefined)
    suppress('OtherPlacements', cluster.name);
  if (!request.holdBack.has('RequiredTerms')) return;
  const holds = (terms: readonly Parameters<typeof judgeTerm>[0][]) =>
    terms.length === 0 || terms.some((term) => judgeTerm(term, cluster).holds !== false);
  if ((request.terms !== undefined && !holds(request.terms)) || !holds(request.candidateTerms))
    suppress('RequiredTerms', cluster.name);
}

/** When a NoExecute taint drives a chosen cluster away. While the brake is on, what stems from loss does not. PL-8, PL-23 */
function evictionOf(
  { taints }: ClusterView,
  { snapshot: { now, brake }, request: { tolerations } }: FilterContext,
): { readonly at: EpochMs; readonly held: boolean } {
  if (taints.length === 0) return { at: Number.POSITIVE_INFINITY, held: false };
  const at = evictionTime(taints, tolerations, now);
  if (!brake || at > now) return { at, held: false };
  const rest = taints.filter(({ key }) => !lossKeys.includes(key));
  const otherwise = evictionTime(rest, tolerations, now);
  return { at: otherwise, held: otherwise > now };
}

export interface Refusal {
  readonly name: FilterName;
  readonly message: string;
}

/** The first filter that refuses a cluster. */
export function refusalOf(cluster: ClusterView, context: FilterContext, chosen: boolean): Refusal | undefined {
  for (const filter of filters) {
    const message = filter.refuse(cluster, context, chosen);
    if (message !== undefined) return { name: filter.name, message };
  }
  return undefined;
}

function newcomersOf(context: FilterContext): Bits {
  const bits = allBits(context.snapshot.fleet.clusters.length);
  for (const filter of filters) {
    const passing = filter.passing(context);
    if (passing !== undefined) keepBits(bits, passing);
  }
  return bits;
}

/** Clusters of the sets that are bound in the placement's namespace: all that its tenant may hear of. PL-33 */
export const inReachOf = ({ snapshot, request }: FilterContext): Bits =>
  inSets(snapshot.fleet, snapshot.bound.get(request.namespace) ?? []);

/** Clusters with an untolerated PreferNoSchedule taint. PL-10 */
export const discouragedOf = ({ snapshot, request: { tolerations } }: FilterContext): Bits =>
  snapshot.fleet.where(
    `discouraged ${tolerationsKey(tolerations)}`,
    [aspect.taints],
    ({ taints }) => taints.length > 0 && untolerated(taints, tolerations, 'PreferNoSchedule') !== undefined,
  );

/**
 * Per candidate term the clusters that belong to it; without terms one pool of all. A chosen cluster of which it is not known
 * belongs. PL-6, PL-7
 */
export function poolsOf(context: FilterContext, candidates: Candidates): Bits[] {
  const { snapshot, request } = context;
  const everybody = (): Bits => {
    const bits = candidates.newcomers.slice();
    for (const { position } of candidates.standing) addBit(bits, position);
    return bits;
  };
  if (request.candidateTerms.length === 0) return [everybody()];
  return request.candidateTerms.map((term) => {
    const bits = suitable(snapshot.fleet, term).slice();
    keepBits(bits, candidates.newcomers);
    for (const { position, cluster } of candidates.standing)
      if (judgeTerm(term, cluster).holds !== false || request.holdBack.has('RequiredTerms')) addBit(bits, position);
    return bits;
  });
}
