import type { GroupVersionKind } from '@quarterdeck/apis';
import type { JsonObject } from '@quarterdeck/machinery';
import {
  conditionOf,
  degraded,
  field,
  type Health,
  type HealthRule,
  healthy,
  isBehind,
  progressing,
  unknown,
  waitingForController,
} from './health.ts';
import { daemonSet, deployment, job, pod, replicaSet, statefulSet } from './workloads.ts';

const namespace: HealthRule = (object) =>
  field(object, 'status', 'phase') === 'Terminating' ? progressing('the namespace is being deleted') : healthy;

const customResourceDefinition: HealthRule = (object) => {
  const accepted = conditionOf(object, 'NamesAccepted');
  if (accepted?.status === 'False') return degraded(accepted.message);
  return conditionOf(object, 'Established')?.status === 'True' ? healthy : progressing('not established yet');
};

const persistentVolumeClaim: HealthRule = (object) => {
  const phase = field(object, 'status', 'phase');
  if (phase === 'Bound') return healthy;
  return phase === 'Lost' ? degraded('its volume is lost') : progressing('not bound to a volume yet');
};

const service: HealthRule = (object) => {
  if (field(object, 'spec', 'type') !== 'LoadBalancer') return healthy;
  const ingress = field(object, 'status', 'loadBalancer', 'ingress');
  return Array.isArray(ingress) && ingress.length > 0 ? healthy : progressing('the load balancer has no address yet');
};

const rules: Readonly<Record<string, HealthRule>> = {
  'Deployment.apps': deployment,
  'ReplicaSet.apps': replicaSet,
  'StatefulSet.apps': statefulSet,
  'DaemonSet.apps': daemonSet,
  'Job.batch': job,
  Pod: pod,
  Namespace: namespace,
  PersistentVolumeClaim: persistentVolumeClaim,
  Service: service,
  'CustomResourceDefinition.apiextensions.k8s.io': customResourceDefinition,
};

/** Kinds without a rule follow the common conditions where they have them; otherwise nothing can be told. */
const general: HealthRule = (object) => {
  if (isBehind(object)) return waitingForController;
  const stalled = conditionOf(object, 'Stalled');
  if (stalled?.status === 'True') return degraded(stalled.message || stalled.reason);
  const reconciling = conditionOf(object, 'Reconciling');
  if (reconciling?.status === 'True') return progressing(reconciling.message || reconciling.reason);
  const ready = conditionOf(object, 'Ready');
  if (ready === undefined) return unknown;
  return ready.status === 'True' ? healthy : progressing(ready.message || ready.reason || 'not ready');
};

/** Health of a live object. An object being deleted is never healthy. DL-22 */
export function healthOf(gvk: Pick<GroupVersionKind, 'group' | 'kind'>, object: JsonObject): Health {
  if (field(object, 'metadata', 'deletionTimestamp') !== undefined) return progressing('the object is being deleted');
  return (rules[gvk.group === '' ? gvk.kind : `${gvk.kind}.${gvk.group}`] ?? general)(object);
}
