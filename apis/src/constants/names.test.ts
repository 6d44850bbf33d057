import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { memberUserName, readMemberUser } from './identity.ts';
import { boundedName, clusterSetNamespaceName, labelValueOf, memberNamespaceName } from './names.ts';

const dnsLabel = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const clusterName = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);

test.each([
  { name: 'DL-10 a short name stays as it is', got: memberNamespaceName('m1'), want: 'member-m1' },
  { name: 'DL-10 56 characters just fit', got: memberNamespaceName('x'.repeat(56)), want: `member-${'x'.repeat(56)}` },
  {
    name: 'DL-10 57 characters are cut and hashed',
    got: memberNamespaceName('x'.repeat(57)),
    want: `member-${'x'.repeat(45)}-${boundedName(`member-${'x'.repeat(57)}`, 63).slice(-10)}`,
  },
  { name: 'CI-11 the namespace of a set', got: clusterSetNamespaceName('edge'), want: 'clusterset-edge' },
  { name: 'DL-10 a label value is the name where it fits', got: labelValueOf('a.b'), want: 'a.b' },
])('$name', ({ got, want }) => expect(got).toBe(want));

test('the hash of a name never changes: namespaces are found by it', () => {
  expect(boundedName('member-'.padEnd(70, 'x'), 63)).toBe(
    'member-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx-iekcui6vpe',
  );
});

describe('laws', () => {
  test('DL-10 every cluster name gives a namespace name', () => {
    fc.assert(
      fc.property(clusterName, (name) => {
        const namespace = memberNamespaceName(name);
        expect(namespace.length).toBeLessThanOrEqual(63);
        expect(namespace).toMatch(dnsLabel);
      }),
    );
  });

  test('DL-10 long names that differ only at their end do not meet', () => {
    fc.assert(
      fc.property(fc.uniqueArray(clusterName, { minLength: 2, maxLength: 5 }), (ends) => {
        const names = ends.map((end) => boundedName(`${'a'.repeat(80)}${end}`, 63));
        expect(new Set(names).size).toBe(ends.length);
      }),
    );
  });

  test('RG-6 a user name gives its cluster name back', () => {
    fc.assert(
      fc.property(clusterName, (name) => {
        expect(readMemberUser(memberUserName(name, 'uid-1'))).toEqual({ clusterName: name, clusterUID: 'uid-1' });
      }),
    );
  });
});

test.each(['quarterdeck:member:', 'quarterdeck:hub', 'system:node:m1', ''])('RG-6 %j is no member', (user) => {
  expect(readMemberUser(user)).toBeUndefined();
});

test('RG-4 a user name without a cluster says so', () => {
  expect(readMemberUser('quarterdeck:member:m1')).toEqual({ clusterName: 'm1', clusterUID: '' });
  expect(readMemberUser('quarterdeck:member:m1:')).toEqual({ clusterName: 'm1', clusterUID: '' });
  expect(readMemberUser('quarterdeck:member:m1:a:b')).toEqual({ clusterName: 'm1', clusterUID: 'a:b' });
});
