import { expect, test } from 'vitest';
import { whyOf } from './why.ts';

test.each([
  {
    name: 'PL-34 a cluster that was chosen first is said to be chosen, and by what',
    verdict: { reason: 'Kept' as const, message: 'it was chosen before and still fits' },
    recorded: 'Chosen',
    want: 'it fits and was chosen: its labels have tier=gold, as the placement asks',
  },
  {
    name: 'PL-34 one whose decision says more than that is explained',
    verdict: { reason: 'KeptUnreachable' as const, message: 'it stays' },
    recorded: 'KeptUnreachable',
    want: 'it stays',
  },
  {
    name: 'PL-34 so is one that is not chosen',
    verdict: { reason: 'TermsNotMet' as const, message: 'no term fits' },
    recorded: undefined,
    want: 'no term fits',
  },
])('$name', ({ verdict, recorded, want }) => {
  expect(whyOf(verdict as Parameters<typeof whyOf>[0], recorded)).toBe(want);
});
