import { apiError } from '@quarterdeck/apis';
import type { Client } from '@quarterdeck/machinery';
import { expect, test } from 'vitest';
import { mergeServedKinds, readServedKinds } from './served-kinds.ts';

/** A member that answers discovery; a path without an answer fails. */
const member = (answers: Record<string, unknown>) =>
  ({
    getRaw: async (path: string) => answers[path] ?? Promise.reject(apiError('ServiceUnavailable', path)),
  }) as unknown as Client;
const never = new AbortController().signal;
const apps = {
  resources: [
    { name: 'deployments', kind: 'Deployment' },
    { name: 'deployments/scale', kind: 'Scale' },
  ],
};
const core = { resources: [{ name: 'pods', kind: 'Pod' }] };
const groups = (...versions: string[]) => ({
  groups: versions.map((groupVersion) => ({ versions: [{ groupVersion }] })),
});

test('RG-32 kinds of all groups, subresources left out, sorted', async () => {
  const answers = { '/apis': groups('apps/v1'), '/apis/apps/v1': apps, '/api/v1': core };
  expect(await readServedKinds(member(answers), never)).toEqual({
    kinds: ['/v1/Pod', 'apps/v1/Deployment'],
    complete: true,
  });
});

test('RG-32 a group that does not answer makes it partial; a member that does not is no answer', async () => {
  const answers = { '/apis': groups('apps/v1', 'metrics.k8s.io/v1'), '/apis/apps/v1': apps, '/api/v1': core };
  expect(await readServedKinds(member(answers), never)).toEqual({
    kinds: ['/v1/Pod', 'apps/v1/Deployment'],
    complete: false,
  });
  await expect(readServedKinds(member({}), never)).rejects.toThrow();
});

test.each([
  { name: 'a complete list replaces', before: ['a', 'b'], seen: { kinds: ['c'], complete: true }, want: ['c'] },
  { name: 'a partial one adds', before: ['a', 'b'], seen: { kinds: ['c'], complete: false }, want: ['a', 'b', 'c'] },
  { name: 'none keeps the last', before: ['a'], seen: undefined, want: ['a'] },
  { name: 'the first may be partial', before: undefined, seen: { kinds: ['c'], complete: false }, want: ['c'] },
])('RG-32 $name', ({ before, seen, want }) => {
  const merged = mergeServedKinds(before === undefined ? undefined : { kinds: before, complete: true }, seen);
  expect(merged).toEqual({ kinds: want, complete: seen?.complete ?? false });
});

test('RG-32 nothing known stays nothing', () => {
  expect(mergeServedKinds(undefined, undefined)).toBeUndefined();
});
