import { expect, test } from 'vitest';
import { allowedCpus } from './pinning.ts';

test.each([
  { list: '0-1', want: [0, 1] },
  { list: '3', want: [3] },
  { list: '0,2-4,7', want: [0, 2, 3, 4, 7] },
])('CPUs $list are $want', ({ list, want }) =>
  expect(allowedCpus(`Cpus_allowed:\tff\nCpus_allowed_list:\t${list}\nMems_allowed:\t1\n`)).toEqual(want),
);

test('where nothing is said, there are none to divide', () => expect(allowedCpus('')).toEqual([]));
