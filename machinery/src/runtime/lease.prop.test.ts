import fc from 'fast-check';
import { expect, test } from 'vitest';
import { atLeast } from '../testing/at-least.ts';
import { type FakeClock, fakeClock } from '../testing/fake-clock.ts';
import { FakeLeases } from '../testing/fake-leases.ts';
import { type HeldLease, runWithLease } from './lease.ts';

const names = ['a', 'b', 'c'];
const name = fc.constantFrom(...names);
const step = fc.oneof(
  fc.record({ type: fc.constant('advance' as const), ms: fc.integer({ min: 1, max: 40_000 }) }),
  fc.record({ type: fc.constant('stall' as const), name, ms: fc.integer({ min: 1, max: 60_000 }) }),
  fc.record({ type: fc.constant('jump' as const), name, ms: fc.integer({ min: -3_600_000, max: 3_600_000 }) }),
  fc.record({ type: fc.constantFrom('cut' as const, 'hang' as const, 'heal' as const), name }),
  fc.record({ type: fc.constant('lose answers' as const), count: fc.integer({ min: 1, max: 3 }) }),
  fc.constant({ type: 'delete' as const }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Three processes, each with its own clock, and one Lease. */
class World {
  readonly leases = new FakeLeases();
  readonly #stop = new AbortController();
  readonly #held = new Map<string, HeldLease>();
  readonly #clocks = new Map<string, FakeClock>(names.map((one) => [one, fakeClock()]));
  /** How long each process still stands still: its time goes on, it does nothing. */
  readonly #stalled = new Map<string, number>();
  readonly #runs: Promise<void>[];

  constructor(jitter: readonly number[]) {
    let draws = 0;
    this.#runs = [...this.#clocks].map(([identity, clock]) =>
      runWithLease({
        client: this.leases.client(identity),
        namespace: 'kube-system',
        name: 'hub',
        identity,
        clock,
        random: () => jitter[draws++ % jitter.length] ?? 0,
        signal: this.#stop.signal,
        onStarted: (_, lease) => void this.#held.set(identity, lease),
      }),
    );
  }

  holders(): string[] {
    return names.filter((one) => this.#held.get(one)?.isHeld());
  }

  async perform(one: Step): Promise<void> {
    switch (one.type) {
      case 'advance':
        return this.advance(one.ms);
      case 'stall':
        return void this.#stalled.set(one.name, one.ms);
      case 'jump':
        return this.#clocks.get(one.name)?.jump(one.ms);
      case 'cut':
        return void this.leases.unreachableFor.add(one.name);
      case 'hang':
        return void this.leases.hangingFor.add(one.name);
      case 'heal':
        this.leases.unreachableFor.delete(one.name);
        this.leases.hangingFor.delete(one.name);
        return;
      case 'lose answers':
        this.leases.loseAnswers += one.count;
        return;
      case 'delete':
        // An administrator who deletes a held Lease breaks the promise; one that was given back is fine.
        if (this.leases.current()?.spec?.holderIdentity === '') this.leases.remove();
        return;
    }
  }

  /** In small steps, since a violation may last a moment only. */
  async advance(ms: number): Promise<void> {
    for (let rest = ms; rest > 0; rest -= 500) {
      const span = Math.min(rest, 500);
      for (const [one, clock] of this.#clocks) {
        const stalled = this.#stalled.get(one) ?? 0;
        this.#stalled.set(one, Math.max(0, stalled - span));
        if (stalled > 0) clock.stall(span);
        else await clock.advance(span);
        expect(this.holders().length).toBeLessThanOrEqual(1);
      }
    }
  }

  heal(): void {
    this.leases.unreachableFor.clear();
    this.leases.hangingFor.clear();
    this.leases.loseAnswers = 0;
    this.#stalled.clear();
  }

  async end(): Promise<void> {
    this.#stop.abort(new Error('the test is over'));
    await this.advance(20_000);
    await Promise.all(this.#runs);
    for (const clock of this.#clocks.values()) expect(clock.pendingTimers()).toBe(0);
  }
}

test('KA-142 RL-4 F-19 no two candidates ever hold the lease, and in the end one does', async () => {
  const jitters = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 5, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 20 }), jitters, async (steps, jitter) => {
      const world = new World(jitter);
      for (const one of steps) {
        await world.perform(one);
        expect(world.holders().length).toBeLessThanOrEqual(1);
      }
      world.heal();
      await world.advance(60_000);
      expect(world.holders()).toHaveLength(1);
      await world.end();
    }),
    atLeast(100),
  );
}, 60_000);
