import { type Clock, silentLogger, systemClock } from '@quarterdeck/machinery';
import { eventually } from '@quarterdeck/machinery/testing';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FaultProxy, startFaultProxy } from '../../testing/fault-proxy.ts';
import { sharedTestPostgres, type TestPostgres } from '../../testing/postgres.ts';
import { contents, create, key, record, update } from '../conformance/harness.ts';
import type { Storage } from '../storage.ts';
import { openPostgresStorage } from './open.ts';

let postgres: TestPostgres;
let proxy: FaultProxy;
beforeAll(async () => {
  postgres = await sharedTestPostgres();
  proxy = await startFaultProxy(postgres.url);
});
afterAll(async () => {
  await proxy[Symbol.asyncDispose]();
  await postgres[Symbol.asyncDispose]();
});

/**
 * A clock whose deadlines and pauses pass faster than they say, by a factor that acts on those which begin under it. What a
 * test waits for to fail is hurried; what must succeed has its real time, however busy the machine is.
 */
function hastyClock(): Clock & { factor: number } {
  return {
    ...systemClock,
    factor: 1,
    after(ms, callback) {
      return systemClock.after(ms / this.factor, callback);
    },
    sleep(ms, signal) {
      return systemClock.sleep(ms / this.factor, signal);
    },
  };
}

function open(schema: string, options: { url?: string; clock?: Clock } = {}): Storage {
  const { url = postgres.url, clock = systemClock } = options;
  return openPostgresStorage({ url, schema, clock, logger: silentLogger });
}

/** Does something to the database behind everyone's back. */
async function sql(text: string, schema = 'public'): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  try {
    await client.query(`set search_path = ${client.escapeIdentifier(schema)}`);
    return (await client.query(text)).rows ?? [];
  } finally {
    await client.end();
  }
}

test('F-9 a write whose reply was lost happened once, and says so', async ({ task }) => {
  const schema = postgres.schema(task.name);
  await using storage = open(schema, { url: proxy.url });
  using recording = record(storage, await create(storage, 'before'));
  const fault = proxy.once('quite unique', 'loseReply');
  const revision = await create(storage, 'x', 'quite unique');
  await fault.hit;
  expect((await contents(storage)).rows.find((row) => row.key.name === 'x')).toEqual({
    key: key('x'),
    revision,
    body: 'quite unique',
  });
  expect(recording.changes.map((change) => change.revision)).toEqual([revision]);
});

test('F-9 a write that failed says so also when its reply was lost', async ({ task }) => {
  await using storage = open(postgres.schema(task.name), { url: proxy.url });
  const found = await create(storage, 'x');
  const fault = proxy.once('second of its name', 'loseReply');
  await expect(create(storage, 'x', 'second of its name')).rejects.toMatchObject({ expected: 'absent', found });
  await fault.hit;
});

test('F-9 a write that arrives after its connection was given up does not happen', async ({ task }) => {
  await using storage = open(postgres.schema(task.name), { url: proxy.url });
  await create(storage, 'x', 'first');
  const put = (body: string) =>
    storage.write({ operations: [{ type: 'put', key: key('x'), body, expect: 'present' }] });
  const fault = proxy.once('held back', 'delay');
  // Sent again on the next connection once it is known not to have happened.
  await put('held back');
  await fault.hit;
  const { revisions } = await put('newer');
  fault.release();
  await fault.answered;
  expect(await contents(storage)).toEqual({
    revision: revisions[0],
    rows: [{ key: key('x'), revision: revisions[0], body: 'newer' }],
  });
});

test('F-9 a write that was said not to have happened does not happen later', async ({ task }) => {
  const clock = hastyClock();
  await using storage = open(postgres.schema(task.name), { url: proxy.url, clock });
  await create(storage, 'before');
  const fault = proxy.once('too late', 'delay');
  clock.factor = 10;
  const write = create(storage, 'x', 'too late');
  const waiting = expect(write).rejects.toMatchObject({ name: 'StorageUnavailableError' });
  await fault.hit;
  clock.factor = 1;
  proxy.refuse(true);
  await systemClock.sleep(1_500);
  proxy.refuse(false);
  await waiting;
  fault.release();
  await fault.answered;
  expect((await contents(storage)).rows.map((row) => row.key.name)).toEqual(['before']);
});

test('F-1 F-9 connections cut again and again under writes: what was acknowledged is there, once', async ({ task }) => {
  const schema = postgres.schema(task.name);
  await using storage = open(schema, { url: proxy.url });
  using recording = record(storage, await storage.latestRevision());
  const acknowledged = new Map<string, number>();
  let writing = true;
  const writers = Array.from({ length: 8 }, async (_, id) => {
    for (let n = 0; writing; n++) acknowledged.set(`w${id}-${n}`, await create(storage, `w${id}-${n}`));
  });
  for (let cuts = 0; cuts < 15; cuts++) {
    await systemClock.sleep(20 + Math.random() * 60);
    proxy.cut();
  }
  writing = false;
  await Promise.all(writers);
  await storage.latestRevision();
  const { rows } = await contents(storage);
  expect(new Map(rows.map((row) => [row.key.name, row.revision]))).toEqual(acknowledged);
  const revisions = [...acknowledged.values()].sort((x, y) => x - y);
  await eventually(() => recording.changes.length >= revisions.length);
  expect(recording.changes.map((change) => change.revision)).toEqual(revisions);
  expect(recording.resets).toEqual([]);
});

