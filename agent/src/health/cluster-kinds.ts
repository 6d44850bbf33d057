import { conditionOf, degraded, field, type HealthRule, healthy, list, progressing, text, wordsOf } from './health.ts';

/** Rules of the kinds that make up a cluster rather than a workload: namespaces, definitions, volumes, addresses. DL-22 */

export const namespace: HealthRule = (object) => {
  if (text(object, 'status', 'phase') !== 'Terminating') return healthy;
  return progressing('Terminating', 'the namespace is being deleted');
};

export const customResourceDefinition: HealthRule = (object) => {
  const accepted = conditionOf(object, 'NamesAccepted');
  if (accepted?.status === 'False')
    return degraded(accepted.reason || 'NamesNotAccepted', wordsOf(accepted, 'its names are taken'));
  if (conditionOf(object, 'Terminating')?.status === 'True')
    return progressing('Terminating', 'its objects are being deleted');
  return conditionOf(object, 'Established')?.status === 'True'
    ? healthy
    : progressing('NotEstablished', 'not established yet');
};

export const apiService: HealthRule = (object) => {
  const available = conditionOf(object, 'Available');
  if (available?.status === 'True') return healthy;
  if (available === undefined) return progressing('NotAvailable', 'not looked at yet');
  return progressing(available.reason || 'NotAvailable', wordsOf(available, 'its server does not answer'));
};

export const persistentVolumeClaim: HealthRule = (object) => {
  const phase = text(object, 'status', 'phase');
  if (phase === 'Lost') return degraded('VolumeLost', 'its volume is lost');
  if (phase !== 'Bound') return progressing('NotBound', 'not bound to a volume yet');
  return conditionOf(object, 'Resizing')?.status === 'True'
    ? progressing('Resizing', 'its volume is being resized')
    : healthy;
};

/** An entry counts when it says where: by address or by name. */
const hasAddress = (entries: readonly unknown[]): boolean =>
  entries.some((entry) => text(entry, 'ip') !== '' || text(entry, 'hostname') !== '');

const addresses = (object: Parameters<HealthRule>[0]) => list(object, 'status', 'loadBalancer', 'ingress');

export const service: HealthRule = (object) => {
  if (field(object, 'spec', 'type') !== 'LoadBalancer' || hasAddress(addresses(object))) return healthy;
  return progressing('NoAddress', 'the load balancer has no address yet');
};

export const ingress: HealthRule = (object) =>
  hasAddress(addresses(object)) ? healthy : progressing('NoAddress', 'no controller has given it an address yet');
