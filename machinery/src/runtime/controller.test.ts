import { apiError, ConfigMap, type KubeObject, StatusReason } from '@quarterdeck/apis';
import { expect, test } from 'vitest';
import { createInformer } from '../client/informer.ts';
import { eventually } from '../testing/eventually.ts';
import { fakeClock } from '../testing/fake-clock.ts';
import { FakeKube } from '../testing/fake-kube.ts';
import { testLogger } from '../testing/test-logger.ts';
import { type ControllerOptions, type ControllerWatch, createController, watching } from './controller.ts';
import { createMetrics } from './metrics.ts';
import { type ReconcileContext, Result, TerminalError } from './reconcile.ts';

type Reconcile = (key: string, context: ReconcileContext) => Promise<Result>;

/** Does nothing but note the key. */
const noting =
  (visits: string[]): Reconcile =>
  async (key) => {
    visits.push(key);
    return Result.done;
  };

interface Setup {
  reconcile: Reconcile;
  concurrency?: number;
  gatherMs?: number;
  concerns?: ControllerOptions['concerns'];
  kube?: FakeKube;
  /** Another kind that concerns the root object of the same first letter. */
  secondary?: FakeKube;
  /** For how long its changes are gathered. */
  secondaryGatherMs?: number;
}

async function started(setup: Setup) {
  const { reconcile, concurrency, gatherMs, concerns, kube = new FakeKube(), secondary, secondaryGatherMs } = setup;
  const clock = fakeClock();
  const logger = testLogger();
  const metrics = createMetrics();
  const stop = new AbortController();
  const primary = createInformer<KubeObject>(kube.reader(), ConfigMap, { clock });
  const running = [primary.start(stop.signal)];
  const watches: ControllerWatch<KubeObject>[] = [];
  if (secondary !== undefined) {
    const other = createInformer<KubeObject>(secondary.reader(), ConfigMap, { clock });
    running.push(other.start(stop.signal));
    watches.push(
      watching(
        other,
        ({ metadata }, old) => [`ns/${metadata.name?.[0]}`, ...(old === undefined ? [] : ['ns/old'])],
        secondaryGatherMs === undefined ? {} : { gatherMs: secondaryGatherMs },
      ),
    );
  }
  const controller = createController({
    name: 'test.controller',
    reconciler: { reconcile },
    primary,
    watches,
    clock,
    logger,
    metrics,
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(gatherMs === undefined ? {} : { gatherMs }),
    ...(concerns === undefined ? {} : { concerns }),
  });
  controller.start(stop.signal);
  await clock.settle();
  const results = async () =>
    Object.fromEntries((await metrics.reconciles.get()).values.map(({ labels, value }) => [labels.result, value]));
  return {
    kube,
    clock,
    logger,
    metrics,
    controller,
    results,
    stop: () => stop.abort(new Error('stop')),
    async [Symbol.asyncDispose]() {
      stop.abort(new Error('the test is over'));
      await Promise.all([...running, controller.stopped]);
      expect(clock.pendingTimers()).toBe(0);
    },
  };
}

test('every object is visited at the start, and again when it changes or goes', async () => {
  const visits: string[] = [];
  const kube = new FakeKube();
  kube.put('a');
  kube.put('b');
  await using run = await started({ kube, reconcile: noting(visits) });
  expect(visits.splice(0)).toEqual(['ns/a', 'ns/b']);
  kube.put('b');
  await run.clock.settle();
  kube.remove('b');
  await run.clock.settle();
  expect(visits).toEqual(['ns/b', 'ns/b']);
  expect(await run.results()).toEqual({ done: 4 });
});

test('PD-23 nothing is visited before every informer is synced', async () => {
  const visits: string[] = [];
  const kube = new FakeKube();
  kube.put('a');
  const secondary = new FakeKube();
  secondary.troubles.add('down');
  await using run = await started({ kube, secondary, reconcile: noting(visits) });
  await run.clock.advance(60_000);
  expect(visits).toEqual([]);
  secondary.troubles.clear();
  await run.clock.advance(60_000);
  expect(visits).toEqual(['ns/a']);
});

