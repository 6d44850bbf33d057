import type { Lease, Stored } from '@quarterdeck/apis';
import { expect, test } from 'vitest';
import { type FakeClock, fakeClock } from '../testing/fake-clock.ts';
import { FakeLeases } from '../testing/fake-leases.ts';
import { testLogger } from '../testing/test-logger.ts';
import { type HeldLease, type LeaderOptions, LeaseLostError, runWithLease } from './lease.ts';

interface Candidate {
  /** `started`, `stopped`, in order. */
  events: string[];
  isLeading: () => boolean;
  held: () => HeldLease | undefined;
  reason: () => unknown;
  stop: () => void;
  ended: Promise<unknown>;
}

function candidate(
  leases: FakeLeases,
  clock: FakeClock,
  identity: string,
  more: Partial<LeaderOptions> = {},
): Candidate {
  const controller = new AbortController();
  const events: string[] = [];
  let signal: AbortSignal | undefined;
  let held: HeldLease | undefined;
  const run = runWithLease({
    client: leases.client(identity),
    namespace: 'kube-system',
    name: 'hub',
    identity,
    clock,
    random: () => 0,
    signal: controller.signal,
    onStarted: (leading, lease) => {
      events.push('started');
      signal = leading;
      held = lease;
    },
    onStopped: () => {
      events.push('stopped');
    },
    ...more,
  });
  return {
    events,
    isLeading: () => signal !== undefined && !signal.aborted,
    held: () => held,
    reason: () => signal?.reason,
    stop: () => controller.abort(new Error('stop')),
    ended: run.catch((error: unknown) => error),
  };
}

async function finish(clock: FakeClock, ...candidates: Candidate[]): Promise<void> {
  for (const one of candidates) one.stop();
  await clock.advance(60_000);
  await Promise.all(candidates.map(({ ended }) => ended));
  expect(clock.pendingTimers()).toBe(0);
}

test('KA-142 the first candidate makes the Lease and leads', async () => {
  const clock = fakeClock(Date.UTC(2026, 0, 1));
  const leases = new FakeLeases();
  const a = candidate(leases, clock, 'a');
  await clock.settle();
  expect(a.isLeading()).toBe(true);
  expect(leases.current()?.spec).toEqual({
    holderIdentity: 'a',
    leaseDurationSeconds: 15,
    acquireTime: '2026-01-01T00:00:00.000000Z',
    renewTime: '2026-01-01T00:00:00.000000Z',
    leaseTransitions: 0,
  });
  await clock.advance(2000);
  expect(leases.current()?.spec?.renewTime).toBe('2026-01-01T00:00:02.000000Z');
  await finish(clock, a);
});

test('KA-142 F-19 a second candidate waits, and leads as soon as the lease is given back', async () => {
  const clock = fakeClock();
  const leases = new FakeLeases();
  const a = candidate(leases, clock, 'a');
  await clock.settle();
  const b = candidate(leases, clock, 'b');
  await clock.advance(120_000);
  expect([a.isLeading(), b.isLeading()]).toEqual([true, false]);
  a.stop();
  await clock.advance(2000);
  expect([a.events, b.isLeading()]).toEqual([['started', 'stopped'], true]);
  expect(leases.current()?.spec).toMatchObject({ holderIdentity: 'b', leaseTransitions: 1 });
  await finish(clock, b);
});

test('KA-142 the lease of a holder that vanished is taken after its duration, by the own clock only', async () => {
  const clock = fakeClock();
  const leases = new FakeLeases();
  // A holder whose clock is an hour ahead, and which is gone.
  leases.put({ holderIdentity: 'gone', leaseDurationSeconds: 15, renewTime: '2026-01-01T01:00:00.000000Z' });
  const b = candidate(leases, clock, 'b');
  await clock.advance(14_000);
  expect(b.isLeading()).toBe(false);
  clock.jump(7_200_000);
  await clock.settle();
  expect(b.isLeading()).toBe(false);
  await clock.advance(2000);
  expect(b.isLeading()).toBe(true);
  await finish(clock, b);
});

test('F-18 one that finds its own name waits like for another', async () => {
  const clock = fakeClock();
  const leases = new FakeLeases();
  leases.put({ holderIdentity: 'a', leaseDurationSeconds: 15 });
  const a = candidate(leases, clock, 'a');
  await clock.advance(10_000);
  expect(a.isLeading()).toBe(false);
  await clock.advance(6000);
  expect(a.isLeading()).toBe(true);
  await finish(clock, a);
});

