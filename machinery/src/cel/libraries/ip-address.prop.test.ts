import { isIP } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { blockContainsIp, formatCidr, maskedCidr, parseCidr } from './cidr-block.ts';
import { AddressError, formatIp, type IpAddress, isMapped, parseAddress, parseIp } from './ip-address.ts';

const fields = fc.array(fc.oneof(fc.constant(0n), fc.bigInt(0n, 0xffffn)), { minLength: 8, maxLength: 8 });
const v6 = fields.map(
  (parts): IpAddress => ({ family: 6, value: parts.reduce((all, part) => (all << 16n) | part, 0n) }),
);
const v4 = fc.bigInt(0n, 0xffffffffn).map((value): IpAddress => ({ family: 4, value }));
const address = fc.oneof(v4, v6).filter((candidate) => !isMapped(candidate));

function accepted(text: string): boolean {
  try {
    parseIp(text);
    return true;
  } catch (error) {
    if (error instanceof AddressError) return false;
    throw error;
  }
}

test('KA-102 an address reads back from its canonical text', () => {
  fc.assert(
    fc.property(address, (candidate) => {
      expect(parseIp(formatIp(candidate))).toEqual(candidate);
    }),
  );
});

test('KA-102 what is an address is one elsewhere too, but for zones and mapped ones', () => {
  const alphabet = fc.constantFrom('0', '1', '9', '25', 'a', 'F', '.', ':', '::', '/', '%', 'g');
  const nearly = fc.array(alphabet, { maxLength: 17 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(fc.oneof(nearly, address.map(formatIp)), (text) => {
      fc.pre(!text.includes('%'));
      const isMappedText = isIP(text) === 6 && isMapped(parseAddress(text));
      expect(accepted(text)).toBe(isIP(text) !== 0 && !isMappedText);
    }),
  );
});

test('KA-102 a block contains its own address, and so does the masked one', () => {
  fc.assert(
    fc.property(address, fc.nat(128), (candidate, length) => {
      const bits = candidate.family === 4 ? Math.min(length, 32) : length;
      const block = parseCidr(`${formatIp(candidate)}/${bits}`);
      const masked = maskedCidr(block);
      expect(blockContainsIp(block, candidate)).toBe(true);
      expect(blockContainsIp(masked, candidate)).toBe(true);
      fc.pre(!isMapped(masked.ip));
      expect(parseCidr(formatCidr(masked))).toEqual(masked);
    }),
  );
});
