import { silentLogger, systemClock } from '@quarterdeck/machinery';
import { eventually, testLogger } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { createStore } from '../../cache/create-store.ts';
import { CompactedError } from '../../cache/store.ts';
import { allOf, contents, key, record } from '../conformance/harness.ts';
import { createMemoryDatabase, openMemoryStorage } from '../memory.ts';
import { type FollowSink, InvalidTransactionError, type Storage, type StorageKey } from '../storage.ts';
import { createKeyring } from './keyring.ts';
import { sealedStorage } from './sealed-storage.ts';

const clock = systemClock;
const secretKey = (name: string): StorageKey => key(name, 'default', 'secrets');
const body = (name: string, more = '') => `,"name":"${name}"}${more}`;

/** One database; `open` is a process with keys of these fills, the first of which seals. */
function atRest() {
  const database = createMemoryDatabase();
  const raw = openMemoryStorage(database, { clock });
  return {
    raw,
    open: (fills: readonly number[], resources: readonly string[] = ['secrets']): Storage => {
      const keys = fills.map((fill) => ({ name: `key-${fill}`, secret: Buffer.alloc(32, fill) }));
      const keyring = createKeyring({ keys, source: 'keys.yaml' });
      return sealedStorage(openMemoryStorage(database, { clock }), { keyring, resources });
    },
  };
}

const put = async (storage: Storage, at: StorageKey, text: string) => {
  const { revisions } = await storage.write({ operations: [{ type: 'put', key: at, body: text, expect: 'absent' }] });
  return revisions[0] ?? 0;
};
const rewrite = async (storage: Storage, at: StorageKey, text: string, expected: number) => {
  const { revisions } = await storage.write({ operations: [{ type: 'put', key: at, body: text, expect: expected }] });
  return revisions[0] ?? 0;
};

test('KA-147b what is configured is sealed below, and the rest is not', async () => {
  const { raw, open } = atRest();
  const storage = open([1]);
  const revisions = [await put(storage, secretKey('db'), body('db')), await put(storage, key('db'), body('db'))];
  expect((await contents(raw)).rows.map((row) => row.body)).toEqual([
    body('db'),
    expect.stringMatching(/^sealed\.v2:key-1@/),
  ]);
  expect((await contents(storage)).rows).toEqual([
    { key: key('db'), revision: revisions[1], body: body('db') },
    { key: secretKey('db'), revision: revisions[0], body: body('db') },
  ]);
});

test('KA-147b a row that is plain, of an older key, or sealed for no reason is read, and stale until it is written', async () => {
  const { raw, open } = atRest();
  await put(raw, secretKey('plain'), body('plain'));
  await put(open([1]), secretKey('older'), body('older'));
  await put(open([2], ['configmaps']), key('sealed'), body('sealed'));
  const storage = open([2, 1]);
  await put(storage, secretKey('current'), body('current'));
  const staleness = async () => (await contents(storage)).rows.map((row) => [row.key.name, row.body, row.stale]);
  expect(await staleness()).toEqual([
    ['sealed', body('sealed'), true],
    ['current', body('current'), undefined],
    ['older', body('older'), true],
    ['plain', body('plain'), true],
  ]);
  for (const row of (await contents(storage)).rows) await rewrite(storage, row.key, row.body, row.revision);
  expect((await staleness()).map(([, , stale]) => stale)).toEqual([undefined, undefined, undefined, undefined]);
  expect((await contents(open([2]))).rows).toHaveLength(4);
});

test('KA-147b with no resources named, keys still open, and what is written is plain again', async () => {
  const { raw, open } = atRest();
  const one = await put(open([1]), secretKey('db'), body('db'));
  const back = open([1], []);
  expect((await contents(back)).rows).toEqual([{ key: secretKey('db'), revision: one, body: body('db'), stale: true }]);
  await rewrite(back, secretKey('db'), body('db'), one);
  expect((await contents(raw)).rows.map((row) => row.body)).toEqual([body('db')]);
});

test("KA-147b followers get plain bodies of own and of others' commits, and last bodies", async () => {
  const { raw, open } = atRest();
  const [a, b] = [open([2, 1]), open([1, 2])];
  using onA = record(a, await a.latestRevision());
  using onB = record(b, await b.latestRevision());
  const one = await put(a, secretKey('db'), body('db'));
  const two = await rewrite(b, secretKey('db'), body('db', ' '), one);
  const { revisions } = await a.write({
    operations: [{ type: 'delete', key: secretKey('db'), lastBody: body('db', '  '), expect: two }],
  });
  await eventually(() => onA.changes.length === 3 && onB.changes.length === 3);
  const change = { type: 'put', key: secretKey('db') };
  expect(onA.changes).toEqual([
    { ...change, revision: one, body: body('db') },
    { ...change, revision: two, body: body('db', ' '), stale: true },
    { ...change, type: 'delete', revision: revisions[0], body: body('db', '  ') },
  ]);
  await using below = await raw.snapshot();
  const history = JSON.stringify(await allOf(below.history));
  expect(history).toContain('sealed.v2:key-1@');
  expect(history).not.toContain(body('db').replaceAll('"', '\\"'));
});