test('changes of another kind visit the objects that they concern', async () => {
  const visits: string[] = [];
  const secondary = new FakeKube();
  secondary.put('x-1');
  await using run = await started({ secondary, reconcile: noting(visits) });
  expect(visits.splice(0)).toEqual(['ns/x']);
  secondary.put('x-1');
  await run.clock.settle();
  expect(visits.splice(0)).toEqual(['ns/x', 'ns/old']);
  secondary.remove('x-1');
  await run.clock.settle();
  expect(visits).toEqual(['ns/x']);
});

test('what a controller gathers for a while is one visit, and what is asked for is not kept waiting', async () => {
  const visits: string[] = [];
  const kube = new FakeKube();
  kube.put('a');
  await using run = await started({ kube, gatherMs: 100, reconcile: noting(visits) });
  kube.put('a');
  await run.clock.advance(99);
  expect(visits).toEqual([]);
  kube.put('a');
  await run.clock.advance(1);
  expect(visits.splice(0)).toEqual(['ns/a']);
  kube.remove('a');
  run.controller.enqueue('ns/b');
  await run.clock.settle();
  expect(visits.splice(0)).toEqual(['ns/b']);
  await run.clock.advance(100);
  expect(visits).toEqual(['ns/a']);
});

test('changes of one kind are gathered by themselves, and hold up no others', async () => {
  const visits: string[] = [];
  const kube = new FakeKube();
  const secondary = new FakeKube();
  await using run = await started({ kube, secondary, secondaryGatherMs: 100, reconcile: noting(visits) });
  secondary.put('a-1');
  await run.clock.advance(50);
  secondary.put('a-2');
  kube.put('a');
  await run.clock.settle();
  expect(visits.splice(0)).toEqual(['ns/a']);
  await run.clock.advance(50);
  expect(visits.splice(0)).toEqual(['ns/a']);
  await run.clock.advance(1_000);
  expect(visits).toEqual([]);
});

test('a change that does not concern the reconciler is no visit; coming and going always is', async () => {
  const visits: string[] = [];
  const kube = new FakeKube();
  kube.put('a');
  await using run = await started({ kube, concerns: () => false, reconcile: noting(visits) });
  expect(visits.splice(0)).toEqual(['ns/a']);
  kube.put('a');
  kube.put('b');
  await run.clock.settle();
  expect(visits.splice(0)).toEqual(['ns/b']);
  kube.remove('a');
  await run.clock.settle();
  expect(visits).toEqual(['ns/a']);
});

test('a failure is repeated with growing pauses until it succeeds', async () => {
  const kube = new FakeKube();
  kube.put('a');
  let visits = 0;
  await using run = await started({
    kube,
    reconcile: async () => {
      if (++visits < 4) throw new Error('not yet');
      return Result.done;
    },
  });
  expect(visits).toBe(1);
  await run.clock.advance(60_000);
  expect(visits).toBe(4);
  expect(await run.results()).toEqual({ error: 3, done: 1 });
  const errors = run.logger.lines.filter(({ level }) => level === 'error');
  expect(
    errors.map(({ msg, controller, kind, namespace, name }) => ({ msg, controller, kind, namespace, name })),
  ).toEqual(
    Array.from({ length: 3 }, () => ({
      msg: 'reconcile failed',
      controller: 'test.controller',
      kind: 'ConfigMap',
      namespace: 'ns',
      name: 'a',
    })),
  );
  expect(new Set(errors.map(({ reconcileID }) => reconcileID)).size).toBe(3);
});

test.each([
  {
    name: 'a synchronous throw',
    fail: () => {
      throw new Error('oops');
    },
  },
  { name: 'a rejection with no error', fail: () => Promise.reject(undefined) },
])('$name is a failure like any other', async ({ fail }) => {
  const kube = new FakeKube();
  kube.put('a');
  let visits = 0;
  await using run = await started({ kube, reconcile: () => (++visits === 1 ? fail() : Promise.resolve(Result.done)) });
  await run.clock.advance(1000);
  expect(visits).toBe(2);
});

