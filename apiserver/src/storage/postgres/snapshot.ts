import type { PastChange, StorageKey, StorageSnapshot, StoredRow } from '../storage.ts';
import { toRevision } from './attach.ts';
import type { Session } from './session.ts';

/** Bounds what one page can hold in memory: bodies may be megabytes. */
const pageSize = 250;

type ObjectRow = readonly [resource: string, namespace: string, name: string, revision: string, body: string];

type ChangeRow = readonly [
  revision: string,
  type: 'p' | 'd' | 'm',
  resource: string,
  namespace: string,
  name: string,
  at: string,
  replaced: string | null,
  previous: string | null,
  body: string | null,
];

/** Opens a transaction on a session of its own that sees one state until it is disposed of, while writes go on. */
export async function takeSnapshot(session: Session): Promise<StorageSnapshot> {
  await session.query({ text: 'begin isolation level repeatable read read only' });
  const [meta] = await session.query<[string, string, string]>({ text: 'select epoch, counter, compacted from meta' });
  if (meta === undefined) throw new Error('the meta row is missing');
  const [epoch, counter, compacted] = meta;
  return {
    epoch,
    revision: toRevision(counter),
    compacted: toRevision(compacted),
    rows: pages<ObjectRow, StoredRow>(session, 'objects_page', objectsQuery, toStoredRow),
    history: pages<ChangeRow, PastChange>(session, 'changes_page', changesQuery, toPastChange),
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  };
}

const objectsQuery = 'select resource, namespace, name, revision, body from objects';
const changesQuery = `
  select c.revision, c.type, c.resource, c.namespace, c.name, c.at, c.replaced, c.previous, c.body
  from changes c, meta m where c.revision > m.compacted order by c.revision desc`;

/** Asks for the next page while the present one is worked on. */
async function* pages<Row extends readonly unknown[], T>(
  session: Session,
  cursor: string,
  query: string,
  convert: (row: Row) => T,
): AsyncGenerator<readonly T[], void, undefined> {
  await session.query({ text: `declare ${cursor} no scroll cursor for ${query}` });
  const fetchPage = (): Promise<Row[]> => {
    const page = session.query<Row>({ text: `fetch forward ${pageSize} from ${cursor}` });
    // Whoever stops reading early leaves a page unread; its failure is nobody's.
    page.catch(() => {});
    return page;
  };
  for (let page = await fetchPage(); page.length > 0; ) {
    const next = page.length === pageSize ? fetchPage() : [];
    yield page.map(convert);
    page = await next;
  }
}

function toStoredRow([resource, namespace, name, revision, body]: ObjectRow): StoredRow {
  return { key: { resource, namespace, name }, revision: toRevision(revision), body };
}

function toPastChange([
  revision,
  type,
  resource,
  namespace,
  name,
  at,
  replaced,
  previous,
  body,
]: ChangeRow): PastChange {
  const common = { revision: toRevision(revision), at: Number(at) };
  if (type === 'm') return { type: 'mark', ...common };
  const key: StorageKey = { resource, namespace, name };
  const state = replaced === null ? undefined : { revision: toRevision(replaced), body: previous ?? '' };
  if (type === 'p') return { type: 'put', key, ...common, previous: state };
  if (state === undefined) throw new Error(`change ${revision} deletes what was not there`);
  return { type: 'delete', key, ...common, previous: state, body: body ?? state.body };
}
