import { type Cidr, ipText, parseCidr } from './ip.ts';

/** Where Services get their addresses and node ports, and how the server itself is one of them. */
export interface ServiceNetwork {
  /** Its first address is that of the Service `kubernetes`. Default `10.96.0.0/12`. */
  readonly cidr?: string;
  /** Default 30000 to 32767. */
  readonly nodePorts?: PortRange;
  /**
   * Where the server listens, for the endpoints of the Service `kubernetes`. It has none when the address is one that no
   * other machine can reach, such as 127.0.0.1.
   */
  readonly endpoint: { readonly ip: string; readonly port: number };
}

/** Both ends are part of it. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

export const defaultServiceCidr = '10.96.0.0/12';
export const defaultNodePorts: PortRange = Object.freeze({ first: 30_000, last: 32_767 });

/** The address of the Service `kubernetes`: the first of the range. */
export function firstAddress(cidr: string): string {
  const range = serviceRange(cidr);
  return ipText(range.network + 1n, range.family);
}

/** @throws Error for a range that is none: a mistake of who configures the server */
export function serviceRange(cidr: string): Cidr {
  const range = parseCidr(cidr);
  if (range === undefined) throw new Error(`${cidr} is no address range for Services, such as ${defaultServiceCidr}`);
  return range;
}
