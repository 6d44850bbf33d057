import { expect, test } from 'vitest';
import { allPolicies } from '../policies/all.ts';
import { policyVerdicts } from './policy-verdicts.ts';

test('every policy that refuses has a verdict for and one against', () => {
  for (const policy of allPolicies) {
    if (!policy.binding.spec.validationActions.includes('Deny')) continue;
    const own = policyVerdicts.filter((verdict) => verdict.policy === policy);
    expect([
      own.some(({ refused }) => refused === undefined),
      own.some(({ refused }) => refused !== undefined),
    ]).toEqual([true, true]);
  }
});
