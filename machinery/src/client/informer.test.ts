import { apiError, ConfigMap, type KubeObject, StatusReason } from '@quarterdeck/apis';
import { expect, test } from 'vitest';
import { type FakeClock, fakeClock } from '../testing/fake-clock.ts';
import { FakeKube } from '../testing/fake-kube.ts';
import { testLogger } from '../testing/test-logger.ts';
import { createInformer, type InformerOptions } from './informer.ts';
import type { InformerChange } from './informer-cache.ts';

/** An informer over a fake server, with what it told. */
async function started(kube: FakeKube, options: InformerOptions<KubeObject> = {}, clock: FakeClock = fakeClock()) {
  const informer = createInformer<KubeObject>(kube.reader(), ConfigMap, { clock, random: () => 0.5, ...options });
  const changes: InformerChange<KubeObject>[] = [];
  informer.subscribe((change) => changes.push(change));
  const controller = new AbortController();
  const ended = informer.start(controller.signal);
  await clock.settle();
  return {
    informer,
    clock,
    changes,
    /** `added a`, since the last call. */
    told: () => changes.splice(0).map(({ type, key }) => `${type} ${key.replace('ns/', '')}`),
    names: () =>
      informer
        .list()
        .map(({ metadata }) => metadata.name)
        .sort(),
    async [Symbol.asyncDispose]() {
      controller.abort(new Error('the test is over'));
      await ended;
      expect(clock.pendingTimers()).toBe(0);
      expect(kube.openStreams()).toBe(0);
    },
  };
}

test.each([
  { watchList: true, served: { lists: 0, watchLists: 1, watches: 0 } },
  { watchList: false, served: { lists: 1, watchLists: 0, watches: 1 } },
])('KA-90 it loads, follows, and answers from its copy (WatchList: $watchList)', async ({ watchList, served }) => {
  const kube = new FakeKube();
  const a = kube.put('a');
  await using run = await started(kube, { watchList });
  expect(run.informer.hasSynced()).toBe(true);
  await run.informer.synced;
  expect(run.informer.get('ns/a')).toEqual(a);
  const b = kube.put('b');
  const a2 = kube.put('a');
  kube.remove('b');
  await run.clock.settle();
  expect(run.changes).toEqual([
    { key: 'ns/a', type: 'added', object: a, old: undefined },
    { key: 'ns/b', type: 'added', object: b, old: undefined },
    { key: 'ns/a', type: 'modified', object: a2, old: a },
    { key: 'ns/b', type: 'deleted', object: { ...b, metadata: { ...b.metadata, resourceVersion: '104' } }, old: b },
  ]);
  expect(run.informer.list()).toEqual([a2]);
  expect(kube.served).toEqual(served);
});

test('KA-90 it falls back to list and watch when WatchList is refused, for good', async () => {
  const kube = new FakeKube();
  kube.troubles.add('noWatchList');
  kube.put('a');
  await using run = await started(kube);
  expect(run.names()).toEqual(['a']);
  kube.compact();
  kube.endStreams('expired');
  await run.clock.advance(60_000);
  expect(run.names()).toEqual(['a']);
  expect(kube.served).toEqual({ lists: 2, watchLists: 0, watches: 2 });
});

test('KA-91 a stream that ends is resumed at once, without a list', async () => {
  const kube = new FakeKube();
  await using run = await started(kube);
  kube.put('a');
  await run.clock.settle();
  kube.endStreams('ended');
  await run.clock.settle();
  kube.put('b');
  await run.clock.settle();
  expect(run.told()).toEqual(['added a', 'added b']);
  expect(kube.served).toEqual({ lists: 0, watchLists: 1, watches: 1 });
});

test('KA-92 what happened while it was away is caught up', async () => {
  const kube = new FakeKube();
  kube.put('a');
  kube.put('b');
  await using run = await started(kube);
  run.told();
  kube.endStreams('broken');
  kube.troubles.add('down');
  kube.put('c');
  kube.remove('a');
  await run.clock.advance(600_000);
  // A server that cannot be reached withdraws nothing.
  expect(run.names()).toEqual(['a', 'b']);
  expect(run.told()).toEqual([]);
  kube.troubles.clear();
  await run.clock.advance(30_000);
  expect(run.told()).toEqual(['added c', 'deleted a']);
  expect(kube.served.watchLists).toBe(1);
});

test('KA-87 after 410 it loads anew and tells the difference only', async () => {
  const kube = new FakeKube();
  for (const name of ['a', 'b', 'c']) kube.put(name);
  await using run = await started(kube);
  run.told();
  kube.endStreams('broken');
  kube.remove('a');
  kube.put('b');
  kube.put('d');
  kube.compact();
  await run.clock.advance(60_000);
  expect(run.told()).toEqual(['modified b', 'added d', 'deleted a']);
  expect(run.names()).toEqual(['b', 'c', 'd']);
});

