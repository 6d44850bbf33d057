import { expect, test } from 'vitest';
import {
  AddressError,
  formatIp,
  isGlobalUnicast,
  isLinkLocalMulticast,
  isLinkLocalUnicast,
  isLoopback,
  isUnspecified,
  parseIp,
} from './ip-address.ts';

test.each([
  ['0.0.0.0', '0.0.0.0'],
  ['255.255.255.255', '255.255.255.255'],
  ['::', '::'],
  ['::1', '::1'],
  ['1::', '1::'],
  ['2001:DB8::ABCD', '2001:db8::abcd'],
  ['2001:0db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
  ['1:0:3:4:5:6:7:8', '1:0:3:4:5:6:7:8'],
  ['::1.2.3.4', '::102:304'],
  ['64:ff9b::1.2.3.4', '64:ff9b::102:304'],
])('KA-102 %s is the address %s', (text, canonical) => {
  const address = parseIp(text);
  expect(formatIp(address)).toBe(canonical);
  expect(parseIp(canonical)).toEqual(address);
});

test.each([
  ['', 'unable to parse IP'],
  ['localhost', 'unable to parse IP'],
  ['1.2.3', 'IPv4 address too short'],
  ['1.2.3.4.5', 'IPv4 address too long'],
  ['1.2.3.04', 'leading zero'],
  ['1.2.3.256', 'value >255'],
  ['1..2.3', 'at least one digit'],
  ['1.2.3.', 'at least one digit'],
  ['1.2.3.x', 'unexpected character (at "x")'],
  ['%eth0', 'missing IPv6 address'],
  ['fe80::1%eth0', 'with zone value is not allowed'],
  ['fe80::1%', 'zone must be a non-empty string'],
  ['::ffff:1.2.3.4', 'IPv4-mapped IPv6 address'],
  ['1::2::3', 'multiple :: in address'],
  ['12345::', '4 or less digits'],
  ['1:2:3', 'address string too short'],
  ['1:2:3:4:5:6:7:8:9', 'trailing garbage'],
  ['1:2:3:4:5:6:7::8', 'must expand to at least one field of zeros'],
  [':1', 'at least one digit'],
  ['1:', 'colon must be followed by more characters'],
  ['1:2x', 'unexpected character, want colon'],
  ['1:2:3:1.2.3.4', 'must replace the final 2 fields'],
])('KA-102 %s is no address', (text, problem) => {
  expect(() => parseIp(text)).toThrow(AddressError);
  expect(() => parseIp(text)).toThrow(problem);
});

const kinds = { isUnspecified, isLoopback, isLinkLocalUnicast, isLinkLocalMulticast, isGlobalUnicast };

test.each([
  ['0.0.0.0', ['isUnspecified']],
  ['::', ['isUnspecified']],
  ['127.9.9.9', ['isLoopback']],
  ['::1', ['isLoopback']],
  ['169.254.0.1', ['isLinkLocalUnicast']],
  ['febf::1', ['isLinkLocalUnicast']],
  ['224.0.0.251', ['isLinkLocalMulticast']],
  ['ff12::1', ['isLinkLocalMulticast']],
  ['224.0.1.1', []],
  ['255.255.255.255', []],
  ['10.0.0.1', ['isGlobalUnicast']],
  ['fec0::1', ['isGlobalUnicast']],
])('KA-102 %s is of the kinds %j', (text, expected) => {
  const address = parseIp(text);
  const found = Object.entries(kinds).filter(([, holds]) => holds(address));
  expect(found.map(([name]) => name)).toEqual(expected);
});
