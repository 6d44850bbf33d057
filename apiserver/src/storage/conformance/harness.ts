import type { Change, FollowSink, Revision, Storage, StorageKey, StoredRow } from '../storage.ts';
import { keyId } from '../transaction.ts';

/** One database of an implementation, made for one test. */
export interface StorageHarness extends AsyncDisposable {
  /** Another process on the same database. */
  open(): Storage;
  /** Replaces the history, as a restore does, under whoever is connected. */
  rewrite(): Promise<void>;
}

/** Two processes on one database: what every test starts with. */
interface Pair extends AsyncDisposable {
  readonly a: Storage;
  readonly b: Storage;
  readonly harness: StorageHarness;
}

export type OpenPair = (testName: string) => Promise<Pair>;

export function pairs(createHarness: (testName: string) => Promise<StorageHarness>): OpenPair {
  return async (testName) => {
    await using stack = new AsyncDisposableStack();
    const harness = stack.use(await createHarness(testName));
    const a = stack.use(harness.open());
    const b = stack.use(harness.open());
    const owned = stack.move();
    return { a, b, harness, [Symbol.asyncDispose]: () => owned.disposeAsync() };
  };
}

export function key(name: string, namespace = 'default', resource = 'configmaps'): StorageKey {
  return { resource, namespace, name };
}

/** Creates; @returns its revision */
export async function create(storage: Storage, name: string, body = `,"name":"${name}"}`): Promise<Revision> {
  const { revisions } = await storage.write({
    operations: [{ type: 'put', key: key(name), body, expect: 'absent' }],
  });
  return only(revisions);
}

export async function update(storage: Storage, name: string, body: string, expect: Revision): Promise<Revision> {
  const { revisions } = await storage.write({ operations: [{ type: 'put', key: key(name), body, expect }] });
  return only(revisions);
}

export async function remove(storage: Storage, name: string, expect: Revision, lastBody = ''): Promise<Revision> {
  const { revisions } = await storage.write({ operations: [{ type: 'delete', key: key(name), lastBody, expect }] });
  return only(revisions);
}

export function only<T>(items: readonly T[]): T {
  const [item] = items;
  if (items.length !== 1 || item === undefined) throw new Error(`expected one, got ${items.length}`);
  return item;
}

/** The items of all pages. */
export async function allOf<T>(pages: AsyncIterable<readonly T[]>): Promise<T[]> {
  const items: T[] = [];
  for await (const page of pages) items.push(...page);
  return items;
}

/** Everything there is, by key in order, and the revision it is of. */
export async function contents(storage: Storage): Promise<{ revision: Revision; rows: StoredRow[] }> {
  await using snapshot = await storage.snapshot();
  const rows = await allOf(snapshot.rows);
  return {
    revision: snapshot.revision,
    rows: rows.sort((x, y) => (keyId(x.key) < keyId(y.key) ? -1 : 1)),
  };
}

/** What a follower was told. Changes carry the order; `resets` the reasons. */
export interface Recording extends Disposable {
  readonly changes: Change[];
  readonly marks: Revision[];
  readonly resets: string[];
  /** Of changes and marks alike, in the order told. */
  readonly revisions: Revision[];
}

export function record(storage: Storage, from: Revision): Recording {
  const changes: Change[] = [];
  const marks: Revision[] = [];
  const resets: string[] = [];
  const revisions: Revision[] = [];
  const sink: FollowSink = {
    changes(batch) {
      changes.push(...batch);
      revisions.push(...batch.map((change) => change.revision));
    },
    progress(revision) {
      marks.push(revision);
      revisions.push(revision);
    },
    reset: (reason) => void resets.push(reason),
  };
  const following = storage.follow(from, sink);
  return { changes, marks, resets, revisions, [Symbol.dispose]: () => following[Symbol.dispose]() };
}
