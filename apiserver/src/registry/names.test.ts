import { expect, test } from 'vitest';
import {
  configKeyProblems,
  dnsLabelProblems,
  dnsSubdomainProblems,
  labelValueProblems,
  pathSegmentProblems,
  qualifiedNameProblems,
} from './names.ts';

const long = (count: number) => 'a'.repeat(count);

test.each([
  { rule: 'label', check: dnsLabelProblems, good: ['a', 'a-1', long(63)], bad: ['', 'A', 'a.b', '-a', 'a-', long(64)] },
  {
    rule: 'subdomain',
    check: dnsSubdomainProblems,
    good: ['a', 'a.b-c', long(253)],
    bad: ['', 'A.b', 'a..b', '.a', 'a_b', '..', 'a/b', long(254)],
  },
  {
    rule: 'path segment',
    check: pathSegmentProblems,
    good: ['system:Node', 'A b', '*'],
    bad: ['.', '..', 'a/b', 'a%b'],
  },
  {
    rule: 'qualified name',
    check: qualifiedNameProblems,
    good: ['a', 'A_b.c', 'x.io/y', `x.io/${long(63)}`],
    bad: ['', '/a', 'a/', 'a/b/c', 'X.io/y', long(64), '-a', 'a b'],
  },
  { rule: 'label value', check: labelValueProblems, good: ['', 'a', 'A_b.c-1'], bad: ['-a', 'a b', long(64), 'a/'] },
  {
    rule: 'config key',
    check: configKeyProblems,
    good: ['a', '.a', 'A_b-c.d'],
    bad: ['', '.', '..', '..a', 'a b', 'a/b', long(254)],
  },
])('KA-46 KA-47 KA-116 rule: $rule', ({ check, good, bad }) => {
  expect(good.filter((text) => check(text).length > 0)).toEqual([]);
  expect(bad.filter((text) => check(text).length === 0)).toEqual([]);
});
