import type { Deployment } from '@quarterdeck/apis';
import { expect, test } from 'vitest';
import { boundsOf, resolveShare } from './decide-bounds.ts';

test.each([
  { name: 'a number is itself', value: 3, total: 10, up: 3, down: 3 },
  { name: 'a share rounds', value: '25%', total: 10, up: 3, down: 2 },
  { name: 'a whole share does not round', value: '20%', total: 10, up: 2, down: 2 },
  { name: 'a share that floating point gets wrong', value: '7%', total: 100, up: 7, down: 7 },
  { name: 'more than all', value: '150%', total: 3, up: 5, down: 4 },
  { name: 'a share of nothing', value: '25%', total: 0, up: 0, down: 0 },
  { name: 'nothing', value: undefined, total: 10, up: 0, down: 0 },
  { name: 'no share', value: 'many', total: 10, up: 0, down: 0 },
  { name: 'less than nothing', value: -1, total: 10, up: 0, down: 0 },
])('$name', ({ value, total, up, down }) => {
  expect([resolveShare(value, total, 'up'), resolveShare(value, total, 'down')]).toEqual([up, down]);
});

type Rolling = NonNullable<NonNullable<Deployment['spec']['strategy']>['rollingUpdate']>;
test.each([
  { replicas: 10, maxSurge: '25%', maxUnavailable: '25%', want: { surge: 3, unavailable: 2 } },
  { replicas: 1, maxSurge: '25%', maxUnavailable: '25%', want: { surge: 1, unavailable: 0 } },
  { replicas: 3, maxSurge: 0, maxUnavailable: '25%', want: { surge: 0, unavailable: 1 } },
  { replicas: 2, maxSurge: 1, maxUnavailable: 5, want: { surge: 1, unavailable: 2 } },
  { replicas: 0, maxSurge: 0, maxUnavailable: 0, want: { surge: 0, unavailable: 0 } },
])('$replicas pods, surge $maxSurge, unavailable $maxUnavailable', ({ replicas, want, ...rolling }) => {
  const rollingUpdate: Rolling = rolling;
  const spec = { replicas, selector: {}, template: {}, strategy: { type: 'RollingUpdate' as const, rollingUpdate } };
  expect(boundsOf(spec)).toEqual(want);
});

test('Recreate keeps nothing', () => {
  const spec = { replicas: 4, selector: {}, template: {}, strategy: { type: 'Recreate' as const } };
  expect(boundsOf(spec)).toEqual({ surge: 0, unavailable: 4 });
});
