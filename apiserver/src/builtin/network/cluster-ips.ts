import type { FieldError } from '@quarterdeck/apis';
import type { JsonObject } from '@quarterdeck/machinery';
import type { Store } from '../../cache/store.ts';
import { invalidField, objectAt, stringAt, stringsAt, valueAt } from '../../registry/fields.ts';
import type { StorageKey } from '../../storage/storage.ts';
import { type Cidr, cidrContains, cidrSize, cidrText, familyOf, ipText } from './ip.ts';
import type { RecentlyGiven } from './recently-given.ts';

const attempts = 128;

/** Where the addresses of Services come from, and who has which. KA-2 */
export interface AddressPool {
  readonly store: Pick<Store, 'list'>;
  readonly range: Cidr;
  readonly recent: RecentlyGiven;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/** The address that a Service has or asks for; empty: it has none, and wants none where it says `None`. */
export function clusterIpOf(service: JsonObject): string {
  const ip = stringAt(service, 'spec', 'clusterIP');
  return ip === 'None' ? '' : ip;
}

/** The Service with the address that it asks for, or else one that is free. @throws Error when none is */
export function withClusterIp(service: JsonObject, pool: AddressPool): JsonObject {
  const spec = objectAt(service, 'spec');
  const ip = stringAt(spec, 'clusterIP') || freeAddress(pool);
  const ips = stringsAt(spec, 'clusterIPs');
  return {
    ...service,
    spec: {
      ...spec,
      clusterIP: ip,
      clusterIPs: ips.length === 0 ? [ip] : [...ips],
      ipFamilies: valueAt(spec, 'ipFamilies') ?? [familyOf(ip) ?? pool.range.family],
      ipFamilyPolicy: valueAt(spec, 'ipFamilyPolicy') ?? 'SingleStack',
    },
  };
}

/** Why a Service cannot have the address that it asks for. */
export function askedAddressErrors(service: JsonObject, { range, store }: AddressPool): FieldError[] {
  const ip = clusterIpOf(service);
  // What is no address at all, validation refuses.
  if (familyOf(ip) === undefined) return [];
  if (cidrContains(range, ip)) return takenAddressErrors(service, store);
  const why = `failed to allocate IP ${ip}: the provided IP (${ip}) is not in the valid range. The range of valid IPs is ${cidrText(range)}`;
  return [invalidField('spec.clusterIPs', [ip], why)];
}

/** Another Service has the address of this one. */
export function takenAddressErrors(service: JsonObject, store: Pick<Store, 'list'>): FieldError[] {
  const ip = clusterIpOf(service);
  const isSame = ({ namespace, name }: StorageKey): boolean =>
    namespace === stringAt(service, 'metadata', 'namespace') && name === stringAt(service, 'metadata', 'name');
  if (ip === '' || addressHolders(store, ip).every(isSame)) return [];
  return [invalidField('spec.clusterIPs', [ip], `failed to allocate IP ${ip}: provided IP is already allocated`)];
}

/** By the index of a selectable field: no object is decoded. */
function addressHolders(store: Pick<Store, 'list'>, ip: string): readonly StorageKey[] {
  const matches = ({ index }: { index: { fields: Readonly<Record<string, string>> } }) =>
    index.fields['spec.clusterIP'] === ip;
  return store.list({ resource: 'services', matches }).entries.map(({ key }) => key);
}

function freeAddress({ store, range, random, recent }: AddressPool): string {
  const size = cidrSize(range);
  // The first address is the server's own, the last one of IPv4 a broadcast.
  const choice = size > 3n ? Number(size > 2n ** 48n ? 2n ** 48n : size - 3n) : 1;
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const ip = ipText(range.network + 2n + BigInt(Math.floor(random() * choice)), range.family);
    // A narrow range may have nothing left but what was given a moment ago and not used.
    const isOpen = attempt >= attempts / 2 || !recent.has(ip);
    if (isOpen && addressHolders(store, ip).length === 0) {
      recent.add(ip);
      return ip;
    }
  }
  throw new Error(`no free address was found in ${cidrText(range)}: give Services a wider range`);
}
