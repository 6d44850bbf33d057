import { expect, test } from 'vitest';
import { familyOf, ipNumber, ipText } from './ip.ts';

test.each([
  ['10.0.0.1', '10.0.0.1'],
  ['fe80:0:0:0:42:1dff:fe84:f9e2', 'fe80::42:1dff:fe84:f9e2'],
  ['0:0:0:0:0:0:0:0', '::'],
  ['0:0:0:0:0:0:0:1', '::1'],
  ['2001:db8:0:0:1:0:0:0', '2001:db8:0:0:1::'],
  ['1:0:2:0:3:0:4:0', '1:0:2:0:3:0:4:0'],
  ['::ffff:10.0.0.1', '::ffff:a00:1'],
])('KA-3 the usual form of %s is %s', (ip, want) => {
  expect(ipText(ipNumber(ip) ?? -1n, familyOf(ip) ?? 'IPv4')).toBe(want);
});
