import type { GroupVersionKind } from '@quarterdeck/apis';
import type { JsonObject } from '@quarterdeck/machinery';
import {
  apiService,
  customResourceDefinition,
  ingress,
  namespace,
  persistentVolumeClaim,
  service,
} from './cluster-kinds.ts';
import { conventions } from './conventions.ts';
import { field, type Health, type HealthRule, progressing } from './health.ts';
import { cronJob, job, pod } from './pods.ts';
import { horizontalPodAutoscaler, podDisruptionBudget } from './policies.ts';
import { daemonSet, deployment, replicaSet, statefulSet } from './workloads.ts';

const rules: ReadonlyMap<string, HealthRule> = new Map([
  ['Deployment.apps', deployment],
  ['ReplicaSet.apps', replicaSet],
  ['StatefulSet.apps', statefulSet],
  ['DaemonSet.apps', daemonSet],
  ['Job.batch', job],
  ['CronJob.batch', cronJob],
  ['Pod', pod],
  ['Namespace', namespace],
  ['PersistentVolumeClaim', persistentVolumeClaim],
  ['Service', service],
  ['Ingress.networking.k8s.io', ingress],
  ['HorizontalPodAutoscaler.autoscaling', horizontalPodAutoscaler],
  ['PodDisruptionBudget.policy', podDisruptionBudget],
  ['CustomResourceDefinition.apiextensions.k8s.io', customResourceDefinition],
  ['APIService.apiregistration.k8s.io', apiService],
]);

/** Health of a live object. An object being deleted is never healthy. Total. DL-22 */
export function healthOf({ group, kind }: Pick<GroupVersionKind, 'group' | 'kind'>, object: JsonObject): Health {
  if (field(object, 'metadata', 'deletionTimestamp') !== undefined)
    return progressing('Terminating', 'the object is being deleted');
  return (rules.get(group === '' ? kind : `${kind}.${group}`) ?? conventions)(object);
}
