import { apiVersionOf, Placement, type Stored } from '@quarterdeck/apis';
import type { Clock, ObjectRef, Reader } from '@quarterdeck/machinery';
import { readPlacements } from './placement-reads.ts';
import { explain, type Verdict } from './scheduler/explain.ts';
import type { HeldBack } from './scheduler/held-back.ts';

/** What became of one cluster; an absent fact is absent. PL-34 */
export interface ExplainedCluster
  extends Pick<Verdict, 'clusterName' | 'outcome' | 'reason' | 'message' | 'candidateTerms'> {
  /** Sum of what the scores add; absent for clusters that a filter refused. */
  readonly total?: number;
  /** Place among the candidates by total, from 1. */
  readonly rank?: number;
  readonly domains: readonly { readonly key: string; readonly value?: string }[];
  /** An absent score is not known. */
  readonly scores: readonly {
    readonly priority: string;
    readonly weight: number;
    readonly contribution: number;
    readonly score?: number;
  }[];
}

/** Why a placement has the clusters it has: what `placements/NAME/explanation` answers, and the CLI computes elsewhere. PL-34 */
export interface PlacementExplanation {
  readonly apiVersion: string;
  readonly kind: typeof explanationKind;
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly satisfied: boolean;
  readonly reason: string;
  readonly message: string;
  readonly candidateTerm?: string;
  /** Better choices that the placement's steadiness holds back. PL-20 */
  readonly heldBack: readonly ExplainedHold[];
  /** By name; only clusters of bound sets. PL-33 */
  readonly clusters: readonly ExplainedCluster[];
}

/** A cause, and whom it is about: clusters that would leave, and clusters that would come. */
export interface ExplainedHold {
  readonly cause: string;
  readonly leaves: readonly string[];
  readonly takes: readonly string[];
}

export const explanationKind = 'PlacementExplanation';

/**
 * Why each cluster was chosen or not, with the reader's rights, by the very functions that choose. Room that others reserved a
 * moment ago is not seen: only who schedules knows it. PL-34
 * @throws ApiError NotFound without the placement; Error when its policy cannot be evaluated, or another scheduler serves it
 */
export async function explainPlacement(
  client: Reader,
  ref: ObjectRef & { readonly clusterName?: string },
  clock: Clock,
): Promise<PlacementExplanation> {
  const namespace = ref.namespace ?? 'default';
  const { snapshot, turns, problems } = await readPlacements(client, namespace, clock);
  const problem = problems.get(ref.name);
  if (problem !== undefined) throw new Error(`placement ${namespace}/${ref.name} cannot be explained: ${problem}`);
  const turn = turns.get(ref.name);
  if (turn === undefined) throw foreign(await client.get(Placement, { name: ref.name, namespace }));
  const { outcome, heldBack, verdicts } = explain(snapshot, turn.request, turn.previous, ref.clusterName);
  const { satisfied, reason, message, term, suppressed } = outcome;
  return {
    apiVersion: apiVersionOf(Placement),
    kind: explanationKind,
    metadata: { name: ref.name, namespace },
    satisfied,
    reason,
    message,
    ...(term === undefined ? {} : { candidateTerm: term }),
    heldBack: [...suppressed.map(({ cause, clusters }) => ({ cause, leaves: clusters, takes: [] })), ...held(heldBack)],
    clusters: verdicts.map(explained),
  };
}

const held = (heldBack: HeldBack | undefined): readonly ExplainedHold[] => (heldBack === undefined ? [] : [heldBack]);

const foreign = ({ metadata, spec }: Stored<Placement>): Error =>
  new Error(
    `placement ${metadata.namespace}/${metadata.name} is served by scheduler ${spec.schedulerName}, not by this one`,
  );

function explained({ total, rank, candidateTerms, domains, scores, ...verdict }: Verdict): ExplainedCluster {
  return {
    ...verdict,
    ...(total === undefined ? {} : { total }),
    ...(rank === undefined ? {} : { rank }),
    candidateTerms,
    domains: domains.map(({ key, value }) => (value === undefined ? { key } : { key, value })),
    scores: scores.map(({ score, ...rest }) => (score === undefined ? rest : { ...rest, score })),
  };
}
