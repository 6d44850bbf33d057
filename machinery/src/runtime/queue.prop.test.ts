import fc from 'fast-check';
import { expect, test } from 'vitest';
import { atLeast } from '../testing/at-least.ts';
import { type FakeClock, fakeClock } from '../testing/fake-clock.ts';
import { createQueue, type WorkQueue } from './queue.ts';

/** What a queue must know, said as simply as possible. */
interface Model {
  waiting: string[];
  working: Set<string>;
  again: Set<string>;
  /** Due times. */
  delayed: Map<string, number>;
  failures: Map<string, number>;
  now: number;
}
interface Real {
  queue: WorkQueue;
  clock: FakeClock;
}
type Step = fc.AsyncCommand<Model, Real, false>;

const base = 8;
const longest = 64;

function modelAdd(model: Model, key: string): void {
  if (model.working.has(key)) model.again.add(key);
  else if (!model.waiting.includes(key)) model.waiting.push(key);
}

function modelDelay(model: Model, key: string, ms: number): void {
  if (ms <= 0) {
    modelAdd(model, key);
    return;
  }
  const due = model.now + ms;
  const planned = model.delayed.get(key);
  if (planned !== undefined && planned <= due) return;
  // Of those that are due at one moment, the one that was planned last comes last, also when it was planned anew.
  model.delayed.delete(key);
  model.delayed.set(key, due);
}

const step = (name: string, run: (model: Model, real: Real) => Promise<void> | void): Step => ({
  check: () => true,
  run: async (model, real) => {
    await run(model, real);
    expect(real.queue.length).toBe(model.waiting.length);
  },
  toString: () => name,
});

const key = fc.constantFrom('a', 'b', 'c');
const steps: fc.Arbitrary<Step>[] = [
  key.map((k) =>
    step(`add ${k}`, (model, { queue }) => {
      modelAdd(model, k);
      queue.add(k);
    }),
  ),
  fc.tuple(key, fc.integer({ min: -1, max: 20 })).map(([k, ms]) =>
    step(`add ${k} after ${ms}`, (model, { queue }) => {
      modelDelay(model, k, ms);
      queue.addAfter(k, ms);
    }),
  ),
  key.map((k) =>
    step(`fail ${k}`, (model, { queue }) => {
      const failed = model.failures.get(k) ?? 0;
      model.failures.set(k, failed + 1);
      const delay = Math.min(longest, base * 2 ** failed);
      modelDelay(model, k, delay);
      expect(queue.addRateLimited(k)).toBe(delay);
    }),
  ),
  key.map((k) =>
    step(`forget ${k}`, (model, { queue }) => {
      model.failures.delete(k);
      queue.forget(k);
    }),
  ),
  fc.constant(
    step('take', (model, { queue }) => {
      const next = model.waiting.shift();
      if (next !== undefined) {
        expect(model.working.has(next)).toBe(false);
        model.working.add(next);
      }
      expect(queue.take()).toBe(next);
    }),
  ),
  key.map((k) =>
    step(`done ${k}`, (model, { queue }) => {
      if (!model.working.delete(k)) return;
      queue.done(k);
      if (model.again.delete(k)) modelAdd(model, k);
    }),
  ),
  fc.integer({ min: 1, max: 30 }).map((ms) =>
    step(`advance ${ms}`, async (model, { clock }) => {
      model.now += ms;
      const due = [...model.delayed].filter(([, at]) => at <= model.now).sort(([, a], [, b]) => a - b);
      for (const [k] of due) {
        model.delayed.delete(k);
        modelAdd(model, k);
      }
      await clock.advance(ms);
    }),
  ),
];

test('a queue does what its model does; no key is lost, doubled, or worked on twice at once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.commands(steps, { maxCommands: 60 }), async (commands) => {
      const clock = fakeClock();
      // Almost 1: jitter at its upper end, so that delays are round.
      const queue = createQueue({ clock, baseDelayMs: base, maxDelayMs: longest, random: () => 1 });
      const model: Model = {
        waiting: [],
        working: new Set(),
        again: new Set(),
        delayed: new Map(),
        failures: new Map(),
        now: 0,
      };
      await fc.asyncModelRun(() => ({ model, real: { queue, clock } }), commands);
      expect(clock.pendingTimers()).toBe(model.delayed.size);
      queue.close();
      expect(clock.pendingTimers()).toBe(0);
    }),
    atLeast(200),
  );
}, 30_000);