test('KA-142 RL-4 a holder that cannot renew stops in time, before anybody else may start', async () => {
  const clock = fakeClock();
  const leases = new FakeLeases();
  const a = candidate(leases, clock, 'a');
  await clock.settle();
  const b = candidate(leases, clock, 'b');
  await clock.advance(4000);
  leases.unreachableFor.add('a');
  const log: string[] = [];
  for (let second = 0; second < 20; second++) {
    await clock.advance(1000);
    log.push(`${a.isLeading() ? 'a' : '-'}${a.held()?.isHeld() ? 'h' : '-'}${b.isLeading() ? 'b' : '-'}`);
  }
  const first = (pattern: RegExp) => log.findIndex((line) => pattern.test(line)) + 1;
  // The last renewal was at 4 s: given up 10 s later, and taken over 15 s after b saw that renewal.
  expect({ givesUp: first(/^-/), fenced: first(/^.-/), taken: first(/b$/) }).toEqual({
    givesUp: 10,
    fenced: 10,
    taken: 16,
  });
  expect(log.every((line) => !/h.?b/.test(line))).toBe(true);
  expect(a.reason()).toBeInstanceOf(LeaseLostError);
  leases.unreachableFor.clear();
  await finish(clock, a, b);
});

test('RL-4 F-30 after a stall nothing may be written, even before any timer ran', async () => {
  const clock = fakeClock();
  const leases = new FakeLeases();
  const a = candidate(leases, clock, 'a');
  await clock.settle();
  expect(a.held()?.isHeld()).toBe(true);
  clock.stall(15_000);
  expect(a.held()?.isHeld()).toBe(false);
  await finish(clock, a);
});

test('RL-4 a renewal that hangs does not keep the lease', async () => {
  const clock = fakeClock();
  const leases = new FakeLeases();
  const a = candidate(leases, clock, 'a');
  await clock.settle();
  leases.hangingFor.add('a');
  await clock.advance(10_000);
  expect([a.isLeading(), a.held()?.isHeld()]).toEqual([false, false]);
  leases.hangingFor.clear();
  await finish(clock, a);
});

test('RL-4 a holder that finds another in the Lease stops at once', async () => {
  const clock = fakeClock();
  const leases = new FakeLeases();
  const a = candidate(leases, clock, 'a');
  await clock.settle();
  leases.put({ ...leases.current()?.spec, holderIdentity: 'thief' });
  await clock.advance(2000);
  expect(a.isLeading()).toBe(false);
  expect(String(a.reason())).toContain('held by "thief" now');
  // It does not touch what is not its own.
  expect(leases.current()?.spec?.holderIdentity).toBe('thief');
  await finish(clock, a);
});

test('a Lease that somebody else edits stays ours', async () => {
  const clock = fakeClock();
  const leases = new FakeLeases();
  const a = candidate(leases, clock, 'a');
  await clock.settle();
  leases.put({ ...leases.current()?.spec });
  await clock.advance(6000);
  expect([a.isLeading(), a.events]).toEqual([true, ['started']]);
  expect(leases.current()?.spec?.renewTime).toBe('2026-01-01T00:00:06.000000Z');
  await finish(clock, a);
});

test('a renewal that was stored but not answered is not taken for a loss', async () => {
  const clock = fakeClock();
  const leases = new FakeLeases();
  const a = candidate(leases, clock, 'a');
  await clock.settle();
  leases.loseAnswers = 1;
  await clock.advance(10_000);
  expect([a.isLeading(), a.events]).toEqual([true, ['started']]);
  await finish(clock, a);
});

test.each([
  { name: 'deleted', again: false, why: 'it was deleted' },
  { name: 'made anew', again: true, why: 'it was made anew' },
])('a Lease that was $name is lost', async ({ again, why }) => {
  const clock = fakeClock();
  const leases = new FakeLeases();
  const logger = testLogger();
  const a = candidate(leases, clock, 'a', { logger });
  await clock.settle();
  const spec = { ...leases.current()?.spec };
  leases.remove();
  if (again) leases.put(spec);
  await clock.advance(2000);
  expect(a.events.slice(0, 2)).toEqual(['started', 'stopped']);
  expect(logger.lines.find(({ msg }) => msg === 'lease lost')).toMatchObject({ why });
  await finish(clock, a);
});

test('it leads again after a loss, in a new term', async () => {
  const clock = fakeClock();
  const leases = new FakeLeases();
  const a = candidate(leases, clock, 'a');
  await clock.settle();
  leases.unreachableFor.add('a');
  await clock.advance(30_000);
  expect(a.events).toEqual(['started', 'stopped']);
  leases.unreachableFor.clear();
  await clock.advance(30_000);
  expect(a.events).toEqual(['started', 'stopped', 'started']);
  await finish(clock, a);
  expect(a.events).toEqual(['started', 'stopped', 'started', 'stopped']);
});

