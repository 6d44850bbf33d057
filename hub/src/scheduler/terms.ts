import type { EpochMs } from '@quarterdeck/machinery';
import { type Bits, countBits, dropBits } from './bits.ts';
import { type Candidates, poolsOf } from './candidates.ts';
import type { FilterContext } from './plugins/filter/filter.ts';
import { type Selection, select } from './select.ts';

/** Which candidate term serves, and what it gives. PL-7 */
export interface TermChoice {
  readonly selection: Selection;
  readonly term: string | undefined;
  /** An earlier term that could serve again. */
  readonly failback: { readonly term: string; readonly since: EpochMs } | undefined;
  /** When a failback is due; Infinity: none is. */
  readonly nextMoment: EpochMs;
}

const never = Number.POSITIVE_INFINITY;

/** Chooses within the candidate terms, or within one pool of all. PL-7 */
export function chooseTerm(context: FilterContext, candidates: Candidates, load: Int32Array): TermChoice {
  const { request } = context;
  const pools = held(context, candidates, poolsOf(context, candidates));
  const wanted = request.numberOfClusters ?? never;
  const from = (tiers: readonly Bits[], count = wanted) => select(context, candidates, load, { tiers, wanted: count });
  if (request.candidateTerms.length === 0) {
    return { selection: from(pools), term: undefined, failback: undefined, nextMoment: never };
  }
  return request.overflow ? withOverflow(context, pools, from) : oneTerm(context, pools, from);
}

type From = (tiers: readonly Bits[], count?: number) => Selection;

/** Nothing new where the placement holds new clusters back. PL-20 */
function held({ request, previous }: FilterContext, { newcomers }: Candidates, pools: Bits[]): Bits[] {
  const cause = request.numberOfClusters === undefined ? 'NewMatches' : 'Shortfall';
  if (!previous.decided || !request.holdBack.has(cause)) return pools;
  for (const pool of pools) dropBits(pool, newcomers);
  return pools;
}

/** The term in use while it reaches the minimum; then the first that does; then the one in use, or the one that gives most. */
function oneTerm(context: FilterContext, pools: readonly Bits[], from: From): TermChoice {
  const { request, previous } = context;
  const names = request.candidateTerms.map(({ name = '' }) => name);
  const known = new Map<number, Selection>();
  const at = (index: number): Selection => {
    const found = known.get(index) ?? from(pools.slice(index, index + 1));
    known.set(index, found);
    return found;
  };
  const reaches = (index: number) => at(index).healthy >= Math.max(1, request.minimum);
  const all = names.map((_, index) => index);
  const inUse = previous.fresh || previous.term === undefined ? -1 : names.indexOf(previous.term);
  const serving = inUse >= 0 && reaches(inUse) ? inUse : all.find((index) => index !== inUse && reaches(index));
  const gives = (index: number): number => at(index).healthy * 1_000_000 + at(index).chosen.length;
  const most = () => all.reduce((a, b) => (gives(b) > gives(a) ? b : a), Math.max(0, inUse));
  // None reaches the minimum: what runs stays where it is, as long as that is somewhere.
  const chosen = serving ?? (inUse >= 0 && at(inUse).healthy > 0 ? inUse : most());
  const stay: TermChoice = { selection: at(chosen), term: names[chosen], failback: undefined, nextMoment: never };
  if (chosen !== inUse || serving === undefined) return stay;
  const earlier = all.find((index) => index < inUse && reaches(index));
  if (earlier === undefined) return stay;
  return comeBack(context, stay, {
    selection: at(earlier),
    term: names[earlier],
    failback: undefined,
    nextMoment: never,
  });
}

/** Back to an earlier term once that has been possible for long enough without a break. PL-7 */
function comeBack(
  { snapshot: { now }, request, previous }: FilterContext,
  stay: TermChoice,
  back: TermChoice,
): TermChoice {
  const { failbackAfterMs } = request;
  if (failbackAfterMs === undefined || back.term === undefined) return stay;
  const since = previous.failback?.term === back.term ? previous.failback.since : now;
  if (now - since >= failbackAfterMs) return back;
  return { ...stay, failback: { term: back.term, since }, nextMoment: since + failbackAfterMs };
}

/**
 * The first term, and from later ones what it lacks. Clusters of later terms stay until the number shrinks, or until the
 * failback says that earlier terms serve alone.
 */
function withOverflow(context: FilterContext, pools: readonly Bits[], from: From): TermChoice {
  const { request, previous } = context;
  const names = request.candidateTerms.map(({ name = '' }) => name);
  const [first] = pools;
  const target = request.numberOfClusters ?? Math.max(request.minimum, first === undefined ? 0 : countBits(first));
  const all = from(pools, target);
  const stay: TermChoice = { selection: all, term: names[0], failback: undefined, nextMoment: never };
  if (previous.fresh || first === undefined) return stay;
  const alone = from([first], target);
  if (alone.healthy < Math.min(target, Math.max(1, request.minimum)) || alone.healthy < all.healthy) return stay;
  const isAloneAlready = all.chosen.every((position) => alone.chosen.includes(position));
  return isAloneAlready ? stay : comeBack(context, stay, { ...stay, selection: alone });
}
