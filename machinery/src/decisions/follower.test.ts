import { label, PlacementDecision } from '@quarterdeck/apis';
import { expect, test } from 'vitest';
import type { Reader } from '../client/client.ts';
import { stored } from '../testing/builders.ts';
import { decisionSlice } from '../testing/decision-slice.ts';
import { type FakeClock, fakeClock } from '../testing/fake-clock.ts';
import { FakeKube } from '../testing/fake-kube.ts';
import { testLogger } from '../testing/test-logger.ts';
import { createDecisionFollower, type DecisionFollowerOptions, type FollowedDecision } from './follower.ts';

const decidedIn = (revision: number, ...clusters: string[]) =>
  decisionSlice('s0', clusters, { key: 'k', index: 0, revision });
const profile = (name: string) =>
  stored({ apiVersion: 'multicluster.x-k8s.io/v1alpha1', kind: 'ClusterProfile', metadata: { name, namespace: 'ns' } });

/** What was told, as `key: clusters`, with what is missing, held or over. */
const textOf = ({ key, clusters, missing, held, ended }: FollowedDecision): string =>
  [
    `${key}: ${clusters.map(({ name }) => name).join(' ')}`,
    missing.length === 0 ? '' : ` without ${missing.map(({ name }) => name).join(' ')}`,
    held === undefined ? '' : `, held: ${held.why}`,
    ended ? ', ended' : '',
  ].join('');

async function started(options: Partial<DecisionFollowerOptions> = {}) {
  const slices = new FakeKube();
  const profiles = new FakeKube();
  const kubeOf = (kind: string) => (kind === PlacementDecision.kind ? slices : profiles).reader();
  const client: Reader = {
    get: () => Promise.reject(new Error('a follower gets nothing')),
    list: (type, listOptions) => kubeOf(type.kind).list(type, listOptions),
    watch: (type, watchOptions) => kubeOf(type.kind).watch(type, watchOptions),
  };
  const clock: FakeClock = fakeClock();
  const log: FollowedDecision[] = [];
  const follower = createDecisionFollower(client, {
    namespaces: ['ns'],
    clock,
    onChange: (decision) => log.push(decision),
    ...options,
  });
  const stop = new AbortController();
  let running: Promise<void> | undefined;
  return {
    slices,
    profiles,
    clock,
    follower,
    async start() {
      running = follower.start(stop.signal);
      await clock.settle();
    },
    async told() {
      await clock.settle();
      return log.splice(0).map(textOf);
    },
    async [Symbol.asyncDispose]() {
      stop.abort(new Error('the test is over'));
      await running;
      expect(clock.pendingTimers()).toBe(0);
    },
  };
}

test('PD-17 PD-18 it tells what was decided, added, removed, and that a decision is over', async () => {
  await using run = await started();
  run.slices.store(decidedIn(1, 'm1'));
  await run.start();
  expect(await run.told()).toEqual(['ns/key:k: m1']);
  run.slices.store(decidedIn(2, 'm1', 'm2'));
  run.slices.store(decidedIn(3, 'm2'));
  expect(await run.told()).toEqual(['ns/key:k: m1 m2', 'ns/key:k: m2']);
  run.slices.store(decidedIn(3, 'm2'));
  expect(await run.told()).toEqual([]);
  run.slices.remove('s0');
  expect(await run.told()).toEqual(['ns/key:k: m2, held: NoSlices']);
  await run.clock.advance(30_000);
  expect(await run.told()).toEqual(['ns/key:k: , ended']);
  expect(run.follower.list()).toEqual([]);
});

test('PD-23 nothing is told before everything was read once', async () => {
  await using run = await started();
  run.slices.store(decidedIn(1, 'm1'));
  run.slices.troubles.add('down');
  await run.start();
  expect(await run.told()).toEqual([]);
  expect(run.follower.hasSynced()).toBe(false);
  run.slices.troubles.clear();
  await run.clock.advance(60_000);
  await run.follower.synced;
  expect(await run.told()).toEqual(['ns/key:k: m1']);
});

