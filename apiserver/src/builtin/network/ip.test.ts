import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cidrContains, cidrSize, endpointIpErrors, familyOf, ipNumber, ipText, parseCidr } from './ip.ts';

test('KA-2 an address is the same number in every spelling, and its text is the usual one', () => {
  const number = fc.oneof(
    fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }),
    fc.constantFrom(0n, 1n, 2n ** 64n, 0xffffn << 32n),
  );
  fc.assert(fc.property(number, (value) => ipNumber(ipText(value, 'IPv6')) === value));
  const short = fc.bigInt({ min: 0n, max: 2n ** 32n - 1n });
  fc.assert(fc.property(short, (value) => ipNumber(ipText(value, 'IPv4')) === value));
});

test.each([
  ['2001:0db8:0:0:0:0:0:1', '2001:db8::1'],
  ['0:0:0:0:0:0:0:0', '::'],
  ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
  ['fe80::1', 'fe80::1'],
])('KA-2 %s is written %s', (given, want) => {
  expect(ipText(ipNumber(given) ?? -1n, 'IPv6')).toBe(want);
});

test('KA-2 ranges know their family, size and members', () => {
  const range = parseCidr('10.1.2.3/16');
  expect(range).toEqual({ family: 'IPv4', network: 0x0a01_0000n, prefix: 16 });
  if (range === undefined) return;
  expect([cidrSize(range), cidrContains(range, '10.1.255.255'), cidrContains(range, '10.2.0.0')]).toEqual([
    65_536n,
    true,
    false,
  ]);
  expect(cidrContains(range, '::a01:0')).toBe(false);
  expect(['10.0.0.0', '10.0.0.0/33', '10.0.0.0/08', 'a/8', '10.0.0.0/8/8'].map(parseCidr)).toEqual(
    Array(5).fill(undefined),
  );
  expect([familyOf('1.2.3'), familyOf('1.2.3.4'), familyOf('::')]).toEqual([undefined, 'IPv4', 'IPv6']);
});

test.each(['0.0.0.0', '127.0.0.1', '::1', '169.254.1.1', 'fe80::2', '224.0.0.5', 'nothing'])(
  'KA-2 nothing is reached at %s',
  (ip) => expect(endpointIpErrors(ip, 'ip')).toHaveLength(1),
);
