import { ConfigMap, type KubeObject } from '@quarterdeck/apis';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type FakeClock, fakeClock } from '../testing/fake-clock.ts';
import { FakeKube } from '../testing/fake-kube.ts';
import { createInformer, type Informer } from './informer.ts';

/** The real thing under test, and the view that somebody keeps who only listens. */
interface Real {
  kube: FakeKube;
  clock: FakeClock;
  informer: Informer<KubeObject>;
  heard: Map<string, KubeObject>;
  deleted: string[];
  /** What handlers were told wrongly; they cannot throw through the informer. */
  mistakes: string[];
  backups: ReturnType<FakeKube['snapshot']>[];
}
type Model = Record<string, never>;
type Step = fc.AsyncCommand<Model, Real, false>;

const step = (name: string, run: (real: Real) => Promise<void> | void): Step => ({
  check: () => true,
  run: async (_, real) => {
    await run(real);
    checkAlways(real);
  },
  toString: () => name,
});

/** What must hold at any moment, trouble or not. */
function checkAlways({ kube, informer, heard, deleted, mistakes }: Real): void {
  expect(mistakes).toEqual([]);
  // Who listens knows what the cache knows.
  expect(new Map(informer.list().map((object) => [`ns/${object.metadata.name}`, object]))).toEqual(heard);
  // Nothing is withdrawn that the server did not let vanish; so no error can.
  const budget = [...kube.vanished];
  for (const key of deleted) {
    const index = budget.indexOf(key);
    expect(index, `${key} was withdrawn`).not.toBe(-1);
    budget.splice(index, 1);
  }
}

/** Time and peace enough to come back from anything. */
async function recover({ kube, clock }: Real): Promise<void> {
  kube.troubles.delete('down');
  await clock.advance(31_000);
  kube.bookmark();
  await clock.advance(31_000);
}

const name = fc.constantFrom('a', 'b', 'c');
const steps: fc.Arbitrary<Step>[] = [
  name.map((n) => step(`put ${n}`, ({ kube }) => void kube.put(n))),
  name.map((n) => step(`remove ${n}`, ({ kube }) => kube.remove(n))),
  fc.constant(step('settle', ({ clock }) => clock.settle())),
  fc.integer({ min: 1, max: 40_000 }).map((ms) => step(`advance ${ms}`, ({ clock }) => clock.advance(ms))),
  fc
    .constantFrom('ended' as const, 'broken' as const, 'expired' as const)
    .map((how) => step(`streams ${how}`, ({ kube }) => kube.endStreams(how))),
  fc.constant(step('down', ({ kube }) => void kube.troubles.add('down'))),
  fc.constant(step('up', ({ kube }) => void kube.troubles.delete('down'))),
  fc.constant(
    step('crash', ({ kube }) => {
      kube.endStreams('broken');
      kube.troubles.add('down');
    }),
  ),
  fc.constant(step('refuse WatchList', ({ kube }) => void kube.troubles.add('noWatchList'))),
  fc.constant(step('compact', ({ kube }) => kube.compact())),
  fc.constant(step('bookmark', ({ kube }) => kube.bookmark())),
  fc.constant(step('back up', ({ kube, backups }) => void backups.push(kube.snapshot()))),
  fc.constant(
    step('restore', async (real) => {
      const backup = real.backups.pop();
      if (backup === undefined) return;
      real.kube.restore(backup);
      // Revisions that overtake before anybody looks cannot be told apart: hubs raise theirs instead (KA-149).
      await recover(real);
    }),
  ),
];

test.each([true, false])(
  'KA-87 KA-92 RG-10 in the end it knows what the server knows (WatchList: %s)',
  async (watchList) => {
    await fc.assert(
      fc.asyncProperty(fc.commands(steps, { maxCommands: 40 }), async (commands) => {
        const clock = fakeClock();
        const kube = new FakeKube();
        const informer = createInformer<KubeObject>(kube.reader(), ConfigMap, { clock, watchList, random: () => 0.5 });
        const real: Real = { kube, clock, informer, heard: new Map(), deleted: [], mistakes: [], backups: [] };
        informer.subscribe(({ type, key, object, old }) => {
          expect(old).toEqual(real.heard.get(key));
          expect(type === 'added').toBe(old === undefined);
          if (type === 'deleted') {
            real.heard.delete(key);
            real.deleted.push(key);
          } else real.heard.set(key, object);
        });
        const controller = new AbortController();
        const ended = informer.start(controller.signal);
        try {
          await fc.asyncModelRun(() => ({ model: {}, real }), commands);
          await recover(real);
          checkAlways(real);
          expect(informer.hasSynced()).toBe(true);
          expect(real.heard).toEqual(kube.objects);
        } finally {
          controller.abort();
          await ended;
        }
        expect([clock.pendingTimers(), kube.openStreams()]).toEqual([0, 0]);
      }),
      { numRuns: 150 },
    );
  },
  60_000,
);