test('KA-147b a present row that cannot be opened is an error that names object and key, never an absence', async () => {
  const { raw, open } = atRest();
  const one = await put(open([1]), secretKey('db'), body('db'));
  const missing =
    /^secrets default\/db is encrypted with key key-1@[0-9a-f]{12}, which is not in keys\.yaml: give the file/;
  await expect(contents(open([2]))).rejects.toThrow(missing);
  const [row] = (await contents(raw)).rows;
  const moved = await put(raw, secretKey('other'), row?.body ?? '');
  await expect(contents(open([1]))).rejects.toThrow(/^secrets default\/other does not open with key key-1@/);
  await raw.write({ operations: [{ type: 'delete', key: secretKey('other'), lastBody: ',}', expect: moved }] });
  await rewrite(raw, secretKey('db'), (row?.body ?? '').replace('sealed', 'Sealed'), one);
  await expect(contents(open([1]))).rejects.toThrow(
    'secrets default/db is neither an object nor encrypted: it was changed',
  );
});

test('KA-147b whatever the database tells after a change that cannot be opened, its follower hears nothing more', () => {
  const inner: FollowSink[] = [];
  const told: string[] = [];
  let ended = 0;
  const source: Storage = {
    ...atRest().raw,
    follow: (_from, sink) => {
      inner.push(sink);
      return {
        [Symbol.dispose]() {
          ended += 1;
        },
      };
    },
  };
  const keyring = createKeyring({ keys: [], source: 'keys.yaml' });
  sealedStorage(source, { keyring, resources: ['secrets'] }).follow(0, {
    changes: () => void told.push('changes'),
    progress: () => void told.push('progress'),
    reset: (reason) => void told.push(reason),
  });
  const damaged = { type: 'put', key: secretKey('db'), revision: 1, body: 'sealed.v2:x' } as const;
  for (const sink of inner) {
    sink.changes([damaged]);
    sink.progress(2);
    sink.changes([{ ...damaged, key: key('db'), revision: 3, body: body('db') }]);
    sink.reset('again');
  }
  expect([told, ended]).toEqual([['secrets default/db is not sealed text of a form that this program knows'], 1]);
});

test('KA-147b a change that cannot be opened resets its follower, once, and nothing of it is delivered', async () => {
  const { open } = atRest();
  const [mine, foreign] = [open([1]), open([2])];
  await foreign.latestRevision();
  using recording = record(mine, await mine.latestRevision());
  await put(mine, secretKey('own'), body('own'));
  await put(foreign, secretKey('foreign'), body('foreign'));
  await eventually(() => recording.resets.length === 1);
  await put(foreign, key('more'), body('more'));
  await mine.latestRevision();
  expect(recording.changes.map((change) => change.key.name)).toEqual(['own']);
  expect(recording.resets).toEqual([expect.stringMatching(/^secrets default\/foreign is encrypted with key key-2@/)]);
});

test('KA-147b text that could not be stored is refused before it is sealed', async () => {
  const storage = atRest().open([1]);
  await expect(put(storage, secretKey('db'), 'a\ud800')).rejects.toBeInstanceOf(InvalidTransactionError);
});

test('KA-147b a server that started without an old key serves what there is; history of that key is gone', async () => {
  const { open } = atRest();
  const before = open([1]);
  const one = await put(before, secretKey('db'), body('db'));
  const both = open([2, 1]);
  const two = await rewrite(both, secretKey('db'), body('db'), one);
  const after = open([2]);
  await using store = createStore(after, { clock, logger: silentLogger });
  await store.start();
  expect(store.get(secretKey('db'))?.body.toString()).toBe(body('db'));
  expect(() => store.watch({ resource: 'secrets', after: one })).toThrow(CompactedError);
  using watch = store.watch({ resource: 'secrets', after: two });
  const three = await rewrite(after, secretKey('db'), body('db', ' '), two);
  expect((await watch.next(60_000)).map((event) => event.revision)).toEqual([three]);
});

test('KA-147b a running server that meets a key it has not stops serving and says which', async () => {
  const { open } = atRest();
  const logger = testLogger();
  await using store = createStore(open([1]), { clock, logger });
  await store.start();
  await put(open([2]), secretKey('db'), body('db'));
  await eventually(() => logger.messages('warn').includes('reloading failed'));
  expect(store.ready).toBe(false);
  expect(JSON.stringify(logger.lines)).toMatch(/secrets default\/db is encrypted with key key-2@/);
});
