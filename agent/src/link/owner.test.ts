import { memberAccountName } from '@quarterdeck/apis';
import { testAuthority } from '@quarterdeck/machinery/testing';
import { describe, expect, test } from 'vitest';
import type { Held } from './held.ts';
import { clusterUIDOf, isOfCluster, otherOwner } from './owner.ts';

const authority = testAuthority('hub');
const certificateOf = (user: string): Held => {
  const { cert, key } = authority.issue(user);
  return { make: 'certificate', certificate: cert, key };
};
const tokenOf = (user: string, clusterUID: string): Held => {
  const token = ['{}', JSON.stringify({ sub: user }), 's']
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.');
  return { make: 'token', token, account: memberAccountName(clusterUID), issued: 0, expires: 1 };
};
const accountUser = (namespace: string) => `system:serviceaccount:${namespace}:${memberAccountName('u1')}`;

describe('RG-4 whose a kept identity is', () => {
  test.each([
    { name: 'a certificate of this name', held: certificateOf('quarterdeck:member:m1:u1'), want: undefined },
    { name: 'a certificate of another name', held: certificateOf('quarterdeck:member:m2:u1'), want: 'm2' },
    { name: 'a name that only begins alike', held: certificateOf('quarterdeck:member:m10:u1'), want: 'm10' },
    { name: 'a certificate of no member', held: certificateOf('alice'), want: 'alice' },
    { name: 'a token of this name', held: tokenOf(accountUser('member-m1'), 'u1'), want: undefined },
    { name: 'a token of another', held: tokenOf(accountUser('member-m2'), 'u1'), want: accountUser('member-m2') },
    {
      name: 'a token that tells nothing',
      held: { make: 'token', token: 'opaque', account: 'a', issued: 0, expires: 1 } as const,
      want: undefined,
    },
  ])('$name', ({ held, want }) => expect(otherOwner(held, 'm1')).toBe(want));

  test.each([certificateOf('quarterdeck:member:m1:u1'), tokenOf(accountUser('member-m1'), 'u1')])(
    'the cluster, by $make',
    (held) => {
      expect([isOfCluster(held, 'u1'), isOfCluster(held, 'u2')]).toEqual([true, false]);
    },
  );

  test('the uid as the certificate has it', () => {
    const { cert } = authority.issue('quarterdeck:member:m1:u1');
    expect([clusterUIDOf(cert), clusterUIDOf(authority.issue('alice').cert)]).toEqual(['u1', '']);
  });
});
