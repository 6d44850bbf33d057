import { silentLogger } from '@quarterdeck/machinery';
import { fakeClock, testLogger } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { createLink } from './link.ts';
import type { Session } from './session.ts';

function fakeSession() {
  const callbacks: (() => void)[] = [];
  let lost = false;
  let disposed = false;
  const lose = (): void => {
    lost = true;
    for (const callback of callbacks) callback();
  };
  const session = {
    get lost() {
      return lost;
    },
    onLost: (callback: () => void) => void callbacks.push(callback),
    async [Symbol.asyncDispose]() {
      disposed = true;
    },
  } as unknown as Session;
  return { session, lose, isDisposed: () => disposed };
}

/** A server that refuses while `down`. */
function linkTo(options: { keepUp?: boolean } = {}) {
  const clock = fakeClock();
  const logger = testLogger();
  const server = { down: false, attempts: 0, sessions: [] as ReturnType<typeof fakeSession>[] };
  const link = createLink({
    name: 'test',
    clock,
    logger,
    ...options,
    async open() {
      server.attempts++;
      if (server.down) throw new Error('refused');
      const made = fakeSession();
      server.sessions.push(made);
      return { session: made.session };
    },
  });
  return { clock, logger, server, link };
}

test('F-3 the same connection serves until it is lost, then the next', async () => {
  const { link, server } = linkTo();
  const first = await link.get();
  expect(await link.get()).toBe(first);
  server.sessions[0]?.lose();
  const second = await link.get();
  expect(second).not.toBe(first);
  expect(server.attempts).toBe(2);
});

test('F-3 a link that is kept up reconnects by itself', async () => {
  const { link, server, clock, logger } = linkTo({ keepUp: true });
  await link.get();
  server.down = true;
  server.sessions[0]?.lose();
  await clock.advance(2000);
  expect(server.attempts).toBeGreaterThan(3);
  server.down = false;
  await clock.advance(500);
  expect(server.sessions).toHaveLength(2);
  expect(logger.messages()).toEqual([
    'connection to PostgreSQL lost',
    'cannot connect to PostgreSQL',
    'connected to PostgreSQL again',
  ]);
  await link[Symbol.asyncDispose]();
});

test('F-4 whoever waits longer than it may is told what is wrong', async () => {
  const { link, server, clock } = linkTo();
  server.down = true;
  const get = expect(link.get(2000)).rejects.toMatchObject({
    name: 'StorageUnavailableError',
    message: 'PostgreSQL is away: refused',
  });
  await clock.advance(2000);
  await get;
  server.down = false;
  await clock.advance(500);
  expect((await link.get()).session).toBe(server.sessions[0]?.session);
});

test('KA-148 the first attempt says what is wrong as it is', async () => {
  const { link, server } = linkTo();
  server.down = true;
  await expect(link.connect()).rejects.toThrow('refused');
  server.down = false;
  const made = await link.connect();
  expect(await link.connect()).toBe(made);
});

test('KA-145 closing ends the connection, the waiting and the attempts', async () => {
  const { link, server, clock } = linkTo();
  await link.get();
  await link[Symbol.asyncDispose]();
  expect(server.sessions[0]?.isDisposed()).toBe(true);
  await expect(link.get()).rejects.toMatchObject({ name: 'StorageUnavailableError' });

  const other = createLink({
    name: 'x',
    clock,
    logger: silentLogger,
    open: () => Promise.reject(new Error('refused')),
  });
  const waiting = expect(other.get()).rejects.toMatchObject({ name: 'StorageUnavailableError' });
  await clock.advance(1000);
  await other[Symbol.asyncDispose]();
  await waiting;
  expect(clock.pendingTimers()).toBe(0);
});
