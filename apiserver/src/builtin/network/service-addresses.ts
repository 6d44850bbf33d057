import { type FieldError, invalid } from '@quarterdeck/apis';
import { isJsonObject, type JsonObject } from '@quarterdeck/machinery';
import type { AdmissionAttributes, AdmissionContext, AdmissionPlugin, Commit } from '../../admission/admission.ts';
import { readStoredObject } from '../../authz/stored-object.ts';
import { objectBody } from '../../cache/body.ts';
import type { Store } from '../../cache/store.ts';
import {
  invalidField,
  listAt,
  numberAt,
  objectAt,
  objectsAt,
  stringAt,
  stringsAt,
  valueAt,
  withValue,
} from '../../registry/fields.ts';
import { ExpectationFailedError, type StorageKey } from '../../storage/storage.ts';
import { type Cidr, cidrContains, cidrSize, cidrText, familyOf, ipText, parseCidr } from './ip.ts';
import { needsHealthPort, serviceType, takesNodePorts } from './service-rules.ts';

/** Where Services get their addresses and node ports, and how the server itself is one of them. */
export interface ServiceNetwork {
  /** Its first address is that of the Service `kubernetes`. Default `10.96.0.0/12`. */
  readonly cidr?: string;
  /** Default 30000 to 32767. */
  readonly nodePorts?: { readonly first: number; readonly last: number };
  /**
   * Where the server listens, for the endpoints of the Service `kubernetes`. It has none when the address is one that no
   * other machine can reach, such as 127.0.0.1.
   */
  readonly endpoint: { readonly ip: string; readonly port: number };
}

export const defaultServiceCidr = '10.96.0.0/12';
const defaultPorts = { first: 30_000, last: 32_767 };
const attempts = 128;
const remembered = 256;

/** What was given out last, as requests that are on their way are not in the store yet. */
interface Recent {
  has(given: string): boolean;
  add(given: string): void;
}

function createRecent(): Recent {
  const given = new Set<string>();
  return {
    has: (one) => given.has(one),
    add(one) {
      given.add(one);
      const [oldest] = given;
      if (given.size > remembered && oldest !== undefined) given.delete(oldest);
    },
  };
}

/** The address of the Service `kubernetes`: the first of the range. */
export function firstAddress(cidr: string): string {
  const range = parsed(cidr);
  return ipText(range.network + 1n, range.family);
}

/** @throws Error for a range that is none: a mistake of who configures the server */
function parsed(cidr: string): Cidr {
  const range = parseCidr(cidr);
  if (range === undefined) throw new Error(`${cidr} is no address range for Services, such as ${defaultServiceCidr}`);
  return range;
}

/**
 * Gives Services the addresses and ports that they do not bring, and refuses those that others have. What is taken is read
 * from the store, and what was given out a moment ago is not given again. Each write that takes an address or a port also
 * writes one row that all of them write, so that of two that take the same in the same moment, in whatever process, the second
 * looks again and is refused. KA-2
 */
export function serviceAddressPlugin({
  cidr = defaultServiceCidr,
  nodePorts = defaultPorts,
}: Pick<ServiceNetwork, 'cidr' | 'nodePorts'>): AdmissionPlugin {
  const range = parsed(cidr);
  const recent = createRecent();
  return {
    name: 'ServiceAddresses',
    handles: ({ operation, group, resource, subresource }) =>
      (operation === 'CREATE' || operation === 'UPDATE') &&
      group === '' &&
      resource === 'services' &&
      subresource === '',
    mutate: (attributes, context) =>
      withPorts(withAddress(attributes, context, { range, recent }), attributes, context, { ...nodePorts, recent }),
    charge: takeInTurn,
  };
}

/** Its revision is the turn: whoever takes something moves it. */
const turnKey: StorageKey = { resource: 'service-network-turns.quarterdeck.dev', namespace: '', name: 'turn' };
const turnBody = objectBody({ metadata: { name: turnKey.name } });

