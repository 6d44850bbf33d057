import type { Change, Revision, StorageKey } from '../storage.ts';
import { toRevision } from './attach.ts';
import type { Session } from './session.ts';

export interface LogPage {
  readonly epoch: string;
  readonly compacted: Revision;
  /** In revision order; without a change where the counter was only raised. */
  readonly entries: readonly { readonly revision: Revision; readonly change: Change | undefined }[];
  /** The log may hold more. */
  readonly more: boolean;
}

/** Bounds what one page can hold in memory: bodies may be megabytes. */
const pageSize = 200;

/**
 * What the log holds after a revision. A put's body is the present one, or was moved to whoever replaced it; one
 * statement sees one state, so it is always found.
 */
const text = `
  select m.epoch, m.compacted, c.*
  from meta m
  left join lateral (
    select c.revision, c.type, c.resource, c.namespace, c.name,
      case c.type when 'p' then coalesce(n.previous, o.body) when 'd' then coalesce(c.body, c.previous) end
    from changes c
    left join changes n on n.replaced = c.revision
    left join objects o on o.resource = c.resource and o.namespace = c.namespace and o.name = c.name
      and o.revision = c.revision
    where c.revision > $1
    order by c.revision
    limit ${pageSize}
  ) c on true
  order by c.revision`;

type Row = readonly [
  epoch: string,
  compacted: string,
  revision: string | null,
  type: 'p' | 'd' | 'm',
  resource: string,
  namespace: string,
  name: string,
  body: string | null,
];

export async function pollLog(session: Session, after: Revision): Promise<LogPage> {
  const rows = await session.query<Row>({ name: 'poll', text, values: [after] });
  const first = rows[0];
  if (first === undefined) throw new Error('the meta row is missing');
  const [epoch, compacted, anything] = first;
  const entries = anything === null ? [] : rows.map(toEntry);
  return { epoch, compacted: toRevision(compacted), entries, more: rows.length === pageSize };
}

function toEntry([, , revision, type, resource, namespace, name, body]: Row) {
  const at = toRevision(revision ?? '0');
  if (type === 'm') return { revision: at, change: undefined };
  if (body === null) throw new Error(`the body of revision ${at} is missing`);
  const key: StorageKey = { resource, namespace, name };
  return { revision: at, change: { type: type === 'p' ? 'put' : 'delete', key, revision: at, body } as const };
}
