import { InvariantError } from '@quarterdeck/machinery';
import type { Priority } from '../../placement-request.ts';
import { amountOf } from './amounts.ts';
import { steadiness } from './choices.ts';
import { clusterScore, expression } from './outside.ts';
import { addScaled, maxScore, type ScoreContext, scaled, unknownScore } from './score.ts';
import { label, property } from './selectors.ts';

/** The scores of one priority, by candidate: 0 to 100, or unknown. */
export function scoreOf(priority: Priority, context: ScoreContext): Int16Array {
  const amount = amountOf(priority, context);
  return amount === undefined ? otherScore(priority, context) : scaled(context.candidates, amount);
}

function otherScore(priority: Priority, context: ScoreContext): Int16Array {
  switch (priority.type) {
    case 'Label':
      return label(priority, context);
    case 'Property':
      return property(priority, context);
    case 'Steadiness':
      return steadiness(priority, context);
    case 'Expression':
      return expression(priority, context);
    case 'ClusterScore':
      return clusterScore(priority, context);
    case 'PropertyValue':
    case 'FreeCapacity':
    case 'Balance':
      throw new InvariantError(`a score of ${priority.type} is linear in an amount`);
  }
}

/** Which field of the spec a priority stands for, in messages and explanations. */
export function priorityName(priority: Priority): string {
  switch (priority.type) {
    case 'PropertyValue':
      return `PropertyValue ${priority.name}`;
    case 'FreeCapacity':
      return `FreeCapacity ${priority.resource}`;
    case 'ClusterScore':
      return `ClusterScore ${priority.objectName}/${priority.score}`;
    default:
      return priority.type;
  }
}

/** What one score contributes: unknown is the worst that the priority can give, whatever the weight's sign. PL-15 */
export function contribution({ weight }: Priority, score: number): number {
  if (score === unknownScore) return weight < 0 ? weight * maxScore : 0;
  return weight * score;
}

export interface Totals {
  /** Weighted sum by candidate. */
  readonly totals: Int32Array;
  /** How many candidates each priority knows nothing of; only where it is some. */
  readonly unknown: readonly { readonly priority: string; readonly count: number }[];
}

export function weighted(priorities: readonly Priority[], context: ScoreContext): Totals {
  const { candidates } = context;
  const totals = new Int32Array(candidates.length);
  const unknown: { priority: string; count: number }[] = [];
  for (const priority of priorities) {
    const { weight } = priority;
    if (weight === 0) continue;
    const worst = contribution(priority, unknownScore);
    const amount = amountOf(priority, context);
    const count =
      amount === undefined
        ? addScores(totals, otherScore(priority, context), { weight, worst })
        : addScaled(totals, { candidates, amount, weight, worst });
    if (count > 0) unknown.push({ priority: priorityName(priority), count });
  }
  return { totals, unknown };
}

/** @returns how many are unknown */
function addScores(
  totals: Int32Array,
  scores: Int16Array,
  { weight, worst }: { readonly weight: number; readonly worst: number },
): number {
  let unknown = 0;
  for (let index = 0; index < scores.length; index++) {
    const score = scores[index] ?? unknownScore;
    if (score === unknownScore) unknown++;
    totals[index] = (totals[index] ?? 0) + (score === unknownScore ? worst : weight * score);
  }
  return unknown;
}