async function takeInTurn<T>(
  { object, oldObject = {}, name, dryRun }: AdmissionAttributes & { readonly object: JsonObject },
  { store }: AdmissionContext,
  commit: Commit<T>,
): Promise<T> {
  const held = new Set(holdingsOf(oldObject));
  const isTaking = holdingsOf(object).some((holding) => !held.has(holding));
  for (let attempt = 1; ; attempt += 1) {
    const expect = store.get(turnKey)?.revision ?? 'absent';
    if (isTaking) refuse(object, name, lateProblems(object, oldObject, store));
    if (!isTaking || dryRun) return commit([]);
    try {
      return await commit([{ type: 'put', key: turnKey, body: turnBody, expect }]);
    } catch (error) {
      const isLate = error instanceof ExpectationFailedError && error.key.resource === turnKey.resource;
      if (!isLate || attempt === attempts) throw error;
      await store.fresh();
    }
  }
}

function holdingsOf(service: JsonObject): string[] {
  const ip = stringAt(service, 'spec', 'clusterIP');
  return [...(ip === '' || ip === 'None' ? [] : [ip]), ...portsOf(service).map(String)];
}

/** What somebody else took since this request was prepared. */
function lateProblems(object: JsonObject, old: JsonObject, store: Store): FieldError[] {
  const ip = stringAt(object, 'spec', 'clusterIP');
  const isNewAddress = ip !== '' && ip !== 'None' && ip !== stringAt(old, 'spec', 'clusterIP');
  const before = new Set(portsOf(old));
  const ports = portsOf(object).filter((port) => !before.has(port));
  const taken = ports.length === 0 ? new Set<number>() : takenPorts(store, object);
  return [
    ...(isNewAddress ? takenAddressErrors(ip, store, object) : []),
    ...ports
      .filter((port) => taken.has(port))
      .map((port) => invalidField('spec.ports', port, 'provided port is already allocated')),
  ];
}

function withAddress(
  { object, oldObject, name }: AdmissionAttributes & { object: JsonObject },
  { store, random }: AdmissionContext,
  { range, recent }: { readonly range: Cidr; readonly recent: Recent },
): JsonObject {
  if (serviceType(object) === 'ExternalName') return object;
  const given = stringAt(object, 'spec', 'clusterIP');
  // Whether an address may replace another is for the kind's own rules to say.
  const isNew = given !== '' && given !== 'None' && stringAt(oldObject ?? {}, 'spec', 'clusterIP') === '';
  if (isNew) refuse(object, name, addressProblems(given, range, store, object));
  const ip = given === '' ? freeAddress(store, range, random, recent) : given;
  const family = ip === 'None' ? range.family : (familyOf(ip) ?? range.family);
  const spec = objectAt(object, 'spec');
  return {
    ...object,
    spec: {
      ...spec,
      clusterIP: ip,
      clusterIPs: stringsAt(spec, 'clusterIPs').length === 0 ? [ip] : [...stringsAt(spec, 'clusterIPs')],
      ipFamilies: valueAt(spec, 'ipFamilies') ?? [family],
      ipFamilyPolicy: valueAt(spec, 'ipFamilyPolicy') ?? 'SingleStack',
    },
  };
}

function addressProblems(ip: string, range: Cidr, store: Store, object: JsonObject): FieldError[] {
  if (familyOf(ip) === undefined) return [];
  const path = 'spec.clusterIPs';
  if (!cidrContains(range, ip)) {
    const why = `failed to allocate IP ${ip}: the provided IP (${ip}) is not in the valid range. The range of valid IPs is ${cidrText(range)}`;
    return [invalidField(path, [ip], why)];
  }
  return takenAddressErrors(ip, store, object);
}

function takenAddressErrors(ip: string, store: Store, object: JsonObject): FieldError[] {
  const isTaken = addressHolders(store, ip).some((holder) => !isSame(holder, object));
  if (!isTaken) return [];
  return [invalidField('spec.clusterIPs', [ip], `failed to allocate IP ${ip}: provided IP is already allocated`)];
}

