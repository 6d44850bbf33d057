import { setImmediate } from 'node:timers/promises';
import { silentLogger } from '@quarterdeck/machinery';
import { fakeClock } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { type Change, StorageUnavailableError, type Transaction } from '../storage.ts';
import { ConnectionLostError } from './errors.ts';
import { createLane, type WriterConnection } from './lane.ts';
import type { Query, Session } from './session.ts';
import type { RawOutcome } from './write-batch.ts';

/** What the database does with a batch: answers, or fails. */
type Answer = RawOutcome | Error | Promise<RawOutcome>;

/** A lane on connections that do as they are told; each lost one is followed by the next. */
function laneOn(...connections: { answers: Answer[]; committed?: { batch: number; outcome: RawOutcome } }[]) {
  const clock = fakeClock();
  const delivered: Change[] = [];
  const sent: { batch: number; names: string[] }[] = [];
  let current = 0;
  let away = Promise.withResolvers<void>();
  away.resolve();
  const open = (index: number): WriterConnection => {
    const { answers, committed } = connections[index] ?? { answers: [] };
    const session = {
      lost: false,
      async query<Row>({ values = [] }: Query) {
        sent.push({ batch: values[2] as number, names: values[8] as string[] });
        const answer = answers.shift() ?? new Error('no more answers');
        if (answer instanceof ConnectionLostError) current++;
        if (answer instanceof Error) throw answer;
        return [[await answer]] as Row[];
      },
      destroy: () => void current++,
    } as unknown as Session;
    return {
      session,
      writer: { id: 'w', fence: '1' },
      lastBatch: committed?.batch ?? 0,
      lastOutcome: committed?.outcome,
    };
  };
  const lane = createLane({
    link: {
      async get() {
        await away.promise;
        return open(current);
      },
      connect: async () => open(current),
      async [Symbol.asyncDispose]() {},
    },
    deliver: async (changes) => void delivered.push(...changes),
    clock,
    logger: silentLogger,
  });
  return {
    lane,
    clock,
    delivered,
    sent,
    goAway: () => {
      away = Promise.withResolvers();
      return away.resolve;
    },
  };
}

const put = (name: string): Transaction => ({
  operations: [{ type: 'put', key: { resource: 'configmaps', namespace: 'n', name }, body: name, expect: 'absent' }],
});
const ok = (first: number): RawOutcome => ({ first, failed: {} });
const lost = () => new ConnectionLostError('lost');
const coded = (code: string) => Object.assign(new Error(code), { code });

test('RL-1 what waits while a batch is under way goes as the next one', async () => {
  const first = Promise.withResolvers<RawOutcome>();
  const { lane, sent, delivered, clock } = laneOn({ answers: [first.promise, ok(11)] });
  const writes = ['a', 'b', 'c'].map((name) => lane.write(put(name), undefined));
  await clock.settle();
  const late = lane.write(put('d'), undefined);
  first.resolve(ok(10));
  expect(await Promise.all(writes.concat(late))).toEqual(
    [10, 11, 12, 11].map((revision) => ({ revisions: [revision] })),
  );
  expect(sent).toEqual([
    { batch: 1, names: ['a', 'b', 'c'] },
    { batch: 2, names: ['d'] },
  ]);
  expect(delivered.map(({ revision }) => revision)).toEqual([10, 11, 12, 11]);
});

test('RL-1 a write is sent at whatever moment after another one it comes', async () => {
  for (let later = 0; later < 12; later += 1) {
    const { lane } = laneOn({ answers: [ok(10), ok(11)] });
    await lane.write(put('a'), undefined);
    for (let tick = 0; tick < later; tick += 1) await undefined;
    const second = lane.write(put('b'), undefined);
    expect(await Promise.race([second, setImmediate('nobody took it')])).toEqual({ revisions: [11] });
  }
});

const unhurried = (name: string): Transaction => ({ ...put(name), unhurried: true });

