import type { GroupVersionKind } from '@quarterdeck/apis';

/**
 * The usual order of kinds: what others live in or depend on first. Unlisted kinds (custom resources among them) come after
 * all that are listed, webhooks at the very end. DL-1
 */
const order = [
  'Namespace',
  'CustomResourceDefinition.apiextensions.k8s.io',
  'PriorityClass.scheduling.k8s.io',
  'StorageClass.storage.k8s.io',
  'NetworkPolicy.networking.k8s.io',
  'ResourceQuota',
  'LimitRange',
  'PodDisruptionBudget.policy',
  'ServiceAccount',
  'Secret',
  'ConfigMap',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'ClusterRole.rbac.authorization.k8s.io',
  'ClusterRoleBinding.rbac.authorization.k8s.io',
  'Role.rbac.authorization.k8s.io',
  'RoleBinding.rbac.authorization.k8s.io',
  'Service',
  'DaemonSet.apps',
  'Pod',
  'ReplicationController',
  'ReplicaSet.apps',
  'Deployment.apps',
  'HorizontalPodAutoscaler.autoscaling',
  'StatefulSet.apps',
  'Job.batch',
  'CronJob.batch',
  'Ingress.networking.k8s.io',
];
const last = [
  'APIService.apiregistration.k8s.io',
  'MutatingWebhookConfiguration.admissionregistration.k8s.io',
  'ValidatingWebhookConfiguration.admissionregistration.k8s.io',
  'ValidatingAdmissionPolicy.admissionregistration.k8s.io',
  'ValidatingAdmissionPolicyBinding.admissionregistration.k8s.io',
];
const ranks = new Map([
  ...order.map((name, index): [string, number] => [name, index]),
  ...last.map((name, index): [string, number] => [name, order.length + 1 + index]),
]);

export function rankOf({ group, kind }: Pick<GroupVersionKind, 'group' | 'kind'>): number {
  return ranks.get(group === '' ? kind : `${kind}.${group}`) ?? order.length;
}

/** By rank, then by position in the Work. Deletion goes the other way round. */
export function inApplyOrder<T extends { readonly gvk: GroupVersionKind; readonly ordinal: number }>(
  items: readonly T[],
): T[] {
  return items.toSorted((a, b) => rankOf(a.gvk) - rankOf(b.gvk) || a.ordinal - b.ordinal);
}
