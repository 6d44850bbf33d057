import { expect, test } from 'vitest';
import { allPolicies } from '../policies/all.ts';
import { policyVerdicts } from './policy-verdicts.ts';

test('every policy has a verdict for and one against', () => {
  for (const policy of allPolicies) {
    const own = policyVerdicts.filter((verdict) => verdict.policy === policy);
    expect([
      own.some(({ refused }) => refused === undefined),
      own.some(({ refused }) => refused !== undefined),
    ]).toEqual([true, true]);
  }
});