test('KA-142 those in no hurry wait for each other, for a tenth of a second', async () => {
  const { lane, sent, clock } = laneOn({ answers: [ok(10), ok(12)] });
  const first = lane.write(unhurried('a'), undefined);
  await clock.advance(90);
  const second = lane.write(unhurried('b'), undefined);
  await clock.advance(9);
  expect(sent).toEqual([]);
  await clock.advance(1);
  expect(await Promise.all([first, second])).toEqual([{ revisions: [10] }, { revisions: [11] }]);
  const third = lane.write(unhurried('c'), undefined);
  await clock.advance(100);
  expect(await third).toEqual({ revisions: [12] });
  expect(sent.map(({ names }) => names.join())).toEqual(['a,b', 'c']);
  expect(clock.pendingTimers()).toBe(0);
});

test('KA-142 one that is in a hurry waits for nobody, and takes them along', async () => {
  const { lane, sent, clock } = laneOn({ answers: [ok(10)] });
  const writes = [lane.write(unhurried('a'), undefined)];
  await clock.advance(10);
  writes.push(lane.write(put('b'), undefined));
  expect(await Promise.all(writes)).toEqual([{ revisions: [10] }, { revisions: [11] }]);
  expect(sent.map(({ names }) => names.join())).toEqual(['a,b']);
  expect(clock.pendingTimers()).toBe(0);
});

test('KA-142 a full batch goes at once', async () => {
  const { lane, sent } = laneOn({ answers: [ok(1)] });
  await Promise.all(Array.from({ length: 256 }, (_, index) => lane.write(unhurried(`n${index}`), undefined)));
  expect(sent).toHaveLength(1);
});

test('KA-145 closing does not wait for those in no hurry', async () => {
  const { lane, sent, clock } = laneOn({ answers: [] });
  const refused = expect(lane.write(unhurried('a'), undefined)).rejects.toBeInstanceOf(StorageUnavailableError);
  await clock.advance(10);
  await lane[Symbol.asyncDispose]();
  await refused;
  expect(sent).toEqual([]);
});

test('F-9 a reply that was lost is read from the row of the writer', async () => {
  const { lane, sent, delivered } = laneOn(
    { answers: [lost()] },
    { answers: [], committed: { batch: 1, outcome: { first: 10, failed: { 1: [2, 7] } } } },
  );
  const results = await Promise.allSettled([lane.write(put('a'), undefined), lane.write(put('b'), undefined)]);
  expect(results).toMatchObject([
    { status: 'fulfilled', value: { revisions: [10] } },
    { status: 'rejected', reason: { name: 'ExpectationFailedError', found: 7 } },
  ]);
  expect(sent).toHaveLength(1);
  expect(delivered.map(({ revision }) => revision)).toEqual([10]);
});

test('F-9 a batch that is known not to have happened is sent again', async () => {
  const { lane, sent } = laneOn({ answers: [lost()] }, { answers: [ok(10)] });
  expect(await lane.write(put('a'), undefined)).toEqual({ revisions: [10] });
  expect(sent.map(({ batch }) => batch)).toEqual([1, 2]);
});

test('F-9 a batch that was fenced off has not happened and is sent again', async () => {
  const { lane, sent } = laneOn({ answers: [coded('QD001')] }, { answers: [ok(10)] });
  expect(await lane.write(put('a'), undefined)).toEqual({ revisions: [10] });
  expect(sent).toHaveLength(2);
});

test('F-8 serialization failures and deadlocks are tried again', async () => {
  const { lane, sent, clock } = laneOn({ answers: [coded('40001'), coded('40P01'), ok(10)] });
  const write = lane.write(put('a'), undefined);
  await clock.advance(1000);
  expect(await write).toEqual({ revisions: [10] });
  expect(sent).toHaveLength(3);
});

test('F-8 not for ever', async () => {
  const { lane, sent, clock } = laneOn({ answers: Array.from({ length: 9 }, () => coded('40001')) });
  const write = expect(lane.write(put('a'), undefined)).rejects.toBeInstanceOf(StorageUnavailableError);
  await clock.advance(5000);
  await write;
  expect(sent).toHaveLength(6);
});

test('F-5 a database short of something fails the batch, and the next is tried', async () => {
  const { lane, sent } = laneOn({ answers: [coded('53100'), ok(10)] });
  const writes = await Promise.allSettled([lane.write(put('a'), undefined), lane.write(put('b'), undefined)]);
  expect(writes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await lane.write(put('c'), undefined)).toEqual({ revisions: [10] });
  expect(sent).toHaveLength(2);
});

