import { expect, test } from 'vitest';
import { persistentVolumes } from './persistent-volumes.ts';

test.each([
  { hostPath: { path: '/a' }, want: { path: '/a', type: '' } },
  { hostPath: { path: '/a', type: 'Directory' }, want: { path: '/a', type: 'Directory' } },
  { hostPath: undefined, want: undefined },
])('KA-99 a path of a host is of no type unless it says one: $want', ({ hostPath, want }) => {
  const volume = { spec: hostPath === undefined ? {} : { hostPath } };
  expect(persistentVolumes.strategy.complete?.(volume)?.spec).toMatchObject(
    want === undefined ? {} : { hostPath: want },
  );
});
