import { apiError, type KubeObject, Namespace, type Stored, Work } from '@quarterdeck/apis';
import type { Client } from '@quarterdeck/machinery';
import { describe, expect, test } from 'vitest';
import { stored } from '../testing/builders.ts';
import { commit, commitEach, create, remove, update, updateStatus } from './writes.ts';

const signal = new AbortController().signal;
const work = (name: string): Stored<Work> => stored(Work, name, { metadata: { namespace: 'member-m1' } });

/** Records what is sent; names in `failing` are refused with that reason. */
function recorder(failing: Readonly<Record<string, 'Conflict' | 'AlreadyExists' | 'Forbidden' | 'NotFound'>> = {}) {
  const sent: string[] = [];
  const answer = (verb: string, name: string) => {
    sent.push(`${verb} ${name}`);
    const reason = failing[name];
    return reason === undefined ? Promise.resolve() : Promise.reject(apiError(reason, `${name}: ${reason}`));
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
  return { sent, client: client as unknown as Client };
}

describe('commit', () => {
  test('RL-4 updates carry the version that was seen, deletions the uid', async () => {
    const { sent, client } = recorder();
    await commit(
      client,
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
    const { sent, client } = recorder();
    const { resourceVersion: _none, ...metadata } = work('a').metadata;
    await expect(commit(client, [update(Work, { ...work('a'), metadata } as Stored<Work>)], signal)).rejects.toThrow(
      'without a resourceVersion',
    );
    expect(sent).toEqual([]);
  });

  test('PL-30 the order is kept, and the first failure ends it', async () => {
    const { sent, client } = recorder({ b: 'Conflict' });
    await expect(
      commit(client, [update(Work, work('a')), update(Work, work('b')), update(Work, work('c'))], signal),
    ).rejects.toMatchObject({ code: 409 });
    expect(sent).toEqual(['update@1 a', 'update@1 b']);
  });

  test('what is gone already was deleted', async () => {
    const { client } = recorder({ a: 'NotFound' });
    await commit(client, [remove(Work, work('a'))], signal);
  });
});

describe('commitEach', () => {
  const names = Array.from({ length: 100 }, (_, index) => `w${index}`);
  const all = names.map((name) => update(Work, work(name)));

  test('DL-40 a failure holds up no other, and a real one is told before a stale view', async () => {
    const { sent, client } = recorder({ w3: 'Conflict', w50: 'Forbidden', w99: 'AlreadyExists' });
    await expect(commitEach(client, all, signal)).rejects.toMatchObject({ code: 403 });
    expect(sent.toSorted()).toEqual(names.map((name) => `update@1 ${name}`).toSorted());
  });

  test('DL-40 only stale views are a conflict, which is tried again quietly', async () => {
    await expect(commitEach(recorder({ w3: 'Conflict' }).client, all, signal)).rejects.toMatchObject({ code: 409 });
    await commitEach(recorder().client, all, signal);
    await commitEach(recorder().client, [], signal);
  });

  test('it stops when told to', async () => {
    const { sent, client } = recorder();
    await expect(commitEach(client, all, AbortSignal.abort(new Error('stop')))).rejects.toThrow('stop');
    expect(sent).toEqual([]);
  });
});
