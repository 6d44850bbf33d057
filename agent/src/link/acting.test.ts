import { apiError, Namespace, type Stored } from '@quarterdeck/apis';
import type { Client } from '@quarterdeck/machinery';
import { FakeLeases, fakeClock, testLogger } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { startActing } from './acting.ts';

const systemNamespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'quarterdeck-system' } };

/** A member with one Lease, and its namespace. */
function memberOf(leases: FakeLeases, owner: string): Client {
  const client = leases.client(owner);
  return {
    ...client,
    get: (type: { kind: string }, ...rest: [never, never]) =>
      type.kind === Namespace.kind
        ? Promise.resolve(systemNamespace as unknown as Stored<Namespace>)
        : client.get(type as never, ...rest),
  } as unknown as Client;
}

function agent(name: string, member: Client, clock: ReturnType<typeof fakeClock>) {
  const stopping = new AbortController();
  const logger = testLogger();
  let isActing = false;
  const acting = startActing(
    {
      memberClient: member,
      identity: name,
      clock,
      logger,
      act: async (term) => {
        isActing = true;
        await new Promise<void>((resolve) => term.addEventListener('abort', () => resolve(), { once: true }));
        isActing = false;
      },
    },
    stopping.signal,
  );
  const stop = async () => {
    stopping.abort(new Error('stop'));
    await clock.advance(0);
    await acting.stopped;
  };
  return { acting, logger, stop, isActing: () => isActing };
}

test('RG-11 of two agents of one identity one acts; the other says why it does not, and takes over when it is gone', async () => {
  const [clock, leases] = [fakeClock(), new FakeLeases()];
  const first = agent('first', memberOf(leases, 'first'), clock);
  await clock.advance(100);
  const second = agent('second', memberOf(leases, 'second'), clock);
  await clock.advance(60_000);
  expect([first.isActing(), second.isActing()]).toEqual([true, false]);
  expect([first.acting.isStandby(), second.acting.isStandby()]).toEqual([false, true]);
  expect(second.logger.messages('warn')).toEqual([
    'another agent of this cluster acts; this one does nothing and waits for its turn',
  ]);
  await first.stop();
  await clock.advance(10_000);
  expect([first.isActing(), second.isActing(), second.acting.isStandby()]).toEqual([false, true, false]);
  await second.stop();
});

test('RG-11 an agent whose cluster is away acts no more, and is no standby: the hub must hear of it', async () => {
  const [clock, leases] = [fakeClock(), new FakeLeases()];
  const only = agent('only', memberOf(leases, 'only'), clock);
  await clock.advance(1_000);
  expect(only.isActing()).toBe(true);
  leases.unreachableFor.add('only');
  await clock.advance(30_000);
  expect([only.isActing(), only.acting.isStandby()]).toEqual([false, false]);
  leases.unreachableFor.clear();
  await clock.advance(30_000);
  expect(only.isActing()).toBe(true);
  await only.stop();
});

test('RG-11 a cluster that does not answer yet is no refusal: nobody acts without its Lease', async () => {
  const [clock, leases] = [fakeClock(), new FakeLeases()];
  const member = memberOf(leases, 'early');
  let isAway = true;
  const away = () => Promise.reject(new Error('connect ECONNREFUSED'));
  const early = agent('early', { ...member, get: (...of) => (isAway ? away() : member.get(...of)) }, clock);
  await clock.advance(30_000);
  expect([early.isActing(), early.acting.isStandby()]).toEqual([false, false]);
  isAway = false;
  await clock.advance(30_000);
  expect(early.isActing()).toBe(true);
  await early.stop();
});

test('RG-11 an agent that may not hold Leases acts, and says what that means', async () => {
  const clock = fakeClock();
  const refusing = { get: () => Promise.reject(apiError('Forbidden', 'no')) } as unknown as Client;
  const only = agent('only', refusing, clock);
  await clock.advance(0);
  expect(only.isActing()).toBe(true);
  expect(only.logger.messages('warn')).toHaveLength(1);
  await only.stop();
});
