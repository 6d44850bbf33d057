import { groupResourceName } from '@quarterdeck/apis';
import { type JsonObject, type Quantity, quantityOf, wholeValue } from '@quarterdeck/machinery';
import { numberAt, objectsAt, stringAt, valueAt } from '../../registry/fields.ts';
import { isExtended, isOver, podResources, quotaNames } from './pod-usage.ts';
import { maxLists, type ResourceList, readQuantity, readResourceList, sumLists } from './resource-list.ts';

/** What objects count for in a quota, by the names that quotas use. Pure. KA-119 */

export interface QuotaResource {
  readonly group: string;
  /** Plural. */
  readonly resource: string;
}

/** Resources whose bare name counts their objects, as `count/NAME` does. */
const aliases: readonly string[] = ['configmaps', 'replicationcontrollers', 'resourcequotas', 'secrets'];
const podNames: readonly string[] = [
  'pods',
  ...['cpu', 'memory', 'ephemeral-storage'].flatMap((name) => [name, `requests.${name}`, `limits.${name}`]),
];
const serviceNames: readonly string[] = ['services', 'services.loadbalancers', 'services.nodeports'];
const claimNames: readonly string[] = ['persistentvolumeclaims', 'requests.storage'];
const classSuffix = '.storageclass.storage.k8s.io/';

export const countName = ({ group, resource }: QuotaResource): string =>
  `count/${groupResourceName({ group, plural: resource })}`;

const isCore = (of: QuotaResource, resource: string): boolean => of.group === '' && of.resource === resource;

/** Whether objects of this resource are counted under this name. */
export function countsUnder(of: QuotaResource, name: string): boolean {
  if (name === countName(of)) return true;
  if (of.group !== '') return false;
  switch (of.resource) {
    case 'pods':
      return podNames.includes(name) || /^(requests\.)?hugepages-/.test(name) || isExtendedRequest(name);
    case 'services':
      return serviceNames.includes(name);
    case 'persistentvolumeclaims':
      return claimNames.includes(name) || claimNames.some((claim) => name.endsWith(classSuffix + claim));
    default:
      return name === of.resource && aliases.includes(name);
  }
}

const isExtendedRequest = (name: string): boolean =>
  name.startsWith('requests.') && isExtended(name.slice('requests.'.length));

/** The resource whose objects a name counts: which lists a quota is computed from. Undefined: nothing that is known. */
export function countedBy(name: string): QuotaResource | undefined {
  if (name.startsWith('count/')) {
    const [resource = '', ...group] = name.slice('count/'.length).split('.');
    return { resource, group: group.join('.') };
  }
  const core = ['pods', 'services', 'persistentvolumeclaims', ...aliases].map((resource) => ({ group: '', resource }));
  return core.find((resource) => countsUnder(resource, name));
}

/** Core resources whose objects count for more or less as they change; all others count as long as they are there. */
export const varyingResources: ReadonlySet<string> = new Set(['pods', 'services', 'persistentvolumeclaims']);

/** What one object counts for. @param now epoch ms: pods that are over take nothing */
export function usageOf(of: QuotaResource, object: JsonObject, now: number): ResourceList {
  const count: ResourceList = new Map([[countName(of), one]]);
  if (isCore(of, 'pods')) return podUsage(count, object, now);
  if (isCore(of, 'services')) return serviceUsage(count, object);
  if (isCore(of, 'persistentvolumeclaims')) return claimUsage(count, object);
  return of.group === '' && aliases.includes(of.resource) ? new Map([...count, [of.resource, one]]) : count;
}

const one: Quantity = quantityOf(1);

function podUsage(count: ResourceList, pod: JsonObject, now: number): ResourceList {
  if (isOver(pod, now)) return count;
  const amounts = quotaNames(podResources(pod, 'requests'), podResources(pod, 'limits'));
  return new Map([...count, ['pods', one], ...amounts]);
}

function serviceUsage(count: ResourceList, service: JsonObject): ResourceList {
  const ports = objectsAt(service, 'spec', 'ports');
  const type = stringAt(service, 'spec', 'type');
  const isBalanced = type === 'LoadBalancer';
  const chosenOnly = isBalanced && valueAt(service, 'spec', 'allocateLoadBalancerNodePorts') === false;
  const nodePorts = chosenOnly ? ports.filter((port) => (numberAt(port, 'nodePort') ?? 0) !== 0) : ports;
  const takesPorts = isBalanced || type === 'NodePort';
  return new Map([
    ...count,
    ['services', one],
    ['services.loadbalancers', quantityOf(isBalanced ? 1 : 0)],
    ['services.nodeports', quantityOf(takesPorts ? nodePorts.length : 0)],
  ]);
}

function claimUsage(count: ResourceList, claim: JsonObject): ResourceList {
  const className =
    stringAt(claim, 'metadata', 'annotations', 'volume.beta.kubernetes.io/storage-class') ||
    stringAt(claim, 'spec', 'storageClassName');
  let amounts: ResourceList = new Map([['persistentvolumeclaims', one]]);
  const asked = readQuantity(valueAt(claim, 'spec', 'resources', 'requests', 'storage'));
  if (asked !== undefined) {
    // A claim that was larger, and is still being made smaller, counts as it is.
    const allocated = readResourceList(valueAt(claim, 'status', 'allocatedResources'));
    const larger = maxLists(new Map([['storage', asked]]), allocated).get('storage') ?? asked;
    amounts = sumLists(
      amounts,
      new Map([['requests.storage', { ...larger, nanos: wholeValue(larger) * 1_000_000_000n }]]),
    );
  }
  const ofClass =
    className === '' ? [] : [...amounts].map(([name, quantity]) => [className + classSuffix + name, quantity] as const);
  return new Map([...count, ...amounts, ...ofClass]);
}
