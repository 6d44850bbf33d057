import { expect, test } from 'vitest';
import { blockContainsBlock, blockContainsIp, formatCidr, maskedCidr, parseCidr } from './cidr-block.ts';
import { AddressError, parseIp } from './ip-address.ts';

test.each([
  ['10.1.2.3/8', '10.0.0.0/8'],
  ['10.1.2.3/0', '0.0.0.0/0'],
  ['10.1.2.3/32', '10.1.2.3/32'],
  ['2001:db8:ffff::1/33', '2001:db8:8000::/33'],
  ['::1/128', '::1/128'],
])('KA-102 %s keeps its address and is in the block %s', (text, masked) => {
  const block = parseCidr(text);
  expect(formatCidr(block)).toBe(text);
  expect(formatCidr(maskedCidr(block))).toBe(masked);
});

test.each([
  ['10.0.0.0', "no '/'"],
  ['10.0.0.0/', 'bad bits after slash: ""'],
  ['10.0.0.0/08', 'bad bits after slash: "08"'],
  ['10.0.0.0/-1', 'bad bits after slash: "-1"'],
  ['10.0.0.0/33', 'prefix length out of range'],
  ['::/129', 'prefix length out of range'],
  ['10.0.0/8', 'IPv4 address too short'],
  ['fe80::1%eth0/64', 'IPv6 zones cannot be present in a prefix'],
  ['::ffff:1.2.3.4/120', 'IPv4-mapped IPv6 address'],
])('KA-102 %s is no block', (text, problem) => {
  expect(() => parseCidr(text)).toThrow(AddressError);
  expect(() => parseCidr(text)).toThrow(problem);
});

test.each([
  ['192.168.0.0/24', '192.168.0.255', true],
  ['192.168.0.77/24', '192.168.0.1', true],
  ['192.168.0.0/24', '192.168.1.0', false],
  ['0.0.0.0/0', '10.0.0.1', true],
  ['0.0.0.0/0', '::1', false],
  ['2001:db8::/32', '2001:db8:1::1', true],
])('KA-102 whether %s contains %s: %s', (block, address, expected) => {
  expect(blockContainsIp(parseCidr(block), parseIp(address))).toBe(expected);
});

test.each([
  ['10.0.0.0/8', '10.1.0.0/16', true],
  ['10.0.0.0/8', '10.0.0.0/8', true],
  ['10.1.0.0/16', '10.0.0.0/8', false],
  ['10.0.0.0/8', '11.0.0.0/16', false],
  ['::/0', '10.0.0.0/8', false],
])('KA-102 whether %s contains the block %s: %s', (outer, inner, expected) => {
  expect(blockContainsBlock(parseCidr(outer), parseCidr(inner))).toBe(expected);
});
