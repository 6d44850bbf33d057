import { toRevision } from './attach.ts';
import type { WriterConnection } from './lane.ts';
import type { Session } from './session.ts';
import type { RawOutcome } from './write-batch.ts';

/**
 * Takes the writer's row over: batches that other connections have sent and that have not run yet will be refused. Runs
 * under the lock of the counter (see attach), so one that is running has ended, and the row says how. F-9
 */
export async function takeWriterOver(session: Session, id: string): Promise<Omit<WriterConnection, 'session'>> {
  const [row] = await session.query<[string, string, RawOutcome | null]>({
    text: `insert into writers (id, fence) values ($1, 1)
      on conflict (id) do update set fence = writers.fence + 1, seen = now()
      returning fence, batch, outcome`,
    values: [id],
  });
  if (row === undefined) throw new Error('the writer row is missing');
  const [fence, batch, outcome] = row;
  return { writer: { id, fence }, lastBatch: toRevision(batch), lastOutcome: outcome ?? undefined };
}