test('F-8 a transaction that spoils its batch fails alone', async () => {
  const { lane, sent } = laneOn({ answers: [coded('22021'), ok(10), coded('22021'), ok(11)] });
  const writes = await Promise.allSettled(['a', 'bad', 'c'].map((name) => lane.write(put(name), undefined)));
  expect(writes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(sent.map(({ names }) => names.join())).toEqual(['a,bad,c', 'a', 'bad', 'c']);
});

test('F-4 a write waits ten seconds for a database that is away', async () => {
  const { lane, sent, clock, goAway } = laneOn({ answers: [] });
  goAway();
  const write = expect(lane.write(put('a'), undefined)).rejects.toMatchObject({
    name: 'StorageUnavailableError',
    message: 'the write did not happen: the database is away',
  });
  await clock.advance(10_000);
  await write;
  expect(sent).toEqual([]);
});

test('F-4 a write that was sent and cannot be read back is said to be unknown after thirty', async () => {
  const reply = Promise.withResolvers<RawOutcome>();
  const { lane, clock, goAway } = laneOn({ answers: [reply.promise] }, { answers: [] });
  const write = expect(lane.write(put('a'), undefined)).rejects.toMatchObject({ name: 'WriteOutcomeUnknownError' });
  await clock.settle();
  goAway();
  reply.reject(lost());
  await clock.advance(30_000);
  await write;
});

test('F-4 what was known not to have happened too late is not made after all', async () => {
  const reply = Promise.withResolvers<RawOutcome>();
  const { lane, clock, goAway, sent } = laneOn({ answers: [reply.promise, ok(10)] });
  const old = expect(lane.write(put('old'), undefined)).rejects.toBeInstanceOf(StorageUnavailableError);
  await clock.settle();
  const back = goAway();
  reply.reject(lost());
  await clock.advance(15_000);
  const young = lane.write(put('young'), undefined);
  back();
  await old;
  expect(await young).toEqual({ revisions: [10] });
  expect(sent.map(({ names }) => names.join())).toEqual(['old', 'young']);
});

test('F-4 KA-140 what goes back into the queue may be called off like anything that waits', async () => {
  const reply = Promise.withResolvers<RawOutcome>();
  const { lane, clock, goAway, sent } = laneOn({ answers: [reply.promise, ok(10)] });
  const abort = new AbortController();
  const reason = new Error('gone');
  const calledOff = expect(lane.write(put('a'), abort.signal)).rejects.toBe(reason);
  const other = lane.write(put('b'), undefined);
  await clock.settle();
  const back = goAway();
  reply.reject(lost());
  await clock.settle();
  back();
  const backAgain = goAway();
  await clock.settle();
  abort.abort(reason);
  await calledOff;
  backAgain();
  await other;
  expect(sent.at(-1)?.names).toEqual(['b']);
});

test('KA-140 a signal takes out what waits, and leaves alone what was sent', async () => {
  const reply = Promise.withResolvers<RawOutcome>();
  const { lane, clock, sent } = laneOn({ answers: [reply.promise] });
  const abort = new AbortController();
  const reason = new Error('gone');
  const underWay = lane.write(put('a'), abort.signal);
  await clock.settle();
  const waiting = expect(lane.write(put('b'), abort.signal)).rejects.toBe(reason);
  abort.abort(reason);
  await waiting;
  reply.resolve(ok(10));
  expect(await underWay).toEqual({ revisions: [10] });
  await clock.settle();
  expect(sent).toHaveLength(1);
  expect(clock.pendingTimers()).toBe(0);
});

test('KA-145 closing waits for what is under way and refuses the rest', async () => {
  const reply = Promise.withResolvers<RawOutcome>();
  const { lane, clock } = laneOn({ answers: [reply.promise] });
  const underWay = lane.write(put('a'), undefined);
  await clock.settle();
  const waiting = expect(lane.write(put('b'), undefined)).rejects.toBeInstanceOf(StorageUnavailableError);
  const closed = lane[Symbol.asyncDispose]();
  await waiting;
  await expect(lane.write(put('c'), undefined)).rejects.toBeInstanceOf(StorageUnavailableError);
  reply.resolve(ok(10));
  expect(await underWay).toEqual({ revisions: [10] });
  await closed;
});