interface Holder {
  readonly namespace: string;
  readonly name: string;
}

const isSame = ({ namespace, name }: Holder, object: JsonObject): boolean =>
  namespace === stringAt(object, 'metadata', 'namespace') && name === stringAt(object, 'metadata', 'name');

/** By the index of a selectable field: no object is decoded. */
function addressHolders(store: Store, ip: string): readonly Holder[] {
  const matches = ({ index }: { index: { fields: Readonly<Record<string, string>> } }) =>
    index.fields['spec.clusterIP'] === ip;
  return store.list({ resource: 'services', matches }).entries.map(({ key }) => key);
}

function freeAddress(store: Store, range: Cidr, random: () => number, recent: Recent): string {
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

function withPorts(
  object: JsonObject,
  { name, oldObject }: AdmissionAttributes,
  { store, random }: AdmissionContext,
  bounds: { readonly first: number; readonly last: number; readonly recent: Recent },
): JsonObject {
  if (!takesNodePorts(object)) return object;
  const taken = takenPorts(store, object);
  const before = new Set(portsOf(oldObject ?? {}));
  const mayGive =
    serviceType(object) === 'NodePort' || valueAt(object, 'spec', 'allocateLoadBalancerNodePorts') !== false;
  const byNumber = new Map<string, number>();
  const errors: FieldError[] = [];
  const pick = (): number => {
    for (let attempt = 0; attempt < attempts * attempts; attempt += 1) {
      const port = bounds.first + Math.floor(random() * (bounds.last - bounds.first + 1));
      const isOpen = attempt >= attempts || !bounds.recent.has(String(port));
      if (isOpen && !taken.has(port)) {
        taken.add(port);
        bounds.recent.add(String(port));
        return port;
      }
    }
    throw new Error(`no free node port was found from ${bounds.first} to ${bounds.last}`);
  };
  const ports = listAt(object, 'spec', 'ports').map((port, index) => {
    if (!isJsonObject(port)) return port;
    const asked = numberAt(port, 'nodePort') ?? 0;
    const path = `spec.ports[${index}].nodePort`;
    if (asked === 0) return mayGive ? { ...port, nodePort: pick() } : port;
    const isKept = before.has(asked) || byNumber.has(String(asked));
    byNumber.set(String(asked), index);
    if (!isKept && (asked < bounds.first || asked > bounds.last)) {
      const why = `provided port is not in the valid range. The range of valid ports is ${bounds.first}-${bounds.last}`;
      errors.push(invalidField(path, asked, why));
    } else if (!isKept && taken.has(asked)) {
      errors.push(invalidField(path, asked, 'provided port is already allocated'));
    }
    taken.add(asked);
    return port;
  });
  refuse(object, name, errors);
  const numbered = withValue(object, ['spec', 'ports'], ports);
  const needsCheck = needsHealthPort(numbered) && (numberAt(numbered, 'spec', 'healthCheckNodePort') ?? 0) === 0;
  return needsCheck ? withValue(numbered, ['spec', 'healthCheckNodePort'], pick()) : numbered;
}

function portsOf(service: JsonObject): number[] {
  const own = objectsAt(service, 'spec', 'ports').map((port) => numberAt(port, 'nodePort') ?? 0);
  return [...own, numberAt(service, 'spec', 'healthCheckNodePort') ?? 0].filter((port) => port !== 0);
}

/** Only services that are reached through nodes hold ports: their type is indexed. */
function takenPorts(store: Store, object: JsonObject): Set<number> {
  const types = ['NodePort', 'LoadBalancer'];
  const { entries } = store.list({
    resource: 'services',
    matches: ({ index }) => types.includes(index.fields['spec.type'] ?? ''),
  });
  return new Set(
    entries.filter(({ key }) => !isSame(key, object)).flatMap((entry) => portsOf(readStoredObject(entry))),
  );
}

function refuse(object: JsonObject, name: string, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalid({ group: '', kind: stringAt(object, 'kind') || 'Service' }, name, errors);
}
