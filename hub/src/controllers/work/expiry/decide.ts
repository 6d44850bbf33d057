import { annotation, conditionType, findCondition, label, type Stored, Work } from '@quarterdeck/apis';
import type { EpochMs } from '@quarterdeck/machinery';
import { isTerminating } from '../../metadata.ts';
import { remove, type Write } from '../../writes.ts';

export interface Decision {
  readonly writes: readonly Write[];
  readonly requeueAfterMs: number | undefined;
}

/** What is far off is looked at in between: no timer is as long as somebody may ask for. */
const lookEveryMs = 3_600_000;

const nothing: Decision = { writes: [], requeueAfterMs: undefined };

/**
 * A Work that asks for it is removed some seconds after its agent says that all of it is complete; one that belongs to a WorkSet
 * would only come back, and is left. Pure and total. DL-7
 */
export function decide(work: Stored<Work>, now: EpochMs): Decision {
  const { annotations, labels, generation = 0 } = work.metadata;
  const asked = annotations?.[annotation.removeAfterCompletion];
  if (asked === undefined || !/^[0-9]{1,9}$/.test(asked) || isTerminating(work)) return nothing;
  if (labels?.[label.workSet] !== undefined) return nothing;
  const complete = findCondition(work.status?.conditions, conditionType.Work.Complete);
  if (complete?.status !== 'True' || complete.observedGeneration !== generation) return nothing;
  const left = Date.parse(complete.lastTransitionTime) + Number(asked) * 1000 - now;
  if (Number.isNaN(left)) return nothing;
  if (left > 0) return { writes: [], requeueAfterMs: Math.min(left, lookEveryMs) };
  return { writes: [remove(Work, work)], requeueAfterMs: undefined };
}
