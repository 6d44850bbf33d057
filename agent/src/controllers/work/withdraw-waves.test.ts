import { type AppliedResource, apiError, type KubeObject, type Stored } from '@quarterdeck/apis';
import type { Client } from '@quarterdeck/machinery';
import { testLogger } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { appliedWork, configMapManifest, liveObject, readOne } from '../../testing/builders.ts';
import { readRecorded } from './recorded.ts';
import { withdrawInWaves } from './withdraw-waves.ts';

const mine = appliedWork('mine');
const manifest = readOne(configMapManifest());

const entryOf = (ordinal: number): AppliedResource => ({
  ordinal,
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  resource: 'configmaps',
  namespace: 'shop',
  name: `c${ordinal}`,
  uid: `uid-${ordinal}`,
});

/** A member that answers when it is told to, one question at a time. */
function slowMember(waveOf: (name: string) => number) {
  const waiting: (() => void)[] = [];
  const seen = { atOnce: 0, deleted: [] as string[] };
  const objectOf = (name: string): Stored<KubeObject> =>
    liveObject(manifest, {
      name,
      uid: name.replace('c', 'uid-'),
      labels: { 'quarterdeck.dev/applied-work': 'mine' },
      annotations: { 'quarterdeck.dev/apply-wave': `${waveOf(name)}` },
    });
  const gone = new Set<string>();
  const client = {
    get: async (_type: unknown, { name }: { name: string }) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.push(resolve);
      seen.atOnce = Math.max(seen.atOnce, waiting.length);
      await promise;
      if (gone.has(name)) throw apiError('NotFound', `${name} is gone`);
      return objectOf(name);
    },
    delete: (_type: unknown, { name }: { name: string }) => {
      seen.deleted.push(name);
      gone.add(name);
      return Promise.resolve(undefined);
    },
  };
  return { seen, waiting, client: client as unknown as Client };
}

test('DL-1, WK-34 of many recorded objects some are read at once, and waves are withdrawn in order all the same', async () => {
  const count = 200;
  const member = slowMember((name) => (Number(name.slice(1)) < 100 ? 0 : 1));
  const entries = Array.from({ length: count }, (_, ordinal) => entryOf(ordinal));
  const context = {
    memberClient: member.client,
    discovery: { resourceOf: () => Promise.resolve(undefined), namespaced: () => Promise.resolve([]) },
    watchers: { ensure: () => {} },
    applied: mine,
    claims: () => [],
    leaving: false as const,
    signal: new AbortController().signal,
  };
  const pass = async (of: readonly AppliedResource[]) => {
    let isDone = false;
    const ended = withdrawInWaves(context, of, testLogger()).finally(() => {
      isDone = true;
    });
    while (!isDone) {
      // The newest question is answered first, so that answers come out of order.
      member.waiting.pop()?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
    return await ended;
  };
  const names = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => `c${to - 1 - index}`);
  const first = await pass(entries);
  expect(member.seen.deleted).toEqual(names(100, 200));
  expect(first.going.map(({ name }) => name)).toEqual(names(0, 200));
  const second = await pass(first.going);
  expect(member.seen.deleted.slice(100)).toEqual(names(0, 100));
  expect(second.going.map(({ name }) => name)).toEqual(names(0, 100));
  expect((await pass(second.going)).going).toEqual([]);
  expect(member.seen.atOnce).toBeLessThanOrEqual(24);
});

test('WK-34 what is read of a recorded object is who and whose it is, without its content', async () => {
  const live = (more: object): Stored<KubeObject> => ({
    ...liveObject(manifest, {
      uid: 'uid-0',
      finalizers: ['example.test/hold'],
      annotations: { 'quarterdeck.dev/apply-wave': '2', 'example.test/big': 'x'.repeat(10_000) },
    }),
    ...more,
  });
  const read = async (entry: AppliedResource, object: Stored<KubeObject>) => {
    const client = { get: () => Promise.resolve(object) } as unknown as Client;
    const found = await readRecorded({ memberClient: client, applied: mine, signal: AbortSignal.any([]) }, entry);
    return found.live;
  };
  const object = live({ data: { text: 'x'.repeat(10_000) } });
  const { annotations: _annotations, ...metadata } = object.metadata;
  expect(await read(entryOf(0), object)).toEqual({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { ...metadata, annotations: { 'quarterdeck.dev/apply-wave': '2' } },
  });
  const spec = { group: 'example.test', names: { kind: 'Thing', plural: 'things' }, scope: 'Namespaced' };
  const versions = [{ name: 'v1', storage: true, schema: { openAPIV3Schema: { type: 'object' } } }];
  const crd = { ...entryOf(0), group: 'apiextensions.k8s.io', kind: 'CustomResourceDefinition' };
  expect(await read(crd, live({ spec: { ...spec, versions } }))).toMatchObject({
    spec: { ...spec, versions: [{ name: 'v1', storage: true }] },
  });
});
