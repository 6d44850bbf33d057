import { goQuote } from '../../schema/go-text.ts';
import { AddressError, formatIp, type IpAddress, isMapped, type ParsedAddress, parseAddress } from './ip-address.ts';

/** A block of addresses as written: the bits after the prefix are kept (`192.168.0.1/24`). KA-102 */
export interface CidrBlock {
  readonly ip: IpAddress;
  readonly prefixLength: number;
}

/**
 * `address/length`, as Go's netip.ParsePrefix; no leading zeros, no zones, no IPv4-mapped IPv6.
 * @throws AddressError
 */
export function parseCidr(text: string): CidrBlock {
  const slash = text.lastIndexOf('/');
  if (slash < 0) throw failure(text, "no '/'");
  const ip = addressOf(text, slash);
  if (ip.hasZone) throw failure(text, 'IPv6 zones cannot be present in a prefix');
  const bits = text.slice(slash + 1);
  if (!/^(?:[0-9]|[1-9][0-9]+)$/.test(bits) || BigInt(bits) >= 1n << 63n) {
    throw failure(text, `bad bits after slash: ${goQuote(bits)}`);
  }
  const prefixLength = Number(bits);
  if (prefixLength > bitLength(ip)) throw failure(text, 'prefix length out of range');
  if (isMapped(ip)) throw new AddressError(`IPv4-mapped IPv6 address ${goQuote(text)} is not allowed`);
  return { ip: { family: ip.family, value: ip.value }, prefixLength };
}

export function formatCidr({ ip, prefixLength }: CidrBlock): string {
  return `${formatIp(ip)}/${prefixLength}`;
}

/** With all bits after the prefix zero. */
export function maskedCidr({ ip, prefixLength }: CidrBlock): CidrBlock {
  const hostBits = BigInt(bitLength(ip) - prefixLength);
  return { ip: { family: ip.family, value: (ip.value >> hostBits) << hostBits }, prefixLength };
}

export function blockContainsIp(block: CidrBlock, address: IpAddress): boolean {
  if (block.ip.family !== address.family) return false;
  const hostBits = BigInt(bitLength(address) - block.prefixLength);
  return block.ip.value >> hostBits === address.value >> hostBits;
}

/** Whether every address of `inner` is in `outer`. */
export function blockContainsBlock(outer: CidrBlock, inner: CidrBlock): boolean {
  return outer.prefixLength <= inner.prefixLength && blockContainsIp(outer, inner.ip);
}

const bitLength = (address: IpAddress) => (address.family === 4 ? 32 : 128);

function addressOf(text: string, slash: number): ParsedAddress {
  try {
    return parseAddress(text.slice(0, slash));
  } catch (error) {
    if (error instanceof AddressError) throw failure(text, error.message);
    throw error;
  }
}

function failure(text: string, message: string): AddressError {
  return new AddressError(
    `network address parse error during conversion from string: netip.ParsePrefix(${goQuote(text)}): ${message}`,
  );
}
