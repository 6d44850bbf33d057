import type { CelLibrary } from '../library.ts';
import { boolType, type CelType, intType, opaqueType, stringType } from '../types.ts';
import { CelOpaque, type CelValue } from '../values.ts';
import {
  accepts,
  accessorCost,
  declare,
  evaluating,
  global,
  member,
  noSuchOverload,
  textOf,
  walkCost,
} from './declare.ts';
import {
  AddressError,
  formatIp,
  type IpAddress,
  isGlobalUnicast,
  isLinkLocalMulticast,
  isLinkLocalUnicast,
  isLoopback,
  isUnspecified,
  parseIp,
} from './ip-address.ts';

export const ipType: CelType = opaqueType('net.IP');

/** An IP address as a value. */
export class CelIp extends CelOpaque {
  readonly type = ipType;
  readonly address: IpAddress;

  constructor(address: IpAddress) {
    super();
    this.address = address;
  }

  equals(other: CelValue): boolean {
    const { family, value } = ipOf(other);
    return this.address.family === family && this.address.value === value;
  }

  /** In bytes. */
  override size(): number {
    return this.address.family === 4 ? 4 : 16;
  }
}

/** The address in a value of type `net.IP`. */
export function ipOf(value: CelValue | undefined): IpAddress {
  if (value instanceof CelIp) return value.address;
  throw noSuchOverload();
}

/** `ip('10.0.0.1')`, as an address. */
function ipFromText(text: string): IpAddress {
  return evaluating(AddressError, () => parseIp(text));
}

const test = (name: string, id: string, holds: (address: IpAddress) => boolean) =>
  declare(name, member(id, [ipType], boolType, { call: ([ip]) => holds(ipOf(ip)), cost: accessorCost }));

/** IP addresses: since Kubernetes 1.30. KA-102 */
export const ipLibrary: CelLibrary = {
  name: 'kubernetes.net.ip',
  types: [ipType],
  functions: [
    declare(
      'ip',
      global('string_to_ip', [stringType], ipType, {
        call: ([text]) => new CelIp(ipFromText(textOf(text))),
        cost: walkCost(),
      }),
    ),
    declare(
      'isIP',
      global('is_ip', [stringType], boolType, {
        call: ([text]) => accepts(AddressError, () => parseIp(textOf(text))),
        cost: walkCost(),
      }),
    ),
    declare(
      'ip.isCanonical',
      global('ip_is_canonical', [stringType], boolType, {
        call: ([text]) => formatIp(ipFromText(textOf(text))) === text,
        cost: walkCost(2),
      }),
    ),
    declare(
      'family',
      member('ip_family', [ipType], intType, { call: ([ip]) => BigInt(ipOf(ip).family), cost: accessorCost }),
    ),
    test('isUnspecified', 'ip_is_unspecified', isUnspecified),
    test('isLoopback', 'ip_is_loopback', isLoopback),
    test('isLinkLocalMulticast', 'ip_is_link_local_multicast', isLinkLocalMulticast),
    test('isLinkLocalUnicast', 'ip_is_link_local_unicast', isLinkLocalUnicast),
    test('isGlobalUnicast', 'ip_is_global_unicast', isGlobalUnicast),
    declare('string', global('ip_to_string', [ipType], stringType, { call: ([ip]) => formatIp(ipOf(ip)) })),
  ],
};
