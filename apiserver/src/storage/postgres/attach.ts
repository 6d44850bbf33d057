import { randomUUID } from 'node:crypto';
import type { EpochMs } from '@quarterdeck/machinery';
import type { Revision } from '../storage.ts';
import { decideAttachment, type Known, type ServerIdentity } from './identity.ts';
import type { Session } from './session.ts';
import { transact } from './transact.ts';

export interface Attached extends Known {
  readonly rewritten: string | undefined;
}

/**
 * Raises the counter and compares the database with what this process knows; run at each start and after each lost
 * connection. `also` runs in the same transaction, under the lock of the counter: what it sees, no writer can change.
 */
export async function attach<T>(
  session: Session,
  input: { readonly known: Known | undefined; readonly now: EpochMs },
  also: () => Promise<T>,
): Promise<{ attached: Attached; also: T }> {
  const server = await serverIdentity(session);
  return transact(session, 'begin', async () => {
    const meta = await lockMeta(session);
    const { counter, rewritten } = decideAttachment(meta, server, input.known, input.now);
    const epoch = rewritten === undefined ? meta.epoch : randomUUID();
    if (rewritten !== undefined) await session.query({ text: 'delete from changes' });
    await session.query({
      text: `update meta set epoch = $1, counter = $2, compacted = case when $3 then $2 else compacted end,
        system_identifier = coalesce($4, system_identifier), timeline = coalesce($5, timeline)`,
      values: [epoch, counter, rewritten !== undefined, server?.systemIdentifier, server?.timeline],
    });
    await session.query({
      text: `insert into changes (revision, type, at) values ($1, 'm', $2)`,
      values: [counter, input.now],
    });
    const result = await also();
    await session.query({ text: 'select pg_notify(current_schema(), $1)', values: [String(counter)] });
    return { attached: { epoch, revision: counter, rewritten }, also: result };
  });
}

async function lockMeta(session: Session) {
  const [row] = await session.query<[string, string, string, string | null, number | null]>({
    text: 'select epoch, counter, compacted, system_identifier, timeline from meta for update',
  });
  if (row === undefined) throw new Error('the meta row is missing');
  const [epoch, counter, compacted, systemIdentifier, timeline] = row;
  return { epoch, counter: toRevision(counter), compacted: toRevision(compacted), systemIdentifier, timeline };
}

/** Undefined where this user may not ask, or the server is not PostgreSQL proper. */
async function serverIdentity(session: Session): Promise<ServerIdentity | undefined> {
  try {
    const [row] = await session.query<[string, number]>({
      text: `select s.system_identifier::text, c.timeline_id from pg_control_system() s, pg_control_checkpoint() c`,
    });
    return row && { systemIdentifier: row[0], timeline: row[1] };
  } catch (cause) {
    if (session.lost) throw cause;
    return undefined;
  }
}

/** bigint columns come as text; every revision fits a number. */
export function toRevision(text: string): Revision {
  return Number(text);
}
