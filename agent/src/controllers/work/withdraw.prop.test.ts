import { type AppliedResource, apiError, type KubeObject, type Stored } from '@quarterdeck/apis';
import type { Client } from '@quarterdeck/machinery';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { appliedWork, configMapManifest, liveObject, readOne } from '../../testing/builders.ts';
import { readRecorded } from './recorded.ts';
import { type WithdrawContext, withdraw } from './withdraw.ts';

const mine = appliedWork('mine');
const label = 'quarterdeck.dev/applied-work';
const owner = (name: string) => ({
  apiVersion: 'multicluster.x-k8s.io/v1alpha1',
  kind: 'AppliedWork',
  name,
  uid: `uid-${name}`,
});
const manifest = readOne(configMapManifest());

/** Stands for the member: one object at most, and a record of what was done to it. */
function memberWith(live: Stored<KubeObject> | undefined) {
  const done: { verb: 'delete' | 'patch'; uid: unknown }[] = [];
  const client = {
    get: () => (live === undefined ? Promise.reject(apiError('NotFound', 'gone')) : Promise.resolve(live)),
    delete: (_type: unknown, _ref: unknown, { preconditions }: { preconditions: { uid: string } }) => {
      done.push({ verb: 'delete', uid: preconditions.uid });
      return Promise.resolve(undefined);
    },
    patch: (_type: unknown, _ref: unknown, { body }: { body: { metadata: { uid: string } } }) => {
      done.push({ verb: 'patch', uid: body.metadata.uid });
      return Promise.resolve(live);
    },
  };
  return { done, client: client as unknown as Client };
}

const take = async (context: WithdrawContext, entry: AppliedResource) =>
  withdraw(context, entry, await readRecorded(context, entry));

const situation = fc.record({
  uid: fc.constantFrom('uid-live', 'uid-other'),
  recorded: fc.constantFrom('uid-live', undefined),
  mark: fc.constantFrom('mine', 'theirs', undefined),
  owners: fc.subarray(['mine', 'theirs']),
  isOrphan: fc.boolean(),
  isGoing: fc.boolean(),
  claims: fc.subarray(['waiting']),
  leaving: fc.constantFrom(false as const, 'Orphan' as const, 'Delete' as const),
  released: fc.boolean(),
});

test('WK-32, WK-33, RG-40 only the very object that was recorded, that is ours alone and wanted by nobody, is deleted', async () => {
  await fc.assert(
    fc.asyncProperty(
      situation,
      async ({ uid, recorded, mark, owners, isOrphan, isGoing, claims, leaving, released }) => {
        const live = liveObject(manifest, {
          uid,
          labels: mark === undefined ? {} : { [label]: mark },
          annotations: isOrphan ? { 'quarterdeck.dev/deletion-policy': 'Orphan' } : {},
          ownerReferences: owners.map(owner),
          ...(isGoing ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
        });
        const member = memberWith(live);
        const entry: AppliedResource = {
          ordinal: 0,
          group: '',
          version: 'v1',
          kind: 'ConfigMap',
          resource: 'configmaps',
          namespace: 'shop',
          name: 'a',
          ...(recorded === undefined ? {} : { uid: recorded }),
        };
        const remains = await take(
          {
            memberClient: member.client,
            discovery: { resourceOf: () => Promise.resolve(undefined), namespaced: () => Promise.resolve([]) },
            watchers: { ensure: () => {} },
            applied: mine,
            claims: () => claims,
            leaving,
            released: new Set(released ? ['ConfigMap./shop/a'] : []),
            signal: new AbortController().signal,
          },
          entry,
        );
        const isOurs = recorded === undefined ? mark === 'mine' || owners.includes('mine') : uid === recorded;
        const isShared = owners.includes('theirs') || claims.length > 0;
        const byPolicy = leaving === 'Delete' || (leaving === false && !isOrphan); // the leaving member's own overrides. RG-40
        const mayDelete = isOurs && !isGoing && mark === 'mine' && !isShared && !released && byPolicy;
        expect(member.done.filter(({ verb }) => verb === 'delete')).toEqual(mayDelete ? [{ verb: 'delete', uid }] : []);
        if (!isOurs) expect([remains, member.done]).toEqual([{ state: 'gone' }, []]);
        expect(remains.state === 'going').toBe(isOurs && (isGoing || mayDelete));
      },
    ),
  );
});

test('WK-6 what is gone already is gone', async () => {
  const member = memberWith(undefined);
  const entry = {
    ordinal: 0,
    group: '',
    version: 'v1',
    kind: 'ConfigMap',
    resource: 'configmaps',
    namespace: 'shop',
    name: 'a',
    uid: 'u',
  };
  const context = {
    memberClient: member.client,
    discovery: { resourceOf: () => Promise.resolve(undefined), namespaced: () => Promise.resolve([]) },
    watchers: { ensure: () => {} },
    applied: mine,
    claims: () => [],
    leaving: false as const,
    signal: new AbortController().signal,
  };
  expect(await take(context, entry)).toEqual({ state: 'gone' });
  expect(await take(context, { ordinal: 0 })).toEqual({ state: 'gone' });
});

test.each([
  { name: 'DL-30 what was applied and may not be read any more is named, and stays recorded', uid: 'u', want: 'going' },
  { name: 'DL-30 what was never applied and may not be read never was', uid: undefined, want: 'gone' },
])('$name', async ({ uid, want }) => {
  const client = { get: () => Promise.reject(apiError('Forbidden', 'you may not')) } as unknown as Client;
  const entry: AppliedResource = {
    ordinal: 0,
    group: '',
    version: 'v1',
    kind: 'ConfigMap',
    resource: 'configmaps',
    namespace: 'shop',
    name: 'a',
    ...(uid === undefined ? {} : { uid }),
  };
  const context = {
    memberClient: client,
    discovery: { resourceOf: () => Promise.resolve(undefined), namespaced: () => Promise.resolve([]) },
    watchers: { ensure: () => {} },
    applied: mine,
    claims: () => [],
    leaving: false as const,
    signal: new AbortController().signal,
  };
  const remains = await take(context, entry);
  expect(remains.state).toBe(want);
  if (remains.state === 'going') expect(remains.message).toBe('ConfigMap a may not be withdrawn: you may not');
});
