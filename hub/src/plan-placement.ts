import { formatTime, type Placement, type Stored } from '@quarterdeck/apis';
import type { Clock, Reader } from '@quarterdeck/machinery';
import { readPlacements } from './placement-reads.ts';
import { type PlannedChange, plan, type SnapshotEdits, unknownClusters } from './scheduler/plan.ts';

export interface PlanRequest {
  /** As in a file: it need not exist, and replaces the one of its name where it does. */
  readonly placement: Placement;
  readonly namespace: string;
  readonly edits: SnapshotEdits;
}

/**
 * What a placement would choose now, and what would change for the others of its namespace; nothing is written. PL-35
 * @returns one entry for each placement of the namespace, in the order of names
 * @throws Error when the placement cannot be evaluated, or the edits name clusters that are not in reach
 */
export async function planPlacement(
  client: Reader,
  { placement, namespace, edits }: PlanRequest,
  clock: Clock,
): Promise<PlannedChange[]> {
  const name = placement.metadata.name ?? '';
  const { snapshot, turns, problems } = await readPlacements(client, namespace, clock, (existing) =>
    standIn(placement, namespace, existing, formatTime(clock.now())),
  );
  const problem = problems.get(name);
  if (problem !== undefined) throw new Error(`placement ${namespace}/${name} cannot be planned: ${problem}`);
  const unknown = unknownClusters(snapshot, edits);
  if (unknown.length > 0) throw new Error(`no such cluster: ${unknown.join(', ')}`);
  return plan(snapshot, [...turns.values()], edits);
}

/** The placement of the file in the place of the one that exists, with its identity, so that its slices count as its own. */
function standIn(
  placement: Placement,
  namespace: string,
  existing: readonly Stored<Placement>[],
  now: string,
): Stored<Placement>[] {
  const name = placement.metadata.name ?? '';
  const found = existing.find(({ metadata }) => metadata.name === name);
  const metadata = found?.metadata ?? { name, namespace, uid: `planned-${name}`, creationTimestamp: now };
  const own = { ...metadata, annotations: placement.metadata.annotations ?? {} };
  const status = found?.status;
  const asked = { ...placement, metadata: { ...own, name, namespace }, ...(status === undefined ? {} : { status }) };
  return [...existing.filter((each) => each !== found), asked as Stored<Placement>];
}
