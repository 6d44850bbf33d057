import { annotation, type Condition, type Stored, Work } from '@quarterdeck/apis';
import { expect, test } from 'vitest';
import { stored } from '../../../testing/builders.ts';
import { decide } from './decide.ts';

const now = Date.parse('2026-01-01T00:10:00Z');
const complete = (status: Condition['status'], lastTransitionTime: string, observedGeneration = 1): Condition => ({
  type: 'Complete',
  status,
  reason: 'R',
  message: '',
  lastTransitionTime,
  observedGeneration,
});
const work = (seconds: string | undefined, condition: Condition | undefined, metadata: Work['metadata'] = {}) =>
  stored(Work, 'w', {
    metadata: {
      namespace: 'member-m1',
      ...(seconds === undefined ? {} : { annotations: { [annotation.removeAfterCompletion]: seconds } }),
      ...metadata,
    },
    ...(condition === undefined ? {} : { status: { conditions: [condition] } }),
  });
const gone = [{ verb: 'delete', type: Work, ref: { name: 'w', namespace: 'member-m1' }, uid: 'uid-w' }];
const done = complete('True', '2026-01-01T00:09:00Z');

test.each<{ name: string; work: Stored<Work>; writes: unknown[]; after?: number }>([
  { name: 'its time is over', work: work('60', done), writes: gone },
  { name: 'at once, by a zero', work: work('0', done), writes: gone },
  { name: 'its time is not over', work: work('90', done), writes: [], after: 30_000 },
  { name: 'its time is far off', work: work('999999999', done), writes: [], after: 3_600_000 },
  { name: 'it does not ask', work: work(undefined, done), writes: [] },
  { name: 'what it asks for is no number', work: work('soon', done), writes: [] },
  { name: 'it is not complete', work: work('0', complete('False', '2026-01-01T00:00:00Z')), writes: [] },
  { name: 'nothing is known', work: work('0', undefined), writes: [] },
  {
    name: 'it was complete as it was before',
    work: work('0', complete('True', '2026-01-01T00:00:00Z', 0)),
    writes: [],
  },
  {
    name: 'it belongs to a WorkSet',
    work: work('0', done, { labels: { 'quarterdeck.dev/workset': 's' } }),
    writes: [],
  },
  { name: 'it goes already', work: work('0', done, { deletionTimestamp: '2026-01-01T00:09:30Z' }), writes: [] },
])('DL-7 a complete Work is removed when it asked for it: $name', ({ work: seen, writes, after }) => {
  expect(decide(seen, now)).toEqual({ writes, requeueAfterMs: after });
});
