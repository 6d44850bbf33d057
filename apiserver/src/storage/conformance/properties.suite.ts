import { eventually } from '@quarterdeck/machinery/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Change, ExpectationFailedError, type Storage, type StoredRow, type Transaction } from '../storage.ts';
import { keyId } from '../transaction.ts';
import { contents, key, type OpenPair, only, record } from './harness.ts';

/** Laws over random bodies, and random histories against a model. */
export function propertyConformance(
  open: OpenPair,
  runs: { readonly bodies: number; readonly histories: number },
): void {
  test('BI-6 bodies of any text but U+0000 come back as they were', { timeout: 120_000 }, async ({ task }) => {
    await using pair = await open(task.name);
    using recording = record(pair.b, await pair.b.latestRevision());
    const text = fc.string({ unit: 'binary', maxLength: 200 }).map((value) => value.replaceAll('\0', ''));
    await fc.assert(
      fc.asyncProperty(text, text, async (first, second) => {
        recording.changes.length = 0;
        const id = key('x');
        const created = only(
          (await pair.a.write({ operations: [{ type: 'put', key: id, body: first, expect: 'absent' }] })).revisions,
        );
        expect((await contents(pair.b)).rows.map((row) => row.body)).toEqual([first]);
        await pair.a.write({ operations: [{ type: 'delete', key: id, lastBody: second, expect: created }] });
        await eventually(() => recording.changes.length === 2);
        expect(recording.changes.map((change) => change.body)).toEqual([first, second]);
      }),
      { numRuns: runs.bodies },
    );
  });

  test('RL-1 RL-2 random histories agree with a model', { timeout: 120_000 }, async ({ task }) => {
    await using pair = await open(task.name);
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40, size: 'max' }), async (steps) => {
        await checkHistory(pair, `r${run++}`, steps);
      }),
      { numRuns: runs.histories },
    );
  });
}

const names = ['a', 'b', 'c', 'd'];

type Step =
  | { readonly do: 'write'; readonly on: 'a' | 'b'; readonly parts: readonly Part[]; readonly alone: boolean }
  | { readonly do: 'restart'; readonly on: 'b' };

/** One key of a transaction: what to do with it, and whether to expect the truth. */
interface Part {
  readonly name: string;
  readonly action: 'put' | 'delete' | 'guard';
  readonly expect: 'exact' | 'loose' | 'wrong';
  readonly body: string;
}

const part: fc.Arbitrary<Part> = fc.record({
  name: fc.constantFrom(...names),
  action: fc.constantFrom('put', 'put', 'delete', 'guard'),
  expect: fc.constantFrom('exact', 'exact', 'loose', 'wrong'),
  body: fc.string({ maxLength: 5 }).map((body) => body.replaceAll('\0', '')),
});

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constant('write' as const),
      on: fc.constantFrom('a', 'b'),
      parts: fc.uniqueArray(part, { minLength: 1, maxLength: 3, selector: ({ name }) => name }),
      alone: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const), on: fc.constant('b' as const) }) },
);

/** The database as one would think of it. */
interface Model {
  readonly rows: Map<string, StoredRow>;
  readonly log: Change[];
}

async function checkHistory(
  pair: Awaited<ReturnType<OpenPair>>,
  resource: string,
  steps: readonly Step[],
): Promise<void> {
  const model: Model = { rows: new Map(), log: [] };
  const from = await pair.a.latestRevision();
  using onA = record(pair.a, from);
  await using stack = new AsyncDisposableStack();
  let other: Storage = pair.b;
  for (const current of steps) {
    if (current.do === 'restart') other = stack.use(pair.harness.open());
    else await checkWrite(current.on === 'a' ? pair.a : other, model, transactionOf(model, resource, current.parts));
  }
  const { rows } = await contents(other);
  expect(rows.filter((row) => row.key.resource === resource)).toEqual(
    [...model.rows.values()].sort((x, y) => (x.key.name < y.key.name ? -1 : 1)),
  );
  const own = (changes: readonly Change[]) => changes.filter((change) => change.key.resource === resource);
  using late = record(other, from);
  await eventually(() => own(onA.changes).length >= model.log.length && own(late.changes).length >= model.log.length);
  expect(own(onA.changes)).toEqual(model.log);
  expect(own(late.changes)).toEqual(model.log);
}

function transactionOf(model: Model, resource: string, parts: readonly Part[]): Transaction | undefined {
  const operations: Transaction['operations'][number][] = [];
  const guards: { key: ReturnType<typeof key>; expect: 'absent' | 'present' | number }[] = [];
  for (const { name, action, expect: style, body } of parts) {
    const id = key(name, '', resource);
    const row = model.rows.get(keyId(id));
    const truth = row === undefined ? 'absent' : style === 'loose' ? 'present' : row.revision;
    const expected = style === 'wrong' ? (row === undefined ? 'present' : row.revision - 1) : truth;
    if (action === 'guard') guards.push({ key: id, expect: expected });
    else if (action === 'put') operations.push({ type: 'put', key: id, body, expect: expected });
    else
      operations.push({
        type: 'delete',
        key: id,
        lastBody: body,
        expect: expected === 'absent' ? 'present' : expected,
      });
  }
  return operations.length === 0 ? undefined : { operations, guards };
}

async function checkWrite(storage: Storage, model: Model, transaction: Transaction | undefined): Promise<void> {
  if (transaction === undefined) return;
  const all = [...(transaction.guards ?? []), ...transaction.operations];
  const holds = all.every(({ key: id, expect: expected }) => {
    const found = model.rows.get(keyId(id))?.revision;
    return expected === 'absent'
      ? found === undefined
      : expected === 'present'
        ? found !== undefined
        : found === expected;
  });
  if (!holds) {
    await expect(storage.write(transaction)).rejects.toBeInstanceOf(ExpectationFailedError);
    return;
  }
  const { revisions } = await storage.write(transaction);
  expect(revisions).toEqual(revisions.map((_, index) => (revisions[0] ?? 0) + index));
  for (const [index, operation] of transaction.operations.entries()) {
    const revision = revisions[index] ?? 0;
    const { key: id } = operation;
    if (operation.type === 'put') {
      model.rows.set(keyId(id), { key: id, revision, body: operation.body });
      model.log.push({ type: 'put', key: id, revision, body: operation.body });
    } else {
      model.rows.delete(keyId(id));
      model.log.push({ type: 'delete', key: id, revision, body: operation.lastBody });
    }
  }
}
