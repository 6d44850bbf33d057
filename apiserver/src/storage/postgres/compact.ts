import type { Revision } from '../storage.ts';
import type { Session } from './session.ts';

/** Short statements, so that none of them nears a timeout or holds much back. */
const chunkSize = 5_000;
const writersKeptDays = 7;

/** Forgets the log up to a revision. The mark comes first: from then on nobody reads what is being removed. */
export async function compactLog(session: Session, upTo: Revision): Promise<void> {
  await session.query({
    text: 'update meta set compacted = greatest(compacted, least($1::bigint, counter))',
    values: [upTo],
  });
  for (let removed = chunkSize; removed === chunkSize; ) {
    const rows = await session.query<[string]>({
      text: `with gone as (
            delete from changes where revision in (
              select c.revision from changes c, meta m where c.revision <= m.compacted order by c.revision limit ${chunkSize}
            ) returning 1
          ) select count(*) from gone`,
    });
    removed = Number(rows[0]?.[0] ?? 0);
  }
  await session.query({ text: `delete from writers where seen < now() - interval '${writersKeptDays} days'` });
}
