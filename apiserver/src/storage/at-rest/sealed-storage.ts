import type {
  Change,
  FollowSink,
  PastChange,
  PastState,
  Storage,
  StorageKey,
  StorageSnapshot,
  StoredRow,
  WriteOperation,
} from '../storage.ts';
import { checkTransaction, keyId } from '../transaction.ts';
import { isSealed, type Keyring, SealedTextError } from './keyring.ts';

/** What of a storage is encrypted, and by which keys. */
export interface AtRest {
  readonly keyring: Keyring;
  /** Resources whose bodies are sealed when they are written: `secrets`, `widgets.example.com`. */
  readonly resources: readonly string[];
}

/**
 * A storage whose bodies of some resources are sealed below and plain above: in its tables, its log and its backups no body
 * of theirs can be read, nor put in the place of another object's. A body that is stored otherwise than a write would
 * store it now (plain, by an older key, or of a resource that is no longer sealed) is read all the same, and marked stale.
 * KA-147, docs/adr/0015
 *
 * A body that cannot be opened is never left out: `snapshot` throws a SealedTextError while its rows are read, and a follower
 * is reset. History ends where a body of it cannot be opened, its key being gone.
 */
export function sealedStorage(storage: Storage, { keyring, resources }: AtRest): Storage {
  const sealed = new Set(keyring.canSeal ? resources : []);

  const sealOperation = (operation: WriteOperation): WriteOperation => {
    if (!sealed.has(operation.key.resource)) return operation;
    const binding = keyId(operation.key);
    return operation.type === 'put'
      ? { ...operation, body: keyring.seal(binding, operation.body) }
      : { ...operation, lastBody: keyring.seal(binding, operation.lastBody) };
  };

  const openBody = (key: StorageKey, body: string): string => {
    if (isSealed(body)) return openSealedBody(keyring, { key, body });
    // Whoever may write to the database could take the mark off; what is left must not pass for an object.
    if (body.startsWith(',') || !sealed.has(key.resource)) return body;
    throw new SealedTextError('damaged', `${nameOf(key)} is neither an object nor encrypted: it was changed`);
  };
  const isStale = (key: StorageKey, body: string): boolean =>
    isSealed(body) ? !sealed.has(key.resource) || !keyring.isCurrent(body) : sealed.has(key.resource);

  /** What needs nothing done is handed on as it is. */
  const open = <T extends StoredRow | Change>(row: T): T => {
    if (!isSealed(row.body) && !sealed.has(row.key.resource)) return row;
    const opened = { ...row, body: openBody(row.key, row.body) };
    return isStale(row.key, row.body) ? { ...opened, stale: true } : opened;
  };

  const openState = (key: StorageKey, state: PastState): PastState => ({ ...state, body: openBody(key, state.body) });
  const openPast = (past: PastChange): PastChange => {
    switch (past.type) {
      case 'mark':
      case 'lost':
        return past;
      case 'put':
        return past.previous === undefined ? past : { ...past, previous: openState(past.key, past.previous) };
      case 'delete':
        return { ...past, previous: openState(past.key, past.previous), body: openBody(past.key, past.body) };
    }
  };
  const openPastOrLose = (past: PastChange): PastChange => {
    try {
      return openPast(past);
    } catch (cause) {
      if (!(cause instanceof SealedTextError)) throw cause;
      return { type: 'lost', revision: past.revision, at: past.at };
    }
  };

  return {
    settings: storage.settings,
    async snapshot(signal): Promise<StorageSnapshot> {
      const snapshot = await storage.snapshot(signal);
      return {
        epoch: snapshot.epoch,
        revision: snapshot.revision,
        compacted: snapshot.compacted,
        rows: pagesOf(snapshot.rows, open),
        history: pagesOf(snapshot.history, openPastOrLose),
        [Symbol.asyncDispose]: () => snapshot[Symbol.asyncDispose](),
      };
    },
    async write(transaction, signal) {
      if (!transaction.operations.some(({ key }) => sealed.has(key.resource)))
        return await storage.write(transaction, signal);
      // What is no text would be sealed as another one.
      checkTransaction(transaction);
      const operations = transaction.operations.map(sealOperation);
      return await storage.write({ ...transaction, operations }, signal);
    },
    follow(from, sink) {
      // No storage calls its sink from within `follow`.
      const following: Disposable = storage.follow(
        from,
        openingSink(sink, { open, end: () => following[Symbol.dispose]() }),
      );
      return following;
    },
    latestRevision: (signal) => storage.latestRevision(signal),
    compact: (upTo) => storage.compact(upTo),
    [Symbol.asyncDispose]: () => storage[Symbol.asyncDispose](),
  };
}

/** The body of an object, sealed as a {@link sealedStorage} stores it. @throws SealedTextError */
export function openSealedBody(keyring: Keyring, { key, body }: Pick<StoredRow, 'key' | 'body'>): string {
  return keyring.open(keyId(key), body, nameOf(key));
}

/** A change that cannot be opened ends the following: what is loaded again says what is wrong, as a start does. */
function openingSink(
  sink: FollowSink,
  { open, end }: { readonly open: (change: Change) => Change; readonly end: () => void },
): FollowSink {
  let ended = false;
  const opened = (changes: readonly Change[]): readonly Change[] | undefined => {
    try {
      return changes.map(open);
    } catch (cause) {
      if (!(cause instanceof SealedTextError)) throw cause;
      ended = true;
      end();
      sink.reset(cause.message);
      return undefined;
    }
  };
  return {
    changes(changes) {
      const readable = ended ? undefined : opened(changes);
      if (readable !== undefined) sink.changes(readable);
    },
    progress(revision) {
      if (!ended) sink.progress(revision);
    },
    reset(reason) {
      if (!ended) sink.reset(reason);
    },
  };
}

const nameOf = ({ resource, namespace, name }: StorageKey): string =>
  `${resource} ${namespace === '' ? name : `${namespace}/${name}`}`;

async function* pagesOf<T>(pages: AsyncIterable<readonly T[]>, convert: (item: T) => T): AsyncIterable<readonly T[]> {
  for await (const page of pages) yield page.map(convert);
}