test('a conflict is repeated quietly', async () => {
  const kube = new FakeKube();
  kube.put('a');
  let visits = 0;
  await using run = await started({
    kube,
    reconcile: async () => {
      if (++visits === 1) throw apiError(StatusReason.Conflict, 'modified');
      return Result.done;
    },
  });
  await run.clock.advance(1000);
  expect(await run.results()).toEqual({ conflict: 1, done: 1 });
  expect(run.logger.messages('error')).toEqual([]);
});

test('a terminal failure is not repeated until the object changes', async () => {
  const kube = new FakeKube();
  kube.put('a');
  let visits = 0;
  await using run = await started({
    kube,
    reconcile: async () => {
      visits++;
      throw new TerminalError('never');
    },
  });
  await run.clock.advance(3_600_000);
  expect(visits).toBe(1);
  kube.put('a');
  await run.clock.settle();
  expect(visits).toBe(2);
  expect(await run.results()).toEqual({ terminal: 2 });
});

test('a visit may ask for the next', async () => {
  const kube = new FakeKube();
  kube.put('a');
  const times: number[] = [];
  await using run = await started({
    kube,
    reconcile: async (_, { now }) => {
      times.push(now);
      return times.length < 3 ? Result.after(10_000) : Result.done;
    },
  });
  await run.clock.advance(60_000);
  expect(times.map((time) => time - (times[0] ?? 0))).toEqual([0, 10_000, 20_000]);
});

test('an object is never visited twice at once, others are, as many as allowed', async () => {
  const kube = new FakeKube();
  const open = new Map<string, () => void>();
  let most = 0;
  await using run = await started({
    kube,
    concurrency: 2,
    reconcile: async (key) => {
      expect(open.has(key)).toBe(false);
      most = Math.max(most, open.size + 1);
      await new Promise<void>((resolve) => open.set(key, resolve));
      open.delete(key);
      return Result.done;
    },
  });
  const finish = async (key: string) => {
    open.get(key)?.();
    await run.clock.settle();
  };
  for (const name of ['a', 'b', 'c', 'a']) kube.put(name);
  await run.clock.settle();
  expect([...open.keys()]).toEqual(['ns/a', 'ns/b']);
  kube.put('a');
  await run.clock.settle();
  await finish('ns/b');
  expect([...open.keys()]).toEqual(['ns/a', 'ns/c']);
  await finish('ns/a');
  expect([...open.keys()].sort()).toEqual(['ns/a', 'ns/c']);
  await finish('ns/a');
  await finish('ns/c');
  expect([most, await run.results()]).toEqual([2, { done: 4 }]);
});

test('idle resolves when nothing waits and nothing runs', async () => {
  const kube = new FakeKube();
  kube.put('a');
  let finish = () => {};
  await using run = await started({
    kube,
    reconcile: () =>
      new Promise((resolve) => {
        finish = () => resolve(Result.done);
      }),
  });
  let isIdle = false;
  const idle = run.controller.idle().then(() => {
    isIdle = true;
  });
  await run.clock.settle();
  expect(isIdle).toBe(false);
  finish();
  await idle;
  expect((await run.metrics.queueLength.get()).values).toEqual([
    { labels: { controller: 'test.controller' }, value: 0 },
  ]);
});

test('on stop a visit is told, waited for, and not counted as failed; nothing begins any more', async () => {
  const kube = new FakeKube();
  kube.put('a');
  kube.put('b');
  const visits: string[] = [];
  await using run = await started({
    kube,
    reconcile: (key, { signal }) => {
      visits.push(key);
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
    },
  });
  run.stop();
  await run.controller.stopped;
  kube.put('c');
  await run.clock.settle();
  expect([visits, await run.results(), run.logger.messages('error')]).toEqual([['ns/a'], {}, []]);
});

test('a controller whose signal aborted before does nothing', async () => {
  const kube = new FakeKube();
  const clock = fakeClock();
  const primary = createInformer<KubeObject>(kube.reader(), ConfigMap, { clock });
  const controller = createController({
    name: 'late',
    reconciler: { reconcile: () => expect.unreachable() },
    primary,
    clock,
    logger: testLogger(),
    metrics: createMetrics(),
  });
  controller.start(AbortSignal.abort());
  await controller.stopped;
  await eventually(() => true);
});
