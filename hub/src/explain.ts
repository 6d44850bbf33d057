import { Placement } from '@quarterdeck/apis';
import type { Clock, ObjectRef, Reader } from '@quarterdeck/machinery';
import { readPlacements } from './placement-reads.ts';
import { explain, type Verdict } from './scheduler/explain.ts';
import type { Outcome } from './scheduler/schedule.ts';

/**
 * Why each cluster was chosen or not, with the caller's own rights, by the very functions that choose. PL-34
 * @throws ApiError NotFound without the placement; Error when its policy cannot be evaluated, or another scheduler serves it
 */
export async function explainPlacement(
  client: Reader,
  ref: ObjectRef,
  clock: Clock,
): Promise<Outcome & { readonly verdicts: readonly Verdict[] }> {
  const namespace = ref.namespace ?? 'default';
  const { snapshot, turns, problems } = await readPlacements(client, namespace, clock);
  const problem = problems.get(ref.name);
  if (problem !== undefined) throw new Error(`placement ${namespace}/${ref.name} cannot be explained: ${problem}`);
  const turn = turns.get(ref.name);
  if (turn === undefined) {
    const { spec } = await client.get(Placement, ref);
    throw new Error(`placement ${namespace}/${ref.name} is served by scheduler ${spec.schedulerName}, not by this one`);
  }
  const { outcome, verdicts } = explain(snapshot, turn.request, turn.previous);
  return { ...outcome, verdicts };
}
