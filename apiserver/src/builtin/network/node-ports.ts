import type { FieldError } from '@quarterdeck/apis';
import { isJsonObject, type JsonObject } from '@quarterdeck/machinery';
import { readStoredObject } from '../../authz/stored-object.ts';
import type { Store } from '../../cache/store.ts';
import { invalidField, listAt, numberAt, objectsAt, stringAt, valueAt, withValue } from '../../registry/fields.ts';
import type { StorageKey } from '../../storage/storage.ts';
import type { RecentlyGiven } from './recently-given.ts';
import type { PortRange } from './service-network.ts';
import { needsHealthPort, serviceType } from './service-rules.ts';

const attempts = 128;

/** Where the node ports of Services come from, and who has which. KA-2 */
export interface PortPool {
  readonly store: Pick<Store, 'list'>;
  readonly range: PortRange;
  readonly recent: RecentlyGiven;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/** The Service with a node port for each of its ports that lacks one, and what is wrong with those that it asks for. */
export interface Numbered {
  readonly service: JsonObject;
  readonly errors: readonly FieldError[];
}

/** @param old as it is stored: the ports of it may be kept, wherever they are. @throws Error when no port is free */
export function withNodePorts(service: JsonObject, old: JsonObject, pool: PortPool): Numbered {
  const { first, last } = pool.range;
  const taken = takenPorts(pool.store, service);
  const own = new Set(nodePortsOf(old));
  const mayGive =
    serviceType(service) === 'NodePort' || valueAt(service, 'spec', 'allocateLoadBalancerNodePorts') !== false;
  const errors: FieldError[] = [];
  const ports = listAt(service, 'spec', 'ports').map((port, index) => {
    if (!isJsonObject(port)) return port;
    const asked = numberAt(port, 'nodePort') ?? 0;
    if (asked === 0) return mayGive ? { ...port, nodePort: freePort(taken, pool) } : port;
    const path = `spec.ports[${index}].nodePort`;
    if (!own.has(asked) && (asked < first || asked > last)) {
      const why = `provided port is not in the valid range. The range of valid ports is ${first}-${last}`;
      errors.push(invalidField(path, asked, why));
    } else if (!own.has(asked) && taken.has(asked)) {
      errors.push(invalidField(path, asked, 'provided port is already allocated'));
    }
    // The same number serves UDP and TCP of one Service.
    own.add(asked);
    taken.add(asked);
    return port;
  });
  const numbered = withValue(service, ['spec', 'ports'], ports);
  const needsCheck = needsHealthPort(numbered) && (numberAt(numbered, 'spec', 'healthCheckNodePort') ?? 0) === 0;
  if (!needsCheck || errors.length > 0) return { service: numbered, errors };
  return { service: withValue(numbered, ['spec', 'healthCheckNodePort'], freePort(taken, pool)), errors };
}

/** Of its ports and of its health check. */
export function nodePortsOf(service: JsonObject): number[] {
  const own = objectsAt(service, 'spec', 'ports').map((port) => numberAt(port, 'nodePort') ?? 0);
  return [...own, numberAt(service, 'spec', 'healthCheckNodePort') ?? 0].filter((port) => port !== 0);
}

/** Ports of other Services. Only those that are reached through nodes hold any: their type is indexed. */
export function takenPorts(store: Pick<Store, 'list'>, service: JsonObject): Set<number> {
  const types = ['NodePort', 'LoadBalancer'];
  const isSame = ({ namespace, name }: StorageKey): boolean =>
    namespace === stringAt(service, 'metadata', 'namespace') && name === stringAt(service, 'metadata', 'name');
  const { entries } = store.list({
    resource: 'services',
    matches: ({ key, index }) => types.includes(index.fields['spec.type'] ?? '') && !isSame(key),
  });
  return new Set(entries.flatMap((entry) => nodePortsOf(readStoredObject(entry))));
}

/** Adds it to `taken`. */
function freePort(taken: Set<number>, { range: { first, last }, recent, random }: PortPool): number {
  for (let attempt = 0; attempt < attempts * attempts; attempt += 1) {
    const port = first + Math.floor(random() * (last - first + 1));
    const isOpen = attempt >= attempts || !recent.has(String(port));
    if (isOpen && !taken.has(port)) {
      taken.add(port);
      recent.add(String(port));
      return port;
    }
  }
  throw new Error(`no free node port was found from ${first} to ${last}`);
}
