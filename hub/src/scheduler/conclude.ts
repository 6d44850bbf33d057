import { aspect } from './aspects.ts';
import { type Bits, countBits, dropBit, dropBits, keepBits, positionsOf } from './bits.ts';
import { type Candidates, inReachOf } from './candidates.ts';
import { filters } from './plugins/filter/all.ts';
import type { FilterContext } from './plugins/filter/filter.ts';
import type { Selection } from './select.ts';

/** Why a placement has the clusters it has. PL-32 */
export type OutcomeReason =
  | 'Satisfied'
  | 'NoBinding'
  | 'ClusterSetNotBound'
  | 'ClusterSetsEmpty'
  | 'NoClusterMatches'
  | 'NotEnoughClusters'
  | 'SpreadUnsatisfiable'
  | 'InsufficientCapacity';

interface Conclusion {
  readonly context: FilterContext;
  readonly candidates: Candidates;
  readonly selection: Selection;
}

interface Verdict {
  readonly reason: OutcomeReason;
  readonly satisfied: boolean;
  readonly message: string;
}

/**
 * Whether the placement has what it asks for, and if not, what is in the way. While it has, the message speaks of its own
 * clusters only, so that changes elsewhere in the fleet change no status.
 */
export function conclude(seen: Conclusion): Verdict {
  const { context, selection } = seen;
  const { snapshot, request } = context;
  const asked = request.numberOfClusters;
  const chosen = selection.chosen.length;
  if (asked === 0) return { reason: 'Satisfied', satisfied: true, message: 'no clusters were asked for' };
  const bound = snapshot.bound.get(request.namespace) ?? new Set<string>();
  if (bound.size === 0) {
    const message = 'no cluster set is bound in this namespace; create a ClusterSetBinding';
    return { reason: 'NoBinding', satisfied: false, message };
  }
  const unbound = request.clusterSets?.filter((name) => !bound.has(name)) ?? [];
  if (unbound.length > 0) {
    const message = `cluster set ${unbound.join(', ')} is not bound in this namespace; ${chosen} clusters chosen from the others`;
    return { reason: 'ClusterSetNotBound', satisfied: false, message };
  }
  const { copies } = request;
  const hasRoom = copies === undefined || (selection.room ?? 0) >= copies.count;
  const roomMessage =
    copies === undefined || hasRoom
      ? ''
      : `room for ${selection.room ?? 0} of ${copies.count} copies on the chosen clusters`;
  const isComplete = !selection.unspread && (asked === undefined ? chosen > 0 : chosen >= asked);
  if (chosen >= request.minimum && hasRoom && isComplete) return { ...satisfied(seen, chosen), satisfied: true };
  const inReach = inReachOf(context);
  if (countBits(inReach) === 0) {
    return { reason: 'ClusterSetsEmpty', satisfied: false, message: 'the bound cluster sets have no clusters' };
  }
  const message = [
    chosen === 0 ? '' : chosenOf(chosen, request.minimum, asked),
    roomMessage,
    spreadMessage(seen),
    countRefusals(seen, inReach),
    expressionMessage(seen, inReach),
    namesMessage(seen),
  ]
    .filter((part) => part !== '')
    .join('; ');
  const ok = chosen >= request.minimum && !selection.unspread && (hasRoom || copies?.hard === false);
  if (ok) return { reason: 'Satisfied', satisfied: true, message };
  return { reason: shortOf(seen, hasRoom), satisfied: false, message };
}

function satisfied({ context }: Conclusion, chosen: number): Pick<Verdict, 'reason' | 'message'> {
  const { numberOfClusters } = context.request;
  const message =
    numberOfClusters === undefined
      ? `${chosen} of ${countBits(inReachOf(context))} clusters chosen`
      : `${chosen} clusters chosen, as asked`;
  return { reason: 'Satisfied', message };
}

function shortOf({ selection, context }: Conclusion, hasRoom: boolean): OutcomeReason {
  if (selection.limitedBySpread) return 'SpreadUnsatisfiable';
  if (context.request.copies?.hard === true && !hasRoom && selection.chosen.length > 0) return 'InsufficientCapacity';
  return selection.chosen.length === 0 ? 'NoClusterMatches' : 'NotEnoughClusters';
}

function chosenOf(chosen: number, minimum: number, asked: number | undefined): string {
  const wanted = asked ?? minimum;
  return chosen >= wanted
    ? `${chosen} clusters chosen`
    : `${chosen} of ${wanted} clusters chosen, ${wanted - chosen} missing`;
}

function spreadMessage({ selection }: Conclusion): string {
  if (selection.bounded) return 'the search for a larger spread ended at its bound';
  if (selection.unspread) return 'too few domains for the spread constraints; what was chosen stays';
  return selection.limitedBySpread ? 'the spread constraints allow no more' : '';
}

/** "3/9 clusters fit: 4 unreachable, 2 with untolerated taints". PL-32 */
function countRefusals({ context, candidates, selection }: Conclusion, inReach: Bits): string {
  // As newcomers, even those that were chosen until now: the next pass will see them so, and say the same. PL-42
  const left = inReach.slice();
  dropBits(left, candidates.newcomers);
  for (const position of selection.chosen) dropBit(left, position);
  const parts: string[] = [];
  let refused = 0;
  for (const filter of filters) {
    const passing = filter.passing(context);
    if (passing === undefined) continue;
    const before = countBits(left);
    keepBits(left, passing);
    const count = before - countBits(left);
    refused += count;
    if (count > 0) parts.push(`${count} ${filter.words}`);
  }
  const total = countBits(inReach);
  return `${total - refused}/${total} clusters fit${parts.length === 0 ? '' : `: ${parts.join(', ')}`}`;
}

/** A required expression that yields nothing on some cluster in reach: it errs, or costs too much. PL-5, PL-6 */
function expressionMessage({ context }: Conclusion, inReach: Bits): string {
  const { fleet } = context.snapshot;
  const { terms = [], candidateTerms } = context.request;
  for (const { expression } of [...terms, ...candidateTerms]) {
    if (expression === undefined) continue;
    const failing = fleet
      .where(`fails ${expression.text}`, [aspect.any], (cluster) => 'error' in expression.evaluate(cluster))
      .slice();
    keepBits(failing, inReach);
    const [first] = positionsOf(failing);
    const cluster = first === undefined ? undefined : fleet.clusters[first];
    const yielded = cluster === undefined ? undefined : expression.evaluate(cluster);
    if (yielded !== undefined && 'error' in yielded)
      return `an expression yields nothing on ${countBits(failing)} of them: ${yielded.error}`;
  }
  return '';
}

/** Every listed name that is not chosen; one that does not exist and one out of reach look alike. PL-3 */
function namesMessage({ context, selection }: Conclusion): string {
  const { clusterNames } = context.request;
  if (clusterNames === undefined) return '';
  const { clusters } = context.snapshot.fleet;
  const chosen = new Set(selection.chosen.map((position) => clusters[position]?.name));
  const missing = [...clusterNames.keys()].filter((name) => !chosen.has(name));
  if (missing.length === 0) return '';
  const shown = missing.slice(0, 10).join(', ');
  return `not chosen: ${shown}${missing.length > 10 ? ` and ${missing.length - 10} more` : ''}`;
}
