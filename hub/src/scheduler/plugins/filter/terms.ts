import type { Bits } from '../../bits.ts';
import type { ClusterView } from '../../cluster-view.ts';
import type { Suitability } from '../../placement-request.ts';
import { aspectsOf, judgeTerm, suitable } from '../../suitability.ts';
import type { Filter, FilterContext } from './filter.ts';

/** A newcomer needs a term that holds, a chosen cluster one that is not known to fail. PL-4, PL-6 */
function refuseByTerms(
  terms: readonly Suitability[],
  cluster: ClusterView,
  chosen: boolean,
): { readonly message: string } | undefined {
  let message = 'there is no term';
  for (const [index, term] of terms.entries()) {
    const verdict = judgeTerm(term, cluster);
    if (verdict.holds === true || (chosen && verdict.holds === undefined)) return undefined;
    if (index === 0) message = verdict.message;
  }
  return { message: terms.length > 1 ? `none of ${terms.length} terms holds; of the first, ${message}` : message };
}

function anyOf({ snapshot: { fleet } }: FilterContext, terms: readonly Suitability[]): Bits {
  const [only] = terms;
  if (terms.length === 1 && only !== undefined) return suitable(fleet, only);
  return fleet.where(`any ${terms.map(({ key }) => key).join('\n or ')}`, terms.flatMap(aspectsOf), (cluster) =>
    terms.some((term) => judgeTerm(term, cluster).holds === true),
  );
}

/** `clusterSelectorTerms`: ORed. PL-4 */
export const selectorTerms: Filter = {
  name: 'NoTermMatches',
  words: 'matching no cluster selector term',
  aspects: ({ terms }) => (terms ?? []).flatMap(aspectsOf),
  refuse(cluster, { request: { terms, holdBack } }, chosen) {
    if (terms === undefined || (chosen && holdBack.has('RequiredTerms'))) return undefined;
    return refuseByTerms(terms, cluster, chosen)?.message;
  },
  passing: (context) => (context.request.terms === undefined ? undefined : anyOf(context, context.request.terms)),
};

/** `candidateTerms`: which of them a cluster belongs to is the choice's business; here it needs to be one. PL-7 */
export const candidateTerms: Filter = {
  name: 'NoCandidateTermMatches',
  words: 'in no candidate term',
  aspects: ({ candidateTerms: terms }) => terms.flatMap(aspectsOf),
  refuse(cluster, { request: { candidateTerms: terms, holdBack } }, chosen) {
    if (terms.length === 0 || (chosen && holdBack.has('RequiredTerms'))) return undefined;
    return refuseByTerms(terms, cluster, chosen)?.message;
  },
  passing: (context) =>
    context.request.candidateTerms.length === 0 ? undefined : anyOf(context, context.request.candidateTerms),
};