test('RG-10 a server that answers from the past is loaded anew', async () => {
  const kube = new FakeKube();
  kube.put('a');
  const backup = kube.snapshot();
  kube.put('b');
  kube.put('a');
  await using run = await started(kube);
  run.told();
  kube.restore(backup);
  await run.clock.advance(60_000);
  expect(run.told()).toEqual(['modified a', 'deleted b']);
  expect(run.informer.list()).toEqual([...backup.objects.values()]);
});

test('RG-10 KA-89 a bookmark behind what was seen means the past, and so does an event', async () => {
  for (const betray of [(kube: FakeKube) => kube.bookmark(), (kube: FakeKube) => kube.put('c')]) {
    const kube = new FakeKube();
    const logger = testLogger();
    kube.put('a');
    await using run = await started(kube, { logger });
    kube.put('b');
    await run.clock.settle();
    // As a server that was restored under an open stream.
    kube.revision = 50;
    betray(kube);
    await run.clock.advance(60_000);
    expect(logger.messages('warn')).toEqual(['server revision went backwards, loading anew']);
    expect(kube.served.watchLists).toBe(2);
    expect(run.names()).toEqual([...kube.objects.values()].map(({ metadata }) => metadata.name).sort());
  }
});

test('RG-10 content that changed under an old revision is noticed', async () => {
  const kube = new FakeKube();
  const first = kube.put('a');
  const backup = { revision: 100, objects: new Map() };
  await using run = await started(kube);
  run.told();
  kube.restore(backup);
  const second = kube.put('a');
  expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
  kube.compact();
  kube.revision = 99;
  await run.clock.advance(60_000);
  expect(run.informer.get('ns/a')).toEqual(second);
  expect(run.told()).toEqual(['modified a']);
});

test('pauses grow, and a success ends them', async () => {
  const kube = new FakeKube();
  kube.troubles.add('down');
  const logger = testLogger();
  await using run = await started(kube, { logger });
  const waits: number[] = [];
  for (let round = 0; round < 8; round++) {
    const due = run.clock.nextTimerAt() ?? 0;
    waits.push(due - run.clock.monotonic());
    await run.clock.advance(due - run.clock.monotonic());
  }
  expect(waits).toEqual([375, 750, 1500, 3000, 6000, 12_000, 22_500, 22_500]);
  expect(run.informer.hasSynced()).toBe(false);
  // Its words, without where in the program they were read.
  const [line] = logger.lines.filter(({ msg }) => msg === 'informer request failed');
  expect(line).toEqual({
    level: 'warn',
    time: expect.any(String),
    kind: 'ConfigMap',
    failure: 'other',
    code: 503,
    reason: 'connection refused',
    msg: 'informer request failed',
  });
  kube.troubles.clear();
  await run.clock.advance(30_000);
  expect(run.informer.hasSynced()).toBe(true);
  kube.endStreams('broken');
  await run.clock.settle();
  expect((run.clock.nextTimerAt() ?? 0) - run.clock.monotonic()).toBe(375);
});

test('AB-31 a kind that is being installed is waited for in silence; one that stays away is told', async () => {
  const kube = new FakeKube();
  kube.troubles.add('notServed');
  const logger = testLogger();
  await using run = await started(kube, { logger });
  await run.clock.advance(3_000);
  expect(logger.messages('warn')).toEqual([]);
  await run.clock.advance(3_000);
  expect(logger.messages('warn')).toEqual(['informer request failed']);
  kube.troubles.clear();
  await run.clock.advance(30_000);
  expect(run.informer.hasSynced()).toBe(true);
  kube.troubles.add('notServed');
  kube.endStreams('broken');
  await run.clock.advance(3_000);
  // The stream that broke was of a kind that was there.
  expect(logger.messages('warn')).toHaveLength(2);
});

test('F-14 it waits as it is told to, which may end sooner', async () => {
  const kube = new FakeKube();
  const clock = fakeClock();
  const waits: number[] = [];
  const over = Promise.withResolvers<void>();
  kube.troubles.add('down');
  const pause = (ms: number) => {
    waits.push(ms);
    return over.promise;
  };
  await using run = await started(kube, { pause }, clock);
  expect([run.informer.hasSynced(), waits.length]).toEqual([false, 1]);
  kube.troubles.clear();
  over.resolve();
  await clock.settle();
  expect(run.informer.hasSynced()).toBe(true);
});

test('a server that ends every stream at once is not hammered', async () => {
  const kube = new FakeKube();
  await using run = await started(kube);
  for (let round = 0; round < 5; round++) {
    kube.endStreams('ended');
    await run.clock.settle();
    await run.clock.settle();
  }
  expect(kube.served.watches).toBeLessThanOrEqual(2);
});

