import type { PlacementRequest } from './placement-request.ts';

type RequestOf = (key: string) => PlacementRequest | undefined;

/** Where a placement stands: after the last of all that it relates to, and as many relations deep. */
interface Standing {
  readonly last: PlacementRequest;
  readonly depth: number;
}

/**
 * The order in which placements are decided: by priority, creation time and key, and none before one that it relates to. Who
 * relates to a placement waits for it and does not pull it forward: so two placements stand in the same order whoever else
 * has a turn, which is what lets a pass of some of them come to what a pass of all would. PL-41, PL-42
 * @param requestOf finds what placements relate to, those without a turn included
 * @returns the same turns
 */
export function inOrder<T extends { readonly request: PlacementRequest }>(
  turns: readonly T[],
  requestOf: RequestOf,
): readonly T[] {
  const standings = new Map<string, Standing>();
  const standing = (request: PlacementRequest): Standing => {
    const known = standings.get(request.key);
    if (known !== undefined) return known;
    let found: Standing = { last: request, depth: 0 };
    // Stands for itself meanwhile: a cycle ends here.
    standings.set(request.key, found);
    for (const other of relationsOf(request)) {
      const related = requestOf(other);
      if (related === undefined) continue;
      const { last, depth } = standing(related);
      found = { last: compare(last, found.last) > 0 ? last : found.last, depth: Math.max(found.depth, depth + 1) };
    }
    standings.set(request.key, found);
    return found;
  };
  const sorted = turns.toSorted(({ request: a }, { request: b }) => compare(a, b));
  if (!sorted.some(({ request }) => relationsOf(request).length > 0)) return sorted;
  return sorted
    .map((turn) => ({ turn, ...standing(turn.request) }))
    .sort((a, b) => compare(a.last, b.last) || a.depth - b.depth || compare(a.turn.request, b.turn.request))
    .map(({ turn }) => turn);
}

const relationsOf = ({ sameAs, otherThan }: PlacementRequest): readonly string[] => [...sameAs, ...otherThan];

const compare = (a: PlacementRequest, b: PlacementRequest): number =>
  b.priority - a.priority || a.createdAt - b.createdAt || (a.key < b.key ? -1 : Number(a.key > b.key));
