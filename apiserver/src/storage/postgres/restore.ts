import { randomUUID } from 'node:crypto';
import type { EpochMs } from '@quarterdeck/machinery';
import type { StoredRow } from '../storage.ts';
import { type BackupContents, BackupError, type BackupHeader, type BackupLine } from './backup-format.ts';
import type { Session } from './session.ts';
import { transact } from './transact.ts';

const batchSize = 200;

/** Everything in one transaction, under the lock of the counter: a running hub sees all of it, as a reset, or nothing. */
export function restoreInto(session: Session, lines: AsyncIterable<BackupLine>, now: EpochMs): Promise<BackupContents> {
  return transact(session, 'begin', async () => {
    await session.query({ text: 'select from meta for update' });
    await requireEmpty(session);
    const { header, contents } = await insertAll(session, lines);
    await session.query({ text: 'delete from changes' });
    await session.query({
      text: `with raised as (select greatest(counter + 1, $2::bigint + 1, $3::bigint) as counter from meta)
        update meta set epoch = $1, counter = raised.counter, compacted = raised.counter from raised`,
      values: [randomUUID(), header.revision, now * 1000],
    });
    return contents;
  });
}

async function requireEmpty(session: Session): Promise<void> {
  const [row] = await session.query<[boolean]>({
    text: 'select exists (select from objects) or exists (select from settings)',
  });
  if (row?.[0]) throw new BackupError('the database is not empty: restore into a new one');
}

async function insertAll(session: Session, lines: AsyncIterable<BackupLine>) {
  let header: BackupHeader | undefined;
  let end: BackupContents | undefined;
  let objects = 0;
  let settings = 0;
  let pending: StoredRow[] = [];
  const flush = async (): Promise<void> => {
    await insertObjects(session, pending);
    pending = [];
  };
  for await (const line of lines) {
    if ((header === undefined) !== (line.type === 'header')) throw new BackupError('the file is not a backup');
    switch (line.type) {
      case 'header':
        header = line.header;
        break;
      case 'object':
        objects++;
        if (pending.push(line.row) >= batchSize) await flush();
        break;
      case 'setting':
        settings++;
        await session.query({
          text: 'insert into settings (name, value) values ($1, $2)',
          values: [line.name, line.value],
        });
        break;
      case 'end':
        end = line.contents;
        break;
    }
  }
  await flush();
  if (header === undefined || end?.objects !== objects || end.settings !== settings) {
    throw new BackupError('the backup is cut short; nothing was restored');
  }
  return { header, contents: { objects, settings } };
}

async function insertObjects(session: Session, rows: readonly StoredRow[]): Promise<void> {
  if (rows.length === 0) return;
  await session.query({
    text: `insert into objects (resource, namespace, name, revision, body)
      select * from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[])`,
    values: [
      rows.map(({ key }) => key.resource),
      rows.map(({ key }) => key.namespace),
      rows.map(({ key }) => key.name),
      rows.map(({ revision }) => revision),
      rows.map(({ body }) => body),
    ],
  });
}
