import type { JsonObject } from '@quarterdeck/machinery';
import { getStoredObject, readStoredObject } from '../authz/stored-object.ts';
import type { Store } from '../cache/store.ts';
import { numberAt, objectsAt, stringAt, stringsAt, valueAt } from '../registry/fields.ts';

export interface ServicePort {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
}

/** Where connections for a service go, or why they can go nowhere. */
export type ResolveService = (
  service: ServicePort,
) => { readonly host: string; readonly port: number } | { readonly problem: string };

/**
 * Finds a service of this hub. Its cluster IP carries no traffic, as there is no service network, and nothing makes
 * endpoints here; what leads somewhere is an external name, and endpoints that somebody wrote. KA-106b
 */
export function createServiceResolver(store: Pick<Store, 'get' | 'list'>): ResolveService {
  return ({ namespace, name, port }) => {
    const service = getStoredObject(store, { resource: 'services', namespace, name });
    if (service === undefined) return { problem: `service "${namespace}/${name}" does not exist on this hub` };
    if (stringAt(service, 'spec', 'type') === 'ExternalName') {
      return { host: stringAt(service, 'spec', 'externalName'), port };
    }
    const servicePort = objectsAt(service, 'spec', 'ports').find((each) => numberAt(each, 'port') === port);
    if (servicePort === undefined) return { problem: `service "${namespace}/${name}" has no port ${port}` };
    const [found] = [...slicesOf(store, namespace, name), ...subsetsOf(store, namespace, name)].flatMap(
      ({ hosts, ports }) => {
        const target = ports.find((each) => stringAt(each, 'name') === stringAt(servicePort, 'name'));
        const number = target === undefined ? undefined : numberAt(target, 'port');
        return number === undefined ? [] : hosts.map((host) => ({ host, port: number }));
      },
    );
    if (found !== undefined) return found;
    const why = `service "${namespace}/${name}" has no endpoints: the hub has no service network and runs no pods`;
    return { problem: `${why}; name a url instead, or write an EndpointSlice` };
  };
}

interface Targets {
  readonly hosts: readonly string[];
  readonly ports: readonly JsonObject[];
}

function slicesOf(store: Pick<Store, 'list'>, namespace: string, service: string): Targets[] {
  const { entries } = store.list({
    resource: 'endpointslices.discovery.k8s.io',
    namespace,
    matches: ({ index }) => index.labels['kubernetes.io/service-name'] === service,
  });
  return entries.map((entry) => {
    const slice = readStoredObject(entry);
    const ready = objectsAt(slice, 'endpoints').filter((each) => valueAt(each, 'conditions', 'ready') !== false);
    return { hosts: ready.flatMap((each) => stringsAt(each, 'addresses')), ports: objectsAt(slice, 'ports') };
  });
}

function subsetsOf(store: Pick<Store, 'get'>, namespace: string, name: string): Targets[] {
  const endpoints = getStoredObject(store, { resource: 'endpoints', namespace, name });
  if (endpoints === undefined) return [];
  return objectsAt(endpoints, 'subsets').map((subset) => ({
    hosts: objectsAt(subset, 'addresses').map((address) => stringAt(address, 'ip')),
    ports: objectsAt(subset, 'ports'),
  }));
}
