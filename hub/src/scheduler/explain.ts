import { hasBit, positionsOf } from './bits.ts';
import { findCandidates, inReachOf, poolsOf, refusalOf } from './candidates.ts';
import { type HeldBack, heldBackScores } from './held-back.ts';
import type { PlacementRequest } from './placement-request.ts';
import type { FilterName } from './plugins/filter/filter.ts';
import { domainOf } from './plugins/filter/spread-key.ts';
import { contribution, priorityName, scoreOf } from './plugins/score/all.ts';
import { unknownScore } from './plugins/score/score.ts';
import { type ChoiceReason, loadOf, type Outcome, schedule } from './schedule.ts';
import type { FleetSnapshot, Previous } from './snapshot.ts';

/** One score of a cluster under one priority. */
export interface ScoreLine {
  readonly priority: string;
  readonly weight: number;
  /** 0 to 100; undefined: not known. */
  readonly score: number | undefined;
  /** What it adds to the total; the worst that the priority can give where the score is not known. */
  readonly contribution: number;
}

/** What became of one cluster in reach. PL-34 */
export interface Verdict {
  readonly clusterName: string;
  readonly outcome: 'Selected' | 'Filtered' | 'NotNeeded';
  readonly reason: ChoiceReason | FilterName | 'EnoughClusters' | 'SpreadExcludes' | 'OtherCandidateTerm';
  /** A sentence for people, with the observed value. */
  readonly message: string;
  /** Names of the candidate terms that it belongs to; empty without such terms. */
  readonly candidateTerms: readonly string[];
  /** By spread key; an absent value is undefined. */
  readonly domains: readonly { readonly key: string; readonly value: string | undefined }[];
  /** Of candidates; empty for clusters that a filter refused. */
  readonly scores: readonly ScoreLine[];
  /** Sum of the contributions; undefined without scores. */
  readonly total: number | undefined;
  /** Place among the candidates by total, from 1; undefined without scores. */
  readonly rank: number | undefined;
}

const choiceWords: Readonly<Record<ChoiceReason, string>> = {
  Chosen: 'it fits and was chosen',
  Kept: 'it was chosen before and still fits',
  KeptUnreachable: 'it was chosen before and stays while it is unreachable',
  KeptTainted: 'it was chosen before and stays although it has an untolerated taint, since none takes its place',
};

export interface Explanation {
  readonly outcome: Outcome;
  /** Better scores that the placement's steadiness holds back; undefined: there are none. PL-20 */
  readonly heldBack: HeldBack | undefined;
  /** One for each cluster of a bound set, by name. PL-33 */
  readonly verdicts: readonly Verdict[];
}

/**
 * Why each cluster in reach was chosen or not, by the functions that choose. Computed on request and stored nowhere. PL-34
 * @param clusterName only this one; absent: all
 */
export function explain(
  snapshot: FleetSnapshot,
  request: PlacementRequest,
  previous: Previous,
  clusterName?: string,
): Explanation {
  const context = { snapshot, request, previous };
  const outcome = schedule(snapshot, request, previous);
  const found = findCandidates(context);
  const pools = poolsOf(context, found);
  const { clusters } = snapshot.fleet;
  const candidates = Int32Array.from(
    clusters.flatMap((_, position) => (pools.some((bits) => hasBit(bits, position)) ? [position] : [])),
  );
  const scored = scoreLines(snapshot, request, previous, candidates);
  const chosen = new Map(outcome.choices.map(({ cluster, reason }) => [cluster.name, reason]));
  const inUse = request.candidateTerms.findIndex(({ name }) => name === outcome.term);
  const verdicts = [...positionsOf(inReachOf(context))].flatMap((position): Verdict[] => {
    const cluster = clusters[position];
    if (cluster === undefined || (clusterName !== undefined && cluster.name !== clusterName)) return [];
    const lines = scored.get(position);
    const facts = {
      clusterName: cluster.name,
      candidateTerms: request.candidateTerms.flatMap(({ name = '' }, index) => {
        const pool = pools[index];
        return pool !== undefined && hasBit(pool, position) ? [name] : [];
      }),
      domains: request.spread.map((rule) => ({ key: rule.topologyKey, value: domainOf(rule, cluster) })),
      scores: lines?.scores ?? [],
      total: lines?.total,
      rank: lines?.rank,
    };
    const reason = chosen.get(cluster.name);
    if (reason !== undefined) return [{ ...facts, outcome: 'Selected', reason, message: choiceWords[reason] }];
    const refusal = refusalOf(cluster, context, previous.clusters.has(cluster.name));
    if (refusal !== undefined)
      return [{ ...facts, outcome: 'Filtered', reason: refusal.name, message: refusal.message }];
    return [{ ...facts, outcome: 'NotNeeded', ...whyNot(request, outcome, pools[inUse], position) }];
  });
  return { outcome, heldBack: heldBackScores(snapshot, request, previous, outcome), verdicts };
}

function whyNot(
  request: PlacementRequest,
  outcome: Outcome,
  pool: Uint32Array | undefined,
  position: number,
): Pick<Verdict, 'reason' | 'message'> {
  if (pool !== undefined && !request.overflow && !hasBit(pool, position)) {
    return { reason: 'OtherCandidateTerm', message: `it fits; candidate term ${outcome.term} is in use` };
  }
  const isShort = request.numberOfClusters === undefined || outcome.choices.length < request.numberOfClusters;
  return isShort && request.spread.length > 0
    ? { reason: 'SpreadExcludes', message: 'it fits; the spread constraints leave no place for it' }
    : { reason: 'EnoughClusters', message: 'it fits; enough others were chosen' };
}

interface Scored {
  readonly scores: readonly ScoreLine[];
  readonly total: number;
  readonly rank: number;
}

function scoreLines(
  snapshot: FleetSnapshot,
  request: PlacementRequest,
  previous: Previous,
  candidates: Int32Array,
): Map<number, Scored> {
  const context = { snapshot, request, previous, candidates, load: loadOf({ snapshot, request, previous }) };
  const columns = request.priorities.map((priority) => ({ priority, scores: scoreOf(priority, context) }));
  const rows = Array.from(candidates, (position, index) => {
    const scores = columns.map(({ priority, scores: column }): ScoreLine => {
      const score = column[index] ?? unknownScore;
      return {
        priority: priorityName(priority),
        weight: priority.weight,
        score: score === unknownScore ? undefined : score,
        contribution: contribution(priority, score),
      };
    });
    return { position, scores, total: scores.reduce((sum, line) => sum + line.contribution, 0) };
  });
  const ranked = rows.toSorted((a, b) => b.total - a.total || a.position - b.position);
  return new Map(ranked.map(({ position, scores, total }, index) => [position, { scores, total, rank: index + 1 }]));
}
