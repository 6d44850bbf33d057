import { goQuote } from '../../schema/go-text.ts';

/**
 * IP addresses as Go's net/netip reads and writes them, with what Kubernetes refuses besides: zones, and IPv4 addresses
 * mapped into IPv6. KA-102
 */
export interface IpAddress {
  readonly family: 4 | 6;
  /** The address as a number of 32 or 128 bits. */
  readonly value: bigint;
}

/** Text that is no address or block, in Go's words. */
export class AddressError extends Error {
  override readonly name = 'AddressError';
}

/** @throws AddressError */
export function parseIp(text: string): IpAddress {
  let address: ParsedAddress;
  try {
    address = parseAddress(text);
  } catch (error) {
    if (!(error instanceof AddressError)) throw error;
    throw new AddressError(`IP Address ${goQuote(text)} parse error during conversion from string: ${error.message}`);
  }
  if (address.hasZone) throw new AddressError(`IP address ${goQuote(text)} with zone value is not allowed`);
  if (isMapped(address)) throw new AddressError(`IPv4-mapped IPv6 address ${goQuote(text)} is not allowed`);
  return { family: address.family, value: address.value };
}

export interface ParsedAddress extends IpAddress {
  readonly hasZone: boolean;
}

/**
 * What netip.ParseAddr accepts: zones and mapped addresses too.
 * @throws AddressError
 */
export function parseAddress(text: string): ParsedAddress {
  switch (/[.:%]/.exec(text)?.[0]) {
    case '.':
      return { family: 4, value: parseDotted(text, text), hasZone: false };
    case ':':
      return parseColons(text);
    case '%':
      throw failure(text, 'missing IPv6 address');
    default:
      throw failure(text, 'unable to parse IP');
  }
}

/** An IPv4 address that an IPv6 address carries: `::ffff:1.2.3.4`. */
export function isMapped(address: IpAddress): boolean {
  return address.family === 6 && address.value >> 32n === 0xffffn;
}

/** The canonical text: lower case, the longest run of zero fields as `::` (RFC 5952). For what {@link parseIp} gives. */
export function formatIp({ family, value }: IpAddress): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join('.');
  const fields = [112n, 96n, 80n, 64n, 48n, 32n, 16n, 0n].map((shift) => ((value >> shift) & 0xffffn).toString(16));
  const { start, length } = longestZeros(fields);
  if (length < 2) return fields.join(':');
  return `${fields.slice(0, start).join(':')}::${fields.slice(start + length).join(':')}`;
}

export const isUnspecified = ({ value }: IpAddress): boolean => value === 0n;

export function isLoopback({ family, value }: IpAddress): boolean {
  return family === 4 ? value >> 24n === 127n : value === 1n;
}

export function isLinkLocalUnicast({ family, value }: IpAddress): boolean {
  return family === 4 ? value >> 16n === 0xa9fen : value >> 118n === 0x3fan;
}

export function isLinkLocalMulticast({ family, value }: IpAddress): boolean {
  return family === 4 ? value >> 8n === 0xe00000n : ((value >> 112n) & 0xff0fn) === 0xff02n;
}

/** Whatever can be the address of one machine: private and unique local addresses are. */
export function isGlobalUnicast(address: IpAddress): boolean {
  const { family, value } = address;
  const multicast = family === 4 ? value >> 28n === 0xen : value >> 120n === 0xffn;
  const broadcast = family === 4 && value === 0xffffffffn;
  return !(isUnspecified(address) || broadcast || multicast || isLoopback(address) || isLinkLocalUnicast(address));
}

function failure(text: string, message: string, at = ''): AddressError {
  return new AddressError(`ParseAddr(${goQuote(text)}): ${message}${at === '' ? '' : ` (at ${goQuote(at)})`}`);
}

