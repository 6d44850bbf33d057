import { describe, expect, test } from 'vitest';
import { decisionSlice as slice } from '../testing/decision-slice.ts';
import { type DecisionSlice, readDecision } from './decision.ts';
import { differenceOf, type SettledDecision, settle, unsettled } from './settle.ts';

/** Slice 0, 1, ... of one revision, or of one revision each. */
const written = (revision: number | readonly number[], ...lists: string[][]): DecisionSlice[] =>
  lists.map((clusters, index) =>
    slice(`s${index}`, clusters, { index, revision: typeof revision === 'number' ? revision : (revision[index] ?? 0) }),
  );

/** Plays readings at times, and says what could be acted on after each. */
function play(steps: readonly { readonly at: number; readonly slices: readonly DecisionSlice[] }[]) {
  let state: SettledDecision = unsettled;
  return steps.map(({ at, slices }) => {
    state = settle({ before: state, reading: readDecision(slices), now: at });
    const clusters = state.clusters?.map(({ name }) => name).join(' ');
    const suffix = state.ended
      ? ', ended'
      : state.held === undefined
        ? ''
        : `, ${state.held.why} until ${state.held.until}`;
    return `${clusters === undefined ? 'unknown' : `[${clusters}]`}${suffix}`;
  });
}

describe('settle', () => {
  test.each([
    {
      name: 'PD-18 a complete revision counts at once, additions and removals alike',
      steps: [
        { at: 0, slices: written(1, ['a', 'b']) },
        { at: 1, slices: written(2, ['b', 'c']) },
      ],
      want: ['[a b]', '[b c]'],
    },
    {
      name: 'PD-15 PD-18 an empty list is a decision: nowhere, at once',
      steps: [
        { at: 0, slices: written(1, ['a']) },
        { at: 1, slices: written(2, []) },
      ],
      want: ['[a]', '[]'],
    },
    {
      name: 'PD-23 mixed revisions keep the old set until all agree',
      steps: [
        { at: 0, slices: written(1, ['a'], ['b']) },
        { at: 5, slices: written([2, 1], ['a'], ['b']) },
        { at: 9, slices: written(2, ['a'], ['c']) },
      ],
      want: ['[a b]', '[a b], MixedRevisions until 30005', '[a c]'],
    },
    {
      name: 'PD-23 the hold-down ends: what stands in the slices counts',
      steps: [
        { at: 0, slices: written(1, ['a'], ['b']) },
        { at: 5, slices: written([2, 1], [], ['b']) },
        { at: 30_004, slices: written([2, 1], [], ['b']) },
        { at: 30_005, slices: written([2, 1], [], ['b']) },
      ],
      want: ['[a b]', '[a b], MixedRevisions until 30005', '[a b], MixedRevisions until 30005', '[b]'],
    },
    {
      name: 'PD-23 a first look at half an update knows nothing, which is not nowhere',
      steps: [
        { at: 0, slices: written([1, 2], ['a'], ['b']) },
        { at: 30_000, slices: written([1, 2], ['a'], ['b']) },
      ],
      want: ['unknown, MixedRevisions until 30000', '[a b]'],
    },
    {
      name: 'PD-23 a slice that somebody deletes, and that comes back, is no removal',
      steps: [
        { at: 0, slices: written(1, ['a'], ['b']) },
        { at: 1, slices: written(1, ['a']) },
        { at: 2, slices: written(1, ['a'], ['b']) },
      ],
      want: ['[a b]', '[a b], ClustersVanished until 30001', '[a b]'],
    },
    {
      name: 'PD-22 a gap between indexes is an update in progress',
      steps: [
        { at: 0, slices: written(1, ['a'], ['b'], ['c']) },
        { at: 1, slices: written(1, ['a'], ['b'], ['c']).filter((_, index) => index !== 1) },
      ],
      want: ['[a b c]', '[a b c], IndexGap until 30001'],
    },
    {
      name: 'PD-18 a decision that is deleted, and stays so, ends',
      steps: [
        { at: 0, slices: written(1, ['a']) },
        { at: 1, slices: [] },
        { at: 30_001, slices: [] },
        { at: 30_002, slices: [] },
        { at: 30_003, slices: written(1, ['a']) },
      ],
      want: ['[a]', '[a], NoSlices until 30001', '[], ended', '[]', '[a]'],
    },
    {
      name: 'PD-19 one slice without a revision is written in one piece',
      steps: [
        { at: 0, slices: [slice('s', ['a', 'b'])] },
        { at: 1, slices: [slice('s', ['b'])] },
      ],
      want: ['[a b]', '[b]'],
    },
    {
      name: 'PD-23 several without revisions: additions at once, removals wait',
      steps: [
        { at: 0, slices: [slice('s', ['a']), slice('t', ['b'])] },
        { at: 30_000, slices: [slice('s', ['a']), slice('t', ['b'])] },
        { at: 30_001, slices: [slice('s', ['c']), slice('t', ['b'])] },
        { at: 60_001, slices: [slice('s', ['c']), slice('t', ['b'])] },
      ],
      want: ['unknown, Unmarked until 30000', '[a b]', '[c b a], ClustersVanished until 60001', '[c b]'],
    },
  ])('$name', ({ steps, want }) => {
    expect(play(steps)).toEqual(want);
  });
});

test('PD-18 what was added and what must be withdrawn; not knowing is neither', () => {
  const before = settle({ before: unsettled, reading: readDecision(written(1, ['a', 'b'])), now: 0 });
  const after = settle({ before, reading: readDecision(written(2, ['c', 'b'])), now: 0 });
  const names = ({ added, removed }: ReturnType<typeof differenceOf>) =>
    [added, removed].map((list) => list.map(({ name }) => name));
  expect(names(differenceOf(unsettled, before))).toEqual([['a', 'b'], []]);
  expect(names(differenceOf(before, after))).toEqual([['c'], ['a']]);
  expect(names(differenceOf(before, unsettled))).toEqual([[], []]);
});
