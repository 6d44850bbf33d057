import { describe, expect, test } from 'vitest';
import { decisionSlice as slice } from '../testing/decision-slice.ts';
import { decidedClusterKey, groupSlices, readDecision } from './decision.ts';

const names = (slices: Parameters<typeof readDecision>[0]) => readDecision(slices).clusters.map(decidedClusterKey);

describe('groupSlices', () => {
  test('PD-19 slices belong together by namespace and decision key; one without a key stands alone', () => {
    const slices = [
      slice('a-0', [], { key: 'a' }),
      slice('b-0', [], { key: 'b' }),
      slice('a-1', [], { key: 'a' }),
      slice('other', [], { key: 'a', namespace: 'elsewhere' }),
      slice('lonely', []),
      slice('empty', [], { key: '' }),
    ];
    const groups = [...groupSlices(slices)].map(([key, group]) => [key, group.map(({ metadata }) => metadata.name)]);
    expect(groups).toEqual([
      ['ns/key:a', ['a-0', 'a-1']],
      ['ns/key:b', ['b-0']],
      ['elsewhere/key:a', ['other']],
      ['ns/name:lonely', ['lonely']],
      ['ns/name:empty', ['empty']],
    ]);
  });

  test('PD-19 a key that looks like a name is not taken for one', () => {
    expect(groupSlices([slice('x', []), slice('y', [], { key: 'x' })]).size).toBe(2);
  });
});

describe('readDecision', () => {
  test('PD-22 slices are ordered by their index as numbers, lists inside keep their order, no index sorts last', () => {
    const slices = [
      slice('ten', ['k'], { index: 10 }),
      slice('none-b', ['z']),
      slice('two', ['d', 'c'], { index: 2 }),
      slice('zero', ['b', 'a'], { index: 0 }),
      slice('none-a', ['y'], { index: 'first' }),
    ];
    expect(names(slices)).toEqual(['ns/b', 'ns/a', 'ns/d', 'ns/c', 'ns/k', 'ns/y', 'ns/z']);
  });

  test('PD-21 an empty namespace is that of the slice; a cluster named twice counts once, where it comes first', () => {
    const slices = [slice('s0', ['a', 'ns/b'], { index: 0 }), slice('s1', ['ns/a', 'far/a', '/b'], { index: 1 })];
    expect(names(slices)).toEqual(['ns/a', 'ns/b', 'far/a']);
  });

  test.each([
    { name: 'none', slices: [], want: { incomplete: 'NoSlices', revision: undefined, unmarked: false } },
    {
      name: 'one without marks',
      slices: [slice('a', ['m1'])],
      want: { incomplete: undefined, revision: undefined, unmarked: false },
    },
    {
      name: 'two of one revision',
      slices: [slice('a', [], { index: 0, revision: 7 }), slice('b', [], { index: 1, revision: 7 })],
      want: { incomplete: undefined, revision: '7', unmarked: false },
    },
    {
      name: 'two revisions',
      slices: [slice('a', [], { index: 0, revision: 7 }), slice('b', [], { index: 1, revision: 8 })],
      want: { incomplete: 'MixedRevisions', revision: undefined, unmarked: false },
    },
    {
      name: 'a revision on one only',
      slices: [slice('a', [], { index: 0, revision: 7 }), slice('b', [], { index: 1 })],
      want: { incomplete: 'MixedRevisions', revision: undefined, unmarked: false },
    },
    {
      name: 'a gap',
      slices: [slice('a', [], { index: 0, revision: 7 }), slice('c', [], { index: 2, revision: 7 })],
      want: { incomplete: 'IndexGap', revision: '7', unmarked: false },
    },
    {
      name: 'two without revisions',
      slices: [slice('a', [], { index: 0 }), slice('b', [], { index: 1 })],
      want: { incomplete: undefined, revision: undefined, unmarked: true },
    },
  ])('PD-19 PD-22 whether slices were written together: $name', ({ slices, want }) => {
    expect(readDecision(slices)).toMatchObject(want);
  });

  test('PD-23 a slice that is known to exist and is not there makes the set incomplete', () => {
    const one = [slice('a-0', ['m1'], { index: 0, revision: 1 })];
    expect(readDecision(one, ['a-0', 'a-1']).incomplete).toBe('SliceMissing');
    expect(readDecision(one, ['a-0']).incomplete).toBeUndefined();
  });

  test('PD-26 unknown fields and labels are of no concern', () => {
    const plain = slice('a', ['m1'], { index: 0, revision: 1 });
    const newer = {
      ...plain,
      later: { field: true },
      metadata: { ...plain.metadata, labels: { ...plain.metadata.labels, 'multicluster.x-k8s.io/later': 'x' } },
      decisions: plain.decisions.map((each) => ({ ...each, weight: 3 })),
    };
    expect(readDecision([newer])).toEqual(readDecision([plain]));
  });
});
