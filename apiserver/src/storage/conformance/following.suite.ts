import { eventually } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import type { Change, Revision, Storage } from '../storage.ts';
import { contents, create, key, type OpenPair, record, remove, update } from './harness.ts';

/** What `follow` promises: every commit once, in order, wherever it was made. */
export function followConformance(open: OpenPair): void {
  test('RL-2 a follower has its own commits before their write resolves', async ({ task }) => {
    await using pair = await open(task.name);
    using recording = record(pair.a, await pair.a.latestRevision());
    const one = await create(pair.a, 'x', 'one');
    expect(recording.changes).toEqual([{ type: 'put', key: key('x'), revision: one, body: 'one' }]);
    const two = await update(pair.a, 'x', 'two', one);
    const three = await remove(pair.a, 'x', two, 'last');
    expect(recording.changes.slice(1)).toEqual([
      { type: 'put', key: key('x'), revision: two, body: 'two' },
      { type: 'delete', key: key('x'), revision: three, body: 'last' },
    ]);
  });

  test("RL-2 a follower gets other processes' commits, with the bodies they had", async ({ task }) => {
    await using pair = await open(task.name);
    using recording = record(pair.b, await pair.b.latestRevision());
    const one = await create(pair.a, 'x', 'one');
    const two = await update(pair.a, 'x', 'two', one);
    const three = await remove(pair.a, 'x', two, 'last');
    const four = await create(pair.a, 'x', 'three');
    await eventually(() => recording.changes.length === 4);
    expect(recording.changes).toEqual([
      { type: 'put', key: key('x'), revision: one, body: 'one' },
      { type: 'put', key: key('x'), revision: two, body: 'two' },
      { type: 'delete', key: key('x'), revision: three, body: 'last' },
      { type: 'put', key: key('x'), revision: four, body: 'three' },
    ]);
  });

  test('RL-2 a write among those of another process resolves when its follower has all before it', async ({ task }) => {
    await using pair = await open(task.name);
    using recording = record(pair.a, await pair.a.latestRevision());
    await pair.b.latestRevision();
    const others = await Promise.all(['x', 'y', 'z'].map((name) => create(pair.b, name)));
    const own = await create(pair.a, 'own');
    expect(recording.changes.map((change) => change.revision)).toEqual([...others, own]);
  });

  test('RL-2 a follower that starts late replays from where it was told to', async ({ task }) => {
    await using pair = await open(task.name);
    const one = await create(pair.a, 'x', 'one');
    const two = await update(pair.a, 'x', 'two', one);
    const three = await create(pair.a, 'y', 'other');
    const four = await remove(pair.a, 'x', two, 'two');
    using recording = record(pair.b, one);
    await eventually(() => recording.changes.length === 3);
    expect(recording.changes).toEqual([
      { type: 'put', key: key('x'), revision: two, body: 'two' },
      { type: 'put', key: key('y'), revision: three, body: 'other' },
      { type: 'delete', key: key('x'), revision: four, body: 'two' },
    ]);
  });

  test('F-10 two committers and followers on both: none missed, in order, once', async ({ task }) => {
    await using pair = await open(task.name);
    const start = Math.max(await pair.a.latestRevision(), await pair.b.latestRevision());
    using onA = record(pair.a, start);
    using onB = record(pair.b, start);
    const writer = async (storage: Storage, id: string): Promise<Revision[]> => {
      const revisions: Revision[] = [];
      for (let n = 0; n < 40; n++) revisions.push(await create(storage, `${id}-${n}`));
      return revisions;
    };
    const ids = Array.from({ length: 8 }, (_, index) => index);
    const written = await Promise.all(ids.map((id) => writer(id % 2 ? pair.a : pair.b, `w${id}`)));
    const all = written.flat().sort((x, y) => x - y);
    await eventually(() => onA.changes.length >= all.length && onB.changes.length >= all.length);
    expect(onA.changes.map((change) => change.revision)).toEqual(all);
    expect(onB.changes).toEqual(onA.changes);
    // The first write of a process that only read so far may raise the counter; a later one never leaves a gap.
    expect(gaps(onA.revisions)).toEqual([]);
  });

  test('KA-43 a raised counter is told as progress, in its place', async ({ task }) => {
    await using pair = await open(task.name);
    using recording = record(pair.a, await pair.a.latestRevision());
    const one = await create(pair.a, 'x');
    await using other = pair.harness.open();
    const raised = await other.latestRevision();
    await eventually(() => recording.marks.includes(raised));
    const two = await create(pair.a, 'y');
    expect(recording.changes.map((change) => change.revision)).toEqual([one, two]);
    expect(recording.revisions).toEqual(recording.revisions.toSorted((x, y) => x - y));
    expect(await pair.a.latestRevision()).toBe(two);
  });

  test('KA-40 asking for the latest revision brings followers there', async ({ task }) => {
    await using pair = await open(task.name);
    using recording = record(pair.a, await pair.a.latestRevision());
    const written = await create(pair.b, 'x');
    expect(await pair.a.latestRevision()).toBeGreaterThanOrEqual(written);
    await eventually(() => recording.changes.length === 1);
  });

  test('RL-2 a follower that was disposed of hears nothing more', async ({ task }) => {
    await using pair = await open(task.name);
    const recording = record(pair.a, await pair.a.latestRevision());
    await create(pair.a, 'x');
    recording[Symbol.dispose]();
    await create(pair.a, 'y');
    expect(recording.changes).toHaveLength(1);
  });

  test('F-11 a follower from before what was compacted is reset, one from after it is not', async ({ task }) => {
    await using pair = await open(task.name);
    const one = await create(pair.a, 'x', 'one');
    const two = await update(pair.a, 'x', 'two', one);
    const three = await update(pair.a, 'x', 'three', two);
    await pair.a.compact(two);
    using early = record(pair.b, one);
    using late = record(pair.b, two);
    await eventually(() => early.resets.length === 1 && late.changes.length > 0);
    expect(early.changes).toEqual([]);
    expect(late.changes[0]).toEqual({ type: 'put', key: key('x'), revision: three, body: 'three' });
    expect(late.resets).toEqual([]);
    expect((await contents(pair.b)).rows).toEqual([{ key: key('x'), revision: three, body: 'three' }]);
  });

  test('KA-149 a rewritten history resets every follower, and revisions go on rising', async ({ task }) => {
    await using pair = await open(task.name);
    const one = await create(pair.a, 'x');
    using onA = record(pair.a, one);
    using onB = record(pair.b, one);
    await using before = await pair.b.snapshot();
    await pair.harness.rewrite();
    await eventually(() => onA.resets.length === 1 && onB.resets.length === 1);
    expect([onA.changes, onB.changes]).toEqual([[], []]);
    await using after = await pair.a.snapshot();
    expect(after.epoch).not.toBe(before.epoch);
    expect(after.revision).toBeGreaterThan(one);
    using again = record(pair.a, after.revision);
    const two = await create(pair.a, 'y');
    expect(again.changes.map((change: Change) => change.revision)).toEqual([two]);
    expect(again.resets).toEqual([]);
  });
}

/** Places where a revision is missing, unless the counter was raised there: starts leave leaps of a second and more. */
function gaps(revisions: readonly Revision[]): Revision[] {
  return revisions.filter((revision, index) => {
    const leap = revision - (revisions[index - 1] ?? revision - 1);
    return leap !== 1 && leap < 1000;
  });
}
