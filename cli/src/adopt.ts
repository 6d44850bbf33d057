import { ignoreNotFound, type Manifest, type Stored, Work, WorkReport } from '@quarterdeck/apis';
import type { Client, Clock } from '@quarterdeck/machinery';
import {
  type AlsoTaken,
  type FoundObject,
  foundObjects,
  isAnswered,
  isQuestion,
  isTaken,
  question,
  takingOver,
  type WorkName,
} from './adoption.ts';

export interface AdoptRequest {
  readonly work: WorkName;
  readonly manifests: readonly Manifest[];
  readonly also: AlsoTaken;
  /** False: nothing but the answer is wanted. */
  readonly isConfirmed: boolean;
  /** How long the agent may take for each of its answers, ms. */
  readonly timeoutMs: number;
}

export interface Adopted {
  readonly found: readonly FoundObject[];
  /** The Work that has taken over, as its agent reported; undefined: nothing was taken, and no Work is left. */
  readonly work: Stored<Work> | undefined;
  readonly report: Stored<WorkReport> | undefined;
}

const fieldManager = 'quarterdeck-cli';

/**
 * Asks the agent of a member how objects compare with manifests, and makes a Work of what may be taken over. The hub is all
 * that is needed: the agent compares, by trials on its member that have no effect. DL-2, DL-4
 * @throws Error when there is such a Work already, or the agent does not answer in time
 */
export async function adopt(
  client: Client,
  clock: Clock,
  { work: name, manifests, also, isConfirmed, timeoutMs }: AdoptRequest,
): Promise<Adopted> {
  const patience = { clock, timeoutMs };
  const before = await standing(client, name, patience);
  if (before !== undefined && (before.metadata.deletionTimestamp !== undefined || !isQuestion(before)))
    throw new Error(`there is a Work ${name.name} in ${name.namespace}; say another with --name`);
  const asked = question(name, manifests);
  await client.apply(Work, asked, { fieldManager, force: true });
  let found: readonly FoundObject[];
  try {
    const { work, report } = await answered(client, name, patience);
    found = foundObjects(work, report);
    if (!isConfirmed || !found.some(({ state }) => isTaken(state, also))) {
      await client.delete(Work, name);
      return { found, work: undefined, report: undefined };
    }
  } catch (error) {
    // Left behind it would harm nobody, but it would be in the way of the next try.
    await client.delete(Work, name).catch(() => {});
    throw error;
  }
  await client.apply(Work, takingOver(name, manifests, found, also), { fieldManager, force: true });
  const taken = await answered(client, name, patience);
  return { found, ...(await calm(client, name, taken, clock)) };
}

interface Patience {
  readonly clock: Clock;
  readonly timeoutMs: number;
}

/** The Work of this name; one that is going, such as the question that was asked before, is waited for. */
async function standing(client: Client, name: WorkName, { clock, timeoutMs }: Patience) {
  const deadline = clock.monotonic() + timeoutMs;
  for (;;) {
    const work = await ignoreNotFound(client.get(Work, name));
    if (work?.metadata.deletionTimestamp === undefined || clock.monotonic() >= deadline) return work;
    await clock.sleep(200);
  }
}

/** To take an object over is to write to it, so its controller looks again: what it says then is worth a moment. */
const calmWithinMs = 10_000;

async function calm(
  client: Client,
  name: WorkName,
  taken: Pick<Adopted, 'work' | 'report'>,
  clock: Clock,
): Promise<Pick<Adopted, 'work' | 'report'>> {
  const deadline = clock.monotonic() + calmWithinMs;
  let seen = taken;
  while (!isCalm(seen)) {
    if (clock.monotonic() >= deadline) return seen;
    await clock.sleep(200);
    const [work, report] = await Promise.all([client.get(Work, name), ignoreNotFound(client.get(WorkReport, name))]);
    seen = { work, report };
  }
  return seen;
}

/** The report comes after the status of the Work; it is about this one, and nothing in it is under way. */
function isCalm({ work, report }: Pick<Adopted, 'work' | 'report'>): boolean {
  const { observedWorkGeneration, manifests = [] } = report?.status ?? {};
  if (observedWorkGeneration !== work?.metadata.generation) return false;
  return manifests.every(({ health }) => health !== 'Progressing');
}

async function answered(client: Client, name: WorkName, { clock, timeoutMs }: Patience) {
  const deadline = clock.monotonic() + timeoutMs;
  while (clock.monotonic() < deadline) {
    const [work, report] = await Promise.all([client.get(Work, name), ignoreNotFound(client.get(WorkReport, name))]);
    if (isAnswered(work, report)) return { work, report };
    await clock.sleep(200);
  }
  throw new Error(
    `the agent of ${name.namespace} did not answer within ${timeoutMs / 1000} s: is it running, and is the member accepted?`,
  );
}
