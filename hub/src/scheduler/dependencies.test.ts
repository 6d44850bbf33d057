import { expect, test } from 'vitest';
import { before, requestOf, snapshotOf, view } from '../testing/builders.ts';
import type { ClusterView } from './cluster-view.ts';
import { dependenciesOf } from './dependencies.ts';
import { schedule } from './schedule.ts';

const drivenAway = { key: 'k', value: '', effect: 'NoExecute', timeAdded: 0 } as const;

test.each<{ readonly what: string; readonly b: Partial<ClusterView>; readonly listens: boolean }>([
  { what: 'has all it asks for', b: {}, listens: false },
  { what: 'keeps one that is out of reach', b: { reachable: false }, listens: false },
  { what: 'keeps one that is driven away, until another comes', b: { taints: [drivenAway] }, listens: true },
  {
    what: 'keeps one that is driven away and out of reach',
    b: { taints: [drivenAway], reachable: false },
    listens: true,
  },
])('PL-42 a placement that $what listens to clusters that it has not chosen: $listens', ({ b, listens }) => {
  const request = requestOf({ numberOfClusters: 2 });
  const outcome = schedule(snapshotOf([view('a'), view('b', b)]), request, before(['a', 'b']));
  expect(outcome.choices.map(({ cluster }) => cluster.name)).toEqual(['a', 'b']);
  expect(dependenciesOf(request, outcome).settled).toBe(!listens);
});
