import { isIPv4, isIPv6 } from 'node:net';
import type { FieldError } from '@quarterdeck/apis';
import { invalidField } from '../../registry/fields.ts';

/** Addresses and ranges, as numbers where they are computed with. */
export type Family = 'IPv4' | 'IPv6';

export interface Cidr {
  readonly family: Family;
  readonly network: bigint;
  readonly prefix: number;
}

export function familyOf(ip: string): Family | undefined {
  if (isIPv4(ip)) return 'IPv4';
  return isIPv6(ip) ? 'IPv6' : undefined;
}

const bitsOf = (family: Family): number => (family === 'IPv4' ? 32 : 128);

/** @returns undefined for what is no address */
export function ipNumber(ip: string): bigint | undefined {
  if (isIPv4(ip)) return ip.split('.').reduce((sum, part) => (sum << 8n) | BigInt(part), 0n);
  if (!isIPv6(ip) || ip.includes('%')) return undefined;
  return ipv6Groups(ip).reduce((sum, group) => (sum << 16n) | BigInt(group), 0n);
}

function ipv6Groups(ip: string): number[] {
  const last = ip.slice(ip.lastIndexOf(':') + 1);
  const quad = isIPv4(last) ? (ipNumber(last) ?? 0n) : undefined;
  const text =
    quad === undefined
      ? ip
      : `${ip.slice(0, -last.length)}${(quad >> 16n).toString(16)}:${(quad & 0xffffn).toString(16)}`;
  const [head = '', tail] = text.split('::');
  const read = (part: string) =>
    part
      .split(':')
      .filter((group) => group !== '')
      .map((group) => Number.parseInt(group, 16));
  const [left, right] = [read(head), read(tail ?? '')];
  return tail === undefined ? left : [...left, ...Array<number>(8 - left.length - right.length).fill(0), ...right];
}

/** The usual form of an address. */
export function ipText(number: bigint, family: Family): string {
  if (family === 'IPv4') return [24n, 16n, 8n, 0n].map((shift) => String((number >> shift) & 0xffn)).join('.');
  const text = Array.from({ length: 8 }, (_, index) =>
    ((number >> BigInt(16 * (7 - index))) & 0xffffn).toString(16),
  ).join(':');
  const runs = [...text.matchAll(/(?:^|(?<=:))0(?::0)+(?=:|$)/g)];
  const [first, ...more] = runs;
  if (first === undefined) return text;
  const longest = more.reduce((best, run) => (run[0].length > best[0].length ? run : best), first);
  const [head, tail] = [text.slice(0, longest.index), text.slice(longest.index + longest[0].length)];
  return `${head.replace(/:$/, '')}::${tail.replace(/^:/, '')}`;
}

/** @returns undefined for what is no range; bits of the host are ignored */
export function parseCidr(text: string): Cidr | undefined {
  const [ip = '', length = '', ...rest] = text.split('/');
  const family = familyOf(ip);
  const number = ipNumber(ip);
  if (family === undefined || number === undefined || rest.length > 0 || !/^(?:0|[1-9]\d{0,2})$/.test(length))
    return undefined;
  const prefix = Number(length);
  const bits = bitsOf(family);
  if (prefix > bits) return undefined;
  const host = BigInt(bits - prefix);
  return { family, network: (number >> host) << host, prefix };
}

/** How many addresses the range has. */
export const cidrSize = ({ family, prefix }: Cidr): bigint => 1n << BigInt(bitsOf(family) - prefix);

export function cidrContains(cidr: Cidr, ip: string): boolean {
  const number = ipNumber(ip);
  return (
    number !== undefined &&
    familyOf(ip) === cidr.family &&
    number >= cidr.network &&
    number < cidr.network + cidrSize(cidr)
  );
}

export const cidrText = ({ family, network, prefix }: Cidr): string => `${ipText(network, family)}/${prefix}`;

export function ipErrors(ip: string, path: string): FieldError[] {
  return familyOf(ip) === undefined
    ? [invalidField(path, ip, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)')]
    : [];
}

export function cidrErrors(text: string, path: string): FieldError[] {
  return parseCidr(text) === undefined
    ? [invalidField(path, text, 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)')]
    : [];
}

const special: readonly (readonly [string, string])[] = [
  ['127.0.0.0/8', 'may not be in the loopback range (127.0.0.0/8, ::1/128)'],
  ['::1/128', 'may not be in the loopback range (127.0.0.0/8, ::1/128)'],
  ['169.254.0.0/16', 'may not be in the link-local range (169.254.0.0/16, fe80::/10)'],
  ['fe80::/10', 'may not be in the link-local range (169.254.0.0/16, fe80::/10)'],
  ['224.0.0.0/24', 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)'],
  ['ff02::/16', 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)'],
];

/** An address that something can be reached at: none of those with a meaning of their own. */
export function endpointIpErrors(ip: string, path: string): FieldError[] {
  const number = ipNumber(ip);
  if (number === undefined) return ipErrors(ip, path);
  if (number === 0n) return [invalidField(path, ip, `may not be unspecified (${ip})`)];
  return special.flatMap(([range, why]) => {
    const cidr = parseCidr(range);
    return cidr !== undefined && cidrContains(cidr, ip) ? [invalidField(path, ip, why)] : [];
  });
}