test('F-4 while the database does not answer, reads and writes fail in bounded time, and go on after', async ({
  task,
}) => {
  const schema = postgres.schema(task.name);
  const clock = hastyClock();
  await using storage = open(schema, { clock });
  await create(storage, 'before');
  const pid = postgres.server.pid ?? 0;
  const [backends] = (await sql(
    `select array_agg(pid) as pids from pg_stat_activity where application_name like 'quarterdeck %'`,
  )) as { pids: number[] }[];
  const all = [pid, ...(backends?.pids ?? [])];
  const freeze = (signal: NodeJS.Signals) => all.forEach((one) => void process.kill(one, signal));
  clock.factor = 10;
  freeze('SIGSTOP');
  const results = Promise.allSettled([
    create(storage, 'during'),
    systemClock.sleep(20).then(() => create(storage, 'queued')),
    storage.latestRevision(),
  ]);
  const [during, queued, read] = await results.finally(() => freeze('SIGCONT'));
  clock.factor = 1;
  expect(during).toMatchObject({ status: 'rejected', reason: { name: 'WriteOutcomeUnknownError' } });
  expect(queued).toMatchObject({ status: 'rejected', reason: { name: 'StorageUnavailableError' } });
  expect(read).toMatchObject({ status: 'rejected', reason: { name: 'StorageUnavailableError' } });

  const after = await eventually(() => create(storage, 'after').catch(() => undefined));
  const { rows } = await contents(storage);
  const names = rows.map((row) => row.key.name);
  expect(names).toEqual(expect.arrayContaining(['after', 'before']));
  expect(names).not.toContain('queued');
  expect(names.filter((name) => name === 'during').length).toBeLessThanOrEqual(1);
  expect(after).toBeGreaterThan(0);
});

/** A trigger that fails the next `times` writes of objects called `name%` with an SQLSTATE. */
async function sabotage(schema: string, times: number, code: string, name = ''): Promise<void> {
  await sql(
    `create sequence sabotaged;
     create function sabotage() returns trigger language plpgsql as $$ begin
       if new.name like '${name}%' and nextval('sabotaged') <= ${times} then
         raise exception 'sabotage' using errcode = '${code}';
       end if;
       return new;
     end $$;
     create trigger sabotage before insert on objects for each row execute function sabotage();`,
    schema,
  );
}

test('F-8 serialization failures of the database are tried again unseen', async ({ task }) => {
  const schema = postgres.schema(task.name);
  await using storage = open(schema);
  const before = await create(storage, 'before');
  await sabotage(schema, 3, '40001');
  expect(await create(storage, 'x')).toBe(before + 1);
});

test('F-5 on a full disk writes fail as unavailable, reads go on, and writes resume', async ({ task }) => {
  const schema = postgres.schema(task.name);
  await using storage = open(schema);
  const before = await create(storage, 'before');
  await sabotage(schema, 2, '53100');
  await expect(create(storage, 'x')).rejects.toMatchObject({ name: 'StorageUnavailableError' });
  expect(await storage.latestRevision()).toBe(before);
  await expect(create(storage, 'x')).rejects.toMatchObject({ name: 'StorageUnavailableError' });
  expect(await create(storage, 'x')).toBe(before + 1);
});

test('F-8 a transaction that the database cannot take fails alone in its batch', async ({ task }) => {
  const schema = postgres.schema(task.name);
  await using storage = open(schema);
  await create(storage, 'before');
  await sabotage(schema, Number.MAX_SAFE_INTEGER, '22000', 'bad');
  const names = ['a', 'b', 'bad', 'c', 'd'];
  const results = await Promise.allSettled(names.map((name) => create(storage, name)));
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
});

test.each([
  { name: 'went back', change: 'update meta set counter = counter - 1000000', reason: /before .* which was seen/ },
  { name: 'was copied to another server', change: `update meta set system_identifier = '1'`, reason: /copied/ },
  { name: 'continues on another timeline', change: 'update meta set timeline = 7', reason: /timeline/ },
])(
  'KA-43 KA-149 a database that $name is another history from the next connection on',
  async ({ name, change, reason }) => {
    const schema = postgres.schema(`never backwards: ${name}`);
    await using storage = open(schema, { url: proxy.url });
    const seen = await create(storage, 'x', 'one');
    const latest = await update(storage, 'x', 'two', seen);
    await using before = await storage.snapshot();
    using recording = record(storage, latest);
    await sql(change, schema);
    proxy.cut();
    await eventually(() => recording.resets.length === 1);
    expect(recording.resets[0]).toMatch(reason);
    await using after = await storage.snapshot();
    expect(after.epoch).not.toBe(before.epoch);
    expect(after.revision).toBeGreaterThan(latest);
    expect(after.compacted).toBe(after.revision);
    expect(await create(storage, 'y')).toBeGreaterThan(after.revision);
  },
);

test('F-3 after the server was killed everything goes on, and nothing acknowledged is lost', async ({ task }) => {
  const schema = postgres.schema(task.name);
  await using storage = open(schema);
  using recording = record(storage, await storage.latestRevision());
  const acknowledged: number[] = [await create(storage, 'n0')];
  const started = performance.now();
  process.kill(postgres.server.pid ?? 0, 'SIGKILL');
  for (let n = 1; n <= 20; n++) {
    const revision = await create(storage, `n${n}`).catch((error: Error) => {
      expect(error.name).toMatch(/^(StorageUnavailableError|WriteOutcomeUnknownError)$/);
    });
    if (revision !== undefined) acknowledged.push(revision);
  }
  expect(performance.now() - started).toBeLessThan(30_000);
  await eventually(() => storage.latestRevision().catch(() => undefined));
  const { rows } = await contents(storage);
  expect(rows.map((row) => row.revision)).toEqual(expect.arrayContaining(acknowledged));
  await eventually(() => recording.changes.length >= rows.length);
  expect(recording.resets).toEqual([]);
});