test('PD-23 a server that is away, or streams that break, withdraw nothing', async () => {
  await using run = await started();
  run.slices.store(decidedIn(1, 'm1'));
  await run.start();
  await run.told();
  run.slices.troubles.add('down');
  run.slices.endStreams('broken');
  await run.clock.advance(600_000);
  expect(await run.told()).toEqual([]);
  expect(run.follower.list().map(textOf)).toEqual(['ns/key:k: m1']);
  run.slices.troubles.clear();
  run.slices.store(decidedIn(2, 'm1', 'm2'));
  await run.clock.advance(120_000);
  expect(await run.told()).toEqual(['ns/key:k: m1 m2']);
});

test('PD-23 F-20 the hold-down ends by itself, whatever the wall clock does', async () => {
  await using run = await started({ holdDownMs: 10_000 });
  run.slices.store(decisionSlice('s0', ['m1'], { key: 'k', index: 0, revision: 1 }));
  run.slices.store(decisionSlice('s1', ['m2'], { key: 'k', index: 1, revision: 1 }));
  await run.start();
  await run.told();
  run.slices.store(decisionSlice('s0', [], { key: 'k', index: 0, revision: 2 }));
  expect(await run.told()).toEqual(['ns/key:k: m1 m2, held: MixedRevisions']);
  run.clock.jump(3_600_000);
  await run.clock.advance(9_999);
  expect(await run.told()).toEqual([]);
  await run.clock.advance(1);
  expect(await run.told()).toEqual(['ns/key:k: m2']);
});

test('PD-20 a profile that is missing is reported, and counts neither as removal nor against the others', async () => {
  await using run = await started({ profileNamespaces: ['ns'] });
  run.slices.store(decidedIn(1, 'm1', 'm2', 'far/m3'));
  run.profiles.store(profile('m1'));
  await run.start();
  expect(await run.told()).toEqual(['ns/key:k: m1 m2 m3 without m2']);
  run.profiles.store(profile('m2'));
  expect(await run.told()).toEqual(['ns/key:k: m1 m2 m3']);
  run.profiles.store(profile('m2'));
  run.profiles.remove('m1');
  expect(await run.told()).toEqual(['ns/key:k: m1 m2 m3 without m1']);
});

test('PD-25 decisions of schedulers that were not named are ignored', async () => {
  await using run = await started({ schedulerNames: ['ours'] });
  run.slices.store(decisionSlice('a', ['m1'], { scheduler: 'ours' }));
  run.slices.store(decisionSlice('b', ['m1'], { scheduler: 'theirs' }));
  run.slices.store(decisionSlice('c', ['m1']));
  await run.start();
  expect(await run.told()).toEqual(['ns/name:a: m1']);
});

test('PD-24 PD-19 several consumers follow one decision; a slice that changes its key leaves the old decision', async () => {
  await using first = await started();
  first.slices.store(decidedIn(1, 'm1'));
  await first.start();
  expect(await first.told()).toEqual(['ns/key:k: m1']);
  const moved = decidedIn(1, 'm1');
  const labels = { ...moved.metadata.labels, [label.decisionKey]: 'other' };
  first.slices.store({ ...moved, metadata: { ...moved.metadata, labels } });
  expect((await first.told()).sort()).toEqual(['ns/key:k: m1, held: NoSlices', 'ns/key:other: m1']);
});

test('PD-18 a handler that throws is logged and does not hinder what follows', async () => {
  const logger = testLogger();
  let calls = 0;
  await using run = await started({
    logger,
    onChange: () => {
      calls++;
      throw new Error('oh');
    },
  });
  run.slices.store(decidedIn(1, 'm1'));
  await run.start();
  run.slices.store(decidedIn(2, 'm2'));
  await run.clock.settle();
  expect(calls).toBe(2);
  expect(logger.messages('error')).toEqual(['a handler of decisions failed', 'a handler of decisions failed']);
});

test('PD-23 stopped before everything was read, it says so to those who wait, and to nobody else', async () => {
  let wait: Promise<void>;
  {
    await using run = await started();
    run.slices.troubles.add('down');
    await run.start();
    wait = run.follower.synced;
  }
  await expect(wait).rejects.toThrow('the test is over');
});
