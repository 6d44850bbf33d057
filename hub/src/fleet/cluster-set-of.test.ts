import { expect, test } from 'vitest';
import { member } from '../testing/builders.ts';
import { clusterSetOf, clusterSetsOf } from './cluster-set-of.ts';

test.each([
  { name: 'PL-21 the set that it names', names: 'edge', was: 'edge', sets: ['default', 'edge'], want: 'edge' },
  {
    name: 'PL-21 of two that are there the one that it names',
    names: 'edge',
    was: 'default',
    sets: ['default', 'edge'],
    want: 'edge',
  },
  {
    name: 'PL-21 the one before, while there is none of the name',
    names: 'egde',
    was: 'edge',
    sets: ['edge'],
    want: 'edge',
  },
  { name: 'PL-21 also if that is gone as well', names: 'egde', was: 'edge', sets: [], want: 'edge' },
  { name: 'PL-21 a set that is gone, by its name', names: 'edge', was: 'edge', sets: [], want: 'edge' },
  {
    name: 'PL-21 a name only, for one that never was in a set',
    names: 'egde',
    was: undefined,
    sets: ['edge'],
    want: 'egde',
  },
])('$name', ({ names, was, sets, want }) => {
  const seen = member('a', {
    spec: { acceptance: 'Accepted', clusterSet: names },
    status: was === undefined ? {} : { clusterSet: was },
  });
  const found = clusterSetOf(seen, (name) => sets.includes(name));
  expect(found).toBe(want);
  expect(clusterSetsOf(seen)).toContain(found);
});