/** @param dotted the part of `text` that is written with dots */
function parseDotted(text: string, dotted: string): bigint {
  const octets: number[] = [];
  let digits = '';
  for (let at = 0; at < dotted.length; at++) {
    const character = dotted[at] ?? '';
    if (/[0-9]/.test(character)) {
      if (digits === '0') throw failure(text, 'IPv4 field has octet with leading zero');
      digits += character;
      if (Number(digits) > 255) throw failure(text, 'IPv4 field has value >255');
    } else if (character !== '.') {
      throw failure(text, 'unexpected character', dotted.slice(at));
    } else {
      if (digits === '' || at === dotted.length - 1) {
        throw failure(text, 'IPv4 field must have at least one digit', dotted.slice(at));
      }
      if (octets.length === 3) throw failure(text, 'IPv4 address too long');
      octets.push(Number(digits));
      digits = '';
    }
  }
  if (octets.length < 3) throw failure(text, 'IPv4 address too short');
  return [...octets, Number(digits)].reduce((value, octet) => (value << 8n) | BigInt(octet), 0n);
}

const maxFields = 8;

function parseColons(text: string): ParsedAddress {
  const percent = text.indexOf('%');
  if (percent >= 0 && percent === text.length - 1) throw failure(text, 'zone must be a non-empty string');
  let rest = percent < 0 ? text : text.slice(0, percent);
  const fields: bigint[] = [];
  /** How many fields stand before the `::`. */
  let gap: number | undefined;
  if (rest.startsWith('::')) {
    gap = 0;
    rest = rest.slice(2);
  }
  while (fields.length < maxFields && !(rest === '' && gap === fields.length)) {
    const digits = /^[0-9a-fA-F]*/.exec(rest)?.[0] ?? '';
    if (digits.length > 4) throw failure(text, 'each group must have 4 or less digits', rest);
    if (digits === '') throw failure(text, 'each colon-separated field must have at least one digit', rest);
    if (rest[digits.length] === '.') {
      fields.push(...embedded(text, rest, fields.length, gap));
      rest = '';
      break;
    }
    fields.push(BigInt(`0x${digits}`));
    rest = rest.slice(digits.length);
    if (rest === '') break;
    if (rest[0] !== ':') throw failure(text, 'unexpected character, want colon', rest);
    if (rest.length === 1) throw failure(text, 'colon must be followed by more characters', rest);
    rest = rest.slice(1);
    if (rest[0] !== ':') continue;
    if (gap !== undefined) throw failure(text, 'multiple :: in address', rest);
    gap = fields.length;
    rest = rest.slice(1);
  }
  if (rest !== '') throw failure(text, 'trailing garbage after address', rest);
  return { family: 6, value: joinFields(expand(text, fields, gap)), hasZone: percent >= 0 };
}

/** The two last fields of an address whose end is written with dots. */
function embedded(text: string, rest: string, position: number, gap: number | undefined): [bigint, bigint] {
  if (gap === undefined && position !== 6) {
    throw failure(text, 'embedded IPv4 address must replace the final 2 fields of the address', rest);
  }
  if (position > 6) {
    throw failure(text, 'too many hex fields to fit an embedded IPv4 at the end of the address', rest);
  }
  const value = parseDotted(text, rest);
  return [value >> 16n, value & 0xffffn];
}

function expand(text: string, fields: readonly bigint[], gap: number | undefined): readonly bigint[] {
  if (fields.length === maxFields) {
    if (gap === undefined) return fields;
    throw failure(text, 'the :: must expand to at least one field of zeros');
  }
  if (gap === undefined) throw failure(text, 'address string too short');
  const zeros = Array.from({ length: maxFields - fields.length }, () => 0n);
  return [...fields.slice(0, gap), ...zeros, ...fields.slice(gap)];
}

function joinFields(fields: readonly bigint[]): bigint {
  return fields.reduce((value, field) => (value << 16n) | field, 0n);
}

/** The first of the longest runs of zero fields. */
function longestZeros(fields: readonly string[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < fields.length; start++) {
    let end = start;
    while (fields[end] === '0') end++;
    if (end - start > best.length) best = { start, length: end - start };
  }
  return best;
}
