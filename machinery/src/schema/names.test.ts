import { expect, test } from 'vitest';
import {
  dns1035LabelProblems,
  dns1123LabelProblems,
  dns1123SubdomainProblems,
  labelValueProblems,
  pathSegmentProblems,
  qualifiedNameProblems,
} from './names.ts';

const rules = {
  dns1035LabelProblems,
  dns1123LabelProblems,
  dns1123SubdomainProblems,
  labelValueProblems,
  pathSegmentProblems,
  qualifiedNameProblems,
};

test.each<{ rule: keyof typeof rules; text: string; want: (string | RegExp)[] }>([
  { rule: 'dns1035LabelProblems', text: 'a-1', want: [] },
  { rule: 'dns1035LabelProblems', text: '1a', want: [/^a DNS-1035 label must/] },
  { rule: 'dns1123LabelProblems', text: '1a', want: [] },
  { rule: 'dns1123LabelProblems', text: 'a.b', want: ['must not contain dots'] },
  { rule: 'dns1123LabelProblems', text: 'a'.repeat(64), want: ['must be no more than 63 characters'] },
  { rule: 'dns1123LabelProblems', text: '', want: [/^a lowercase RFC 1123 label must/] },
  { rule: 'dns1123SubdomainProblems', text: 'a.b-c', want: [] },
  { rule: 'dns1123SubdomainProblems', text: 'a..b', want: [/^a lowercase RFC 1123 subdomain must/] },
  {
    rule: 'dns1123SubdomainProblems',
    text: `${'a.'.repeat(127)}`,
    want: ['must be no more than 253 characters', /^a lowercase/],
  },
  { rule: 'labelValueProblems', text: '', want: [] },
  { rule: 'labelValueProblems', text: 'A_b.1', want: [] },
  { rule: 'labelValueProblems', text: '-a', want: [/^a valid label must be an empty string or/] },
  { rule: 'pathSegmentProblems', text: 'system:x y', want: [] },
  { rule: 'pathSegmentProblems', text: '..', want: ["may not be '..'"] },
  { rule: 'pathSegmentProblems', text: 'a/%', want: ["may not contain '/'", "may not contain '%'"] },
  { rule: 'qualifiedNameProblems', text: 'a.b/C_d', want: [] },
  { rule: 'qualifiedNameProblems', text: '', want: ['name part must be non-empty', /^name part must consist of/] },
  { rule: 'qualifiedNameProblems', text: '/a', want: ['prefix part must be non-empty'] },
  { rule: 'qualifiedNameProblems', text: 'A/a', want: [/^prefix part a lowercase RFC 1123 subdomain/] },
  { rule: 'qualifiedNameProblems', text: `a/${'b'.repeat(64)}`, want: ['name part must be no more than 63 bytes'] },
  {
    rule: 'qualifiedNameProblems',
    text: 'a/b/c',
    want: [
      /^a valid label key must consist of .* with an optional DNS subdomain prefix and '\/' \(e\.g\. 'example\.com\/MyName'\)$/,
    ],
  },
])('KA-46 $rule of $text', ({ rule, text, want }) => {
  expect(rules[rule](text)).toEqual(
    want.map((line) => (typeof line === 'string' ? line : expect.stringMatching(line))),
  );
});
