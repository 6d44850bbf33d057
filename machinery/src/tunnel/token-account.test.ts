import { expect, test } from 'vitest';
import { decodeTokenAccount, encodeTokenAccount } from './token-account.ts';

test.each([
  { namespace: 'default', name: 'reader' },
  { namespace: 'a-1', name: 'a.b-c.d' },
])('RG-51 a service account arrives as it was sent: %j', (account) => {
  const header = encodeTokenAccount(account);
  expect(header).toMatch(/^[\x21-\x7e]+$/);
  expect(decodeTokenAccount(header)).toEqual(account);
});

test.each([
  '',
  '%',
  'null',
  '[]',
  '{"namespace":"a"}',
  '{"namespace":1,"name":"a"}',
  encodeTokenAccount({ namespace: '../a', name: 'b' }),
  encodeTokenAccount({ namespace: 'a', name: 'b/token' }),
  encodeTokenAccount({ namespace: 'a.b', name: 'c' }),
  encodeTokenAccount({ namespace: 'a', name: '' }),
])('RG-51, SEC-14 %s names no service account', (header) => {
  expect(decodeTokenAccount(header)).toBeUndefined();
});
