import { expect, test } from 'vitest';
import type { PastChange, StoredRow } from '../storage.ts';
import { allOf, contents, create, key, type OpenPair, record, remove, update } from './harness.ts';

/** What `snapshot`, `compact` and `settings` promise. */
export function readConformance(open: OpenPair): void {
  test('RL-1 a snapshot is of one revision while writes go on', async ({ task }) => {
    await using pair = await open(task.name);
    const names = ['left', 'right'];
    const set = (body: string, expected: 'absent' | 'present') => ({
      operations: names.map((name) => ({ type: 'put' as const, key: key(name), body, expect: expected })),
    });
    await pair.a.write(set('0', 'absent'));
    let writing = true;
    const writer = (async () => {
      for (let n = 1; writing; n++) await pair.a.write(set(String(n), 'present'));
    })();
    for (let n = 0; n < 10; n++) {
      const { rows, revision } = await contents(pair.b);
      expect(rows.map((row) => row.body)).toEqual([rows[0]?.body, rows[0]?.body]);
      expect(Math.max(...rows.map((row) => row.revision))).toBeLessThanOrEqual(revision);
    }
    writing = false;
    await writer;
  });

  test('RL-2 a snapshot and following from its revision give every commit exactly once', async ({ task }) => {
    await using pair = await open(task.name);
    const writes = Promise.all(Array.from({ length: 50 }, (_, n) => create(pair.a, `n${n}`)));
    await using snapshot = await pair.a.snapshot();
    using recording = record(pair.a, snapshot.revision);
    const seen = (await allOf(snapshot.rows)).map((row) => row.revision);
    const written = await writes;
    const last = await create(pair.a, 'last');
    const told = recording.changes.map((change) => change.revision);
    expect([...seen, ...told].sort((x, y) => x - y)).toEqual([...written, last].sort((x, y) => x - y));
  });

  test('KA-92 undoing the history gives every earlier state', async ({ task }) => {
    await using pair = await open(task.name);
    await pair.a.latestRevision();
    const states: { revision: number; rows: StoredRow[] }[] = [];
    const remember = async () => void states.push(await contents(pair.a));
    await remember();
    const x = await create(pair.a, 'x', 'x1');
    await remember();
    const y = await create(pair.a, 'y', 'y1');
    const x2 = await update(pair.a, 'x', 'x2', x);
    await remember();
    await remove(pair.a, 'y', y, 'y last');
    await remember();
    await update(pair.a, 'x', 'x3', x2);
    await create(pair.a, 'y', 'y2');
    await remember();

    await using snapshot = await pair.b.snapshot();
    const rows = new Map((await allOf(snapshot.rows)).map((row) => [row.key.name, row]));
    const history = await allOf(snapshot.history);
    expect(history.map((past) => past.revision)).toEqual(
      history.map((past) => past.revision).toSorted((p, q) => q - p),
    );
    for (const { revision, rows: expected } of states.toReversed()) {
      while ((history[0]?.revision ?? 0) > revision) undo(rows, history.shift());
      expect([...rows.values()].sort((p, q) => (p.key.name < q.key.name ? -1 : 1))).toEqual(expected);
    }
  });

  test('KA-86 the history holds the last body that a delete told', async ({ task }) => {
    await using pair = await open(task.name);
    const x = await create(pair.a, 'x', 'one');
    await remove(pair.a, 'x', x, 'one, being deleted');
    const y = await create(pair.a, 'y', 'same');
    await remove(pair.a, 'y', y, 'same');
    await using snapshot = await pair.b.snapshot();
    expect(await allOf(snapshot.rows)).toEqual([]);
    const deletes = (await allOf(snapshot.history)).filter((past) => past.type === 'delete');
    expect(deletes.map(({ key: { name }, previous, body }) => ({ name, previous, body }))).toEqual([
      { name: 'y', previous: { revision: y, body: 'same' }, body: 'same' },
      { name: 'x', previous: { revision: x, body: 'one' }, body: 'one, being deleted' },
    ]);
  });

  test('F-11 compaction forgets history and keeps objects', async ({ task }) => {
    await using pair = await open(task.name);
    const one = await create(pair.a, 'x', 'one');
    const two = await update(pair.a, 'x', 'two', one);
    const three = await create(pair.a, 'y', 'other');
    await pair.b.compact(two);
    await pair.a.compact(one);
    await using snapshot = await pair.b.snapshot();
    expect(snapshot.compacted).toBe(two);
    expect(await allOf(snapshot.rows)).toHaveLength(2);
    const history = (await allOf(snapshot.history)).filter((past) => past.type !== 'mark');
    expect(history.map((past) => past.revision)).toEqual([three]);
  });

  test('F-11 compacting more than there is forgets what there is', async ({ task }) => {
    await using pair = await open(task.name);
    const one = await create(pair.a, 'x');
    await pair.a.compact(Number.MAX_SAFE_INTEGER);
    await using snapshot = await pair.a.snapshot();
    expect(snapshot.compacted).toBe(snapshot.revision);
    expect(snapshot.revision).toBeGreaterThanOrEqual(one);
    expect(await create(pair.a, 'y')).toBeGreaterThan(snapshot.revision);
  });

  test('RL-1 a snapshot holds more rows than one page, each once', async ({ task }) => {
    await using pair = await open(task.name);
    const names = Array.from({ length: 1203 }, (_, n) => `n${String(n).padStart(4, '0')}`);
    await pair.a.write({
      operations: names.map((name) => ({ type: 'put', key: key(name), body: name, expect: 'absent' })),
    });
    expect((await contents(pair.b)).rows.map((row) => row.key.name)).toEqual(names);
  });

  test('KA-148 a setting is created once, whoever comes first', async ({ task }) => {
    await using pair = await open(task.name);
    expect(await pair.a.settings.get('ca')).toBeUndefined();
    const got = await Promise.all(
      Array.from({ length: 10 }, (_, n) => (n % 2 ? pair.a : pair.b).settings.createOnce('ca', `by ${n}`)),
    );
    expect(new Set(got).size).toBe(1);
    expect(await pair.b.settings.get('ca')).toBe(got[0]);
    await pair.b.settings.put('ca', 'rotated');
    expect(await pair.a.settings.get('ca')).toBe('rotated');
    expect(await pair.a.settings.createOnce('ca', 'late')).toBe('rotated');
  });

  test('KA-148, RG-9 of those who replace what they have seen of a setting one does', async ({ task }) => {
    await using pair = await open(task.name);
    expect(await pair.a.settings.replace('ca', '', 'nothing')).toBe(false);
    await pair.a.settings.put('ca', 'first');
    const did = await Promise.all(
      Array.from({ length: 10 }, (_, n) => (n % 2 ? pair.a : pair.b).settings.replace('ca', 'first', `by ${n}`)),
    );
    expect(did.filter(Boolean)).toEqual([true]);
    expect(await pair.b.settings.get('ca')).toBe(`by ${did.indexOf(true)}`);
  });
}

function undo(rows: Map<string, StoredRow>, past: PastChange | undefined): void {
  if (past === undefined || past.type === 'mark' || past.type === 'lost') return;
  if (past.previous) rows.set(past.key.name, { key: past.key, ...past.previous });
  else rows.delete(past.key.name);
}
