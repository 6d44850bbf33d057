import { apiError, ClusterProperty, type KubeObject, MemberCluster, notFound, type Stored } from '@quarterdeck/apis';
import type { Client, Informer } from '@quarterdeck/machinery';
import { fakeClock, stored, testLogger } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { runProperties } from './properties.ts';

const registration = stored<MemberCluster>({
  apiVersion: 'quarterdeck.dev/v1alpha1',
  kind: MemberCluster.kind,
  metadata: { name: 'm1' },
  spec: { acceptance: 'Accepted', clusterSet: 'edge' },
  status: {
    conditions: [
      { type: 'InClusterSet', status: 'True', reason: 'R', message: '', lastTransitionTime: '2026-01-01T00:00:00Z' },
    ],
  },
} as KubeObject as MemberCluster);

/** A cluster that serves ClusterProperty, or does not, whenever a test says so. */
function cluster() {
  const world = { isServed: true, mayInstall: true, values: new Map<string, string | undefined>() };
  const client = {
    get: (_type: never, { name }: { name: string }) =>
      world.values.has(name)
        ? Promise.resolve({ metadata: { name, uid: name }, spec: { value: world.values.get(name) } })
        : Promise.reject(notFound(ClusterProperty, name)),
    create: (_type: never, { metadata: { name = '' }, spec }: ClusterProperty) => {
      if (!world.isServed) return Promise.reject(apiError('NotFound', '404 page not found'));
      world.values.set(name, spec?.value);
      return Promise.resolve({});
    },
  };
  const install = () => {
    if (!world.mayInstall) return Promise.reject(new Error('may not install it'));
    world.isServed = true;
    return Promise.resolve();
  };
  return { world, memberClient: client as unknown as Client, kinds: { install } };
}

const knowing = (known: Stored<MemberCluster>) =>
  ({
    synced: Promise.resolve(),
    get: (): Stored<MemberCluster> => known,
    subscribe: () => () => {},
  }) as unknown as Informer<MemberCluster>;

test('AB-29 the membership is of the set that the hub has recorded, whatever set is named', async () => {
  const { world, ...access } = cluster();
  const clock = fakeClock();
  const stopping = new AbortController();
  const member = knowing({ ...registration, status: { ...registration.status, clusterSet: 'core' } });
  const running = runProperties(
    { ...access, member, clusterName: 'm1', clusterUID: 'uid', clock, logger: testLogger() },
    stopping.signal,
  );
  await clock.advance(1);
  expect(world.values.get('clusterset.k8s.io')).toBe('core');
  stopping.abort(new Error('done'));
  await running.catch(() => {});
});

test('AB-31 a kind that is taken away is installed again, and the properties are made again', async () => {
  const { world, ...access } = cluster();
  const clock = fakeClock();
  const logger = testLogger();
  const member = knowing(registration);
  const stopping = new AbortController();
  const running = runProperties(
    { ...access, member, clusterName: 'm1', clusterUID: 'uid', clock, logger },
    stopping.signal,
  );
  const both = { 'cluster.clusterset.k8s.io': 'uid', 'clusterset.k8s.io': 'edge' };
  const made = () => Object.fromEntries(world.values);
  await clock.advance(1);
  expect(made()).toEqual(both);

  world.values.clear();
  world.isServed = false;
  world.mayInstall = false;
  await clock.advance(60_000);
  await clock.advance(5_000);
  await clock.advance(5_000);
  expect(made()).toEqual({});
  expect(logger.lines.map(({ reason }) => reason)).toEqual([
    '404 page not found',
    'may not install it',
    'may not install it',
  ]);

  world.mayInstall = true;
  await clock.advance(5_000);
  expect(made()).toEqual(both);
  stopping.abort(new Error('done'));
  await running.catch(() => {});
});