test('on stop the lease is given back only after the work ended', async () => {
  const clock = fakeClock();
  const leases = new FakeLeases();
  const work = Promise.withResolvers<void>();
  const a = candidate(leases, clock, 'a', { onStarted: () => work.promise });
  await clock.settle();
  a.stop();
  await clock.advance(5000);
  expect(leases.current()?.spec?.holderIdentity).toBe('a');
  work.resolve();
  await clock.settle();
  expect(leases.current()?.spec).toMatchObject({ holderIdentity: '', leaseDurationSeconds: 1 });
  expect(await a.ended).toBeUndefined();
});

test('work that fails gives the lease back and ends the run with its error', async () => {
  const clock = fakeClock();
  const leases = new FakeLeases();
  const error = new Error('cannot start');
  const a = candidate(leases, clock, 'a', { onStarted: () => Promise.reject(error) });
  expect(await a.ended).toBe(error);
  expect([leases.current()?.spec?.holderIdentity, a.events]).toEqual(['', ['stopped']]);
  expect(clock.pendingTimers()).toBe(0);
});

test('work that ends with the reason it was stopped for has not failed', async () => {
  const clock = fakeClock();
  const leases = new FakeLeases();
  const a = candidate(leases, clock, 'a', {
    onStarted: (signal) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
  });
  await clock.settle();
  a.stop();
  expect(await a.ended).toBeUndefined();
});

test('a server that is away is waited for', async () => {
  const clock = fakeClock();
  const leases = new FakeLeases();
  const logger = testLogger();
  leases.unreachableFor.add('a');
  const a = candidate(leases, clock, 'a', { logger });
  await clock.advance(10_000);
  expect(a.isLeading()).toBe(false);
  expect(logger.messages('warn')[0]).toBe('cannot acquire lease');
  leases.unreachableFor.clear();
  await clock.advance(3000);
  expect(a.isLeading()).toBe(true);
  await finish(clock, a);
});

test('F-19 a request that is never answered does not keep a candidate from the next one', async () => {
  const clock = fakeClock();
  const leases = new FakeLeases();
  leases.hangingFor.add('a');
  const a = candidate(leases, clock, 'a');
  await clock.advance(1);
  leases.hangingFor.clear();
  await clock.advance(13_000);
  expect(a.isLeading()).toBe(true);
  await finish(clock, a);
});

test.each([
  { leaseDurationMs: 10_000, renewDeadlineMs: 10_000 },
  { renewDeadlineMs: 2_000, retryPeriodMs: 2_000 },
  { retryPeriodMs: 0 },
  { identity: '' },
])('timings that cannot hold are refused: %o', async (more) => {
  const a = candidate(new FakeLeases(), fakeClock(), 'a', more);
  expect(await a.ended).toBeInstanceOf(RangeError);
});

test('other fields of the Lease are kept', async () => {
  const clock = fakeClock();
  const leases = new FakeLeases();
  leases.put({ holderIdentity: '', preferredHolder: 'x' } as Stored<Lease>['spec'] & object);
  const a = candidate(leases, clock, 'a');
  await clock.settle();
  expect(leases.current()?.spec).toMatchObject({ holderIdentity: 'a', preferredHolder: 'x', leaseTransitions: 1 });
  await finish(clock, a);
});

test('F-19 the Lease of a holder that is known to be gone is free at once, that of any other is waited for', async () => {
  const clock = fakeClock();
  const leases = new FakeLeases();
  const isGone = (holder: string) => holder.startsWith('owner/');
  leases.put({ holderIdentity: 'owner/1', leaseDurationSeconds: 15, leaseTransitions: 3 });
  const next = candidate(leases, clock, 'owner/2', { isGone });
  await clock.settle();
  expect([next.isLeading(), leases.current()?.spec?.leaseTransitions]).toEqual([true, 4]);
  await finish(clock, next);
  for (const holderIdentity of ['stranger', 'owner/3']) {
    leases.put({ holderIdentity, leaseDurationSeconds: 15 });
    const waiting = candidate(leases, clock, 'owner/3', { isGone });
    await clock.advance(14_000);
    expect([holderIdentity, waiting.isLeading()]).toEqual([holderIdentity, false]);
    await finish(clock, waiting);
  }
});

test('F-19 of two that find a holder gone, one leads', async () => {
  const clock = fakeClock();
  const leases = new FakeLeases();
  leases.put({ holderIdentity: 'gone', leaseDurationSeconds: 15 });
  const isGone = (holder: string) => holder === 'gone';
  const both = ['a', 'b'].map((identity) => candidate(leases, clock, identity, { isGone }));
  await clock.advance(10_000);
  expect(both.filter((one) => one.held()?.isHeld())).toHaveLength(1);
  await finish(clock, ...both);
});