test('indexes follow the objects', async () => {
  const kube = new FakeKube();
  kube.put('a-1');
  const index = { prefix: (object: KubeObject) => [object.metadata.name?.split('-')[0] ?? ''], none: () => [] };
  await using run = await started(kube, { index });
  kube.put('a-2');
  kube.put('b-1');
  kube.remove('a-1');
  await run.clock.settle();
  const names = (value: string) => run.informer.byIndex('prefix', value).map(({ metadata }) => metadata.name);
  expect([names('a'), names('b'), names('c')]).toEqual([['a-2'], ['b-1'], []]);
  expect(() => run.informer.byIndex('other', 'a')).toThrow(RangeError);
});

test('a late subscriber hears of what is there; one that left hears nothing', async () => {
  const kube = new FakeKube();
  kube.put('a');
  await using run = await started(kube);
  const heard: string[] = [];
  const unsubscribe = run.informer.subscribe(({ type, key }) => heard.push(`${type} ${key}`));
  kube.put('b');
  await run.clock.settle();
  unsubscribe();
  kube.put('c');
  await run.clock.settle();
  expect(heard).toEqual(['added ns/a', 'added ns/b']);
});

test('a handler that throws is logged and hinders nobody', async () => {
  const kube = new FakeKube();
  const logger = testLogger();
  await using run = await started(kube, { logger });
  run.informer.subscribe(() => {
    throw new Error('oops');
  });
  const heard: string[] = [];
  run.informer.subscribe(({ key }) => heard.push(key));
  kube.put('a');
  await run.clock.settle();
  expect(heard).toEqual(['ns/a']);
  expect(logger.messages('error')).toEqual(['informer handler failed']);
});

test('objects are frozen through and through', async () => {
  const kube = new FakeKube();
  kube.put('a');
  await using run = await started(kube);
  const object = run.informer.get('ns/a');
  expect([
    Object.isFrozen(object),
    Object.isFrozen(object?.metadata),
    Object.isFrozen(object?.metadata.annotations),
  ]).toEqual([true, true, true]);
});

test('synced rejects with the reason when it is stopped before', async () => {
  const kube = new FakeKube();
  kube.troubles.add('down');
  const informer = createInformer(kube.reader(), ConfigMap, { clock: fakeClock() });
  const reason = new Error('enough');
  const controller = new AbortController();
  const ended = informer.start(controller.signal);
  controller.abort(reason);
  await expect(informer.synced).rejects.toBe(reason);
  await ended;
  expect(informer.state()).toBe('stopped');
});

/** With who owns what, as servers send it. */
function owned(name: string): KubeObject {
  const managedFields = [
    { manager: 'a', operation: 'Update' as const, apiVersion: 'v1', time: '2026-01-01T00:00:00Z' },
  ];
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'ns', name, managedFields } };
}

test.each([
  { watchList: true, keep: false },
  { watchList: false, keep: false },
  { watchList: true, keep: true },
  { watchList: false, keep: true },
])(
  'KA-72 managedFields are known where they are asked for: $keep (WatchList: $watchList)',
  async ({ watchList, keep }) => {
    const kube = new FakeKube();
    kube.store(owned('a'));
    await using run = await started(kube, { watchList, ...(keep ? { keepManagedFields: true } : {}) });
    kube.store(owned('b'));
    kube.store(owned('b'));
    kube.remove('a');
    await run.clock.settle();
    const objects = run.changes.flatMap(({ object, old }) => (old === undefined ? [object] : [object, old]));
    const told = [...objects, ...run.informer.list()].map(({ metadata }) => [
      Object.hasOwn(metadata, 'managedFields'),
      Object.isFrozen(metadata),
    ]);
    expect(told).toEqual(Array.from({ length: 7 }, () => [keep, true]));
  },
);

test('KA-82 a load by pages that expires half-way is made in one piece', async () => {
  const kube = new FakeKube();
  for (let index = 0; index < 1500; index++) kube.put(`o${index}`);
  const reader = kube.reader();
  const asked: (number | undefined)[] = [];
  const list: typeof reader.list = (type, options) => {
    asked.push(options?.limit);
    if (options?.continue === undefined) return reader.list(type, options);
    kube.remove('o0');
    return Promise.reject(apiError(StatusReason.Expired, 'the continue token is too old'));
  };
  const clock = fakeClock();
  const informer = createInformer({ ...reader, list }, ConfigMap, { clock, watchList: false });
  const controller = new AbortController();
  const ended = informer.start(controller.signal);
  await clock.settle();
  expect(asked).toEqual([1000, 1000, undefined]);
  expect([informer.list().length, informer.get('ns/o0')]).toEqual([1499, undefined]);
  controller.abort();
  await ended;
});

test('KA-82 a load by pages is complete', async () => {
  const kube = new FakeKube();
  for (let index = 0; index < 2500; index++) kube.put(`o${index}`);
  await using run = await started(kube, { watchList: false });
  expect(run.informer.list()).toHaveLength(2500);
  expect(kube.served.lists).toBe(3);
});
