import {
  apiError,
  type KubeObject,
  MemberCluster,
  type MemberClusterStatus,
  Namespace,
  type Stored,
  Work,
} from '@quarterdeck/apis';
import type { Client } from '@quarterdeck/machinery';
import { describe, expect, test } from 'vitest';
import { member, stored } from '../testing/builders.ts';
import {
  changeMemberStatus,
  commit,
  commitEach,
  create,
  createMember,
  remove,
  update,
  updateStatus,
} from './writes.ts';

const signal = new AbortController().signal;
const work = (name: string): Stored<Work> => stored(Work, name, { metadata: { namespace: 'member-m1' } });

/** Records what is sent; names in `failing` are refused with that reason. */
function recorder(failing: Readonly<Record<string, 'Conflict' | 'AlreadyExists' | 'Forbidden' | 'NotFound'>> = {}) {
  const sent: string[] = [];
  const answer = (verb: string, name: string) => {
    sent.push(`${verb} ${name}`);
    const reason = failing[name];
    return reason === undefined
      ? Promise.resolve({ metadata: { name } })
      : Promise.reject(apiError(reason, `${name}: ${reason}`));
  };
  const versioned = (verb: string, { metadata }: KubeObject) =>
    answer(`${verb}@${metadata.resourceVersion}`, metadata.name ?? '');
  const client = {
    create: (_type: unknown, object: KubeObject) => answer('create', object.metadata.name ?? ''),
    update: (_type: unknown, object: KubeObject, { subresource }: { subresource?: string }) =>
      versioned(subresource === undefined ? 'update' : `update/${subresource}`, object),
    delete: (_type: unknown, { name }: { name: string }, { preconditions }: { preconditions: { uid: string } }) =>
      answer(`delete#${preconditions.uid}`, name),
  };
  const memberStatus = {
    change: async ({ metadata }: KubeObject, status: MemberClusterStatus) => {
      await answer(`change ${Object.keys(status)} of`, metadata.name ?? '');
    },
  };
  return { sent, to: { hubClient: client as unknown as Client, memberStatus } };
}

describe('commit', () => {
  test('RL-4 updates carry the version that was seen, deletions the uid', async () => {
    const { sent, to } = recorder();
    await commit(
      to,
      [
        create(Namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'n' } }),
        update(Work, work('a')),
        updateStatus(Work, work('b')),
        remove(Work, work('c')),
      ],
      signal,
    );
    expect(sent).toEqual(['create n', 'update@1 a', 'update/status@1 b', 'delete#uid-c c']);
  });

  test('RL-4 an update without a version is never sent', async () => {
    const { sent, to } = recorder();
    const { resourceVersion: _none, ...metadata } = work('a').metadata;
    await expect(commit(to, [update(Work, { ...work('a'), metadata } as Stored<Work>)], signal)).rejects.toThrow(
      'without a resourceVersion',
    );
    expect(sent).toEqual([]);
  });

  test('the status of a member goes by the lane, after what made the member', async () => {
    const { sent, to } = recorder();
    const object: MemberCluster = {
      apiVersion: 'quarterdeck.dev/v1alpha1',
      kind: MemberCluster.kind,
      metadata: { name: 'm1' },
      spec: { acceptance: 'Pending', clusterSet: 'default' },
    };
    const standing = member('m2', { status: { clusterUID: 'a' } });
    await commit(
      to,
      [
        createMember(object, { clusterUID: 'uid' }),
        ...changeMemberStatus(standing, { clusterUID: 'b' }),
        ...changeMemberStatus(standing, { clusterUID: 'a' }),
      ],
      signal,
    );
    expect(sent).toEqual(['create m1', 'change clusterUID of m1', 'change clusterUID of m2']);
  });

  test('PL-30 the order is kept, and the first failure ends it', async () => {
    const { sent, to } = recorder({ b: 'Conflict' });
    await expect(
      commit(to, [update(Work, work('a')), update(Work, work('b')), update(Work, work('c'))], signal),
    ).rejects.toMatchObject({ code: 409 });
    expect(sent).toEqual(['update@1 a', 'update@1 b']);
  });

  test('what is gone already was deleted', async () => {
    const { to } = recorder({ a: 'NotFound' });
    await commit(to, [remove(Work, work('a'))], signal);
  });
});

describe('commitEach', () => {
  const names = Array.from({ length: 100 }, (_, index) => `w${index}`);
  const all = names.map((name) => update(Work, work(name)));

  test('DL-40 a failure holds up no other, and a real one is told before a stale view', async () => {
    const { sent, to } = recorder({ w3: 'Conflict', w50: 'Forbidden', w99: 'AlreadyExists' });
    await expect(commitEach(to, all, { signal })).rejects.toMatchObject({ code: 403 });
    expect(sent.toSorted()).toEqual(names.map((name) => `update@1 ${name}`).toSorted());
  });

  test('DL-40 only stale views are a conflict, which is tried again quietly', async () => {
    await expect(commitEach(recorder({ w3: 'Conflict' }).to, all, { signal })).rejects.toMatchObject({ code: 409 });
    await commitEach(recorder().to, all, { signal });
    await commitEach(recorder().to, [], { signal });
  });

  test('it stops when told to', async () => {
    const { sent, to } = recorder();
    await expect(commitEach(to, all, { signal: AbortSignal.abort(new Error('stop')) })).rejects.toThrow('stop');
    expect(sent).toEqual([]);
  });
});
