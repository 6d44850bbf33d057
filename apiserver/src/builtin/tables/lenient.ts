import type { FieldRow } from './table.ts';

/**
 * Fields that Kubernetes publishes as required and yet accepts without: its servers decode to Go values, where an absent
 * number, flag or list is a zero like any other, and only refuse zeros that their validation knows. Go clients rely on
 * it: they write `status: {token: "", expirationTimestamp: null}` into every TokenRequest.
 */
const acceptedWithout: ReadonlySet<string> = new Set([
  'apps.v1.DaemonSetSpec.selector',
  'apps.v1.DeploymentSpec.selector',
  'apps.v1.ReplicaSetSpec.selector',
  'apps.v1.StatefulSetSpec.selector',
  'apiextensions.v1.CustomResourceColumnDefinition.jsonPath',
  'apiextensions.v1.CustomResourceColumnDefinition.name',
  'apiextensions.v1.CustomResourceColumnDefinition.type',
  'apiextensions.v1.CustomResourceDefinitionCondition.status',
  'apiextensions.v1.CustomResourceDefinitionCondition.type',
  'apiextensions.v1.CustomResourceSubresourceScale.specReplicasPath',
  'apiextensions.v1.CustomResourceSubresourceScale.statusReplicasPath',
  'apiextensions.v1.SelectableField.jsonPath',
  'authentication.v1.TokenRequestSpec.audiences',
  'authentication.v1.TokenRequestStatus.token',
  'authorization.v1.NonResourceRule.verbs',
  'authorization.v1.ResourceRule.verbs',
  'authorization.v1.SubjectRulesReviewStatus.nonResourceRules',
  'authorization.v1.SubjectRulesReviewStatus.resourceRules',
  'core.v1.ContainerStatus.image',
  'core.v1.ContainerStatus.imageID',
  'core.v1.HTTPHeader.value',
  'core.v1.LimitRangeSpec.limits',
  'core.v1.NodeAddress.address',
  'core.v1.NodeAddress.type',
  'core.v1.NodeSystemInfo.architecture',
  'core.v1.NodeSystemInfo.bootID',
  'core.v1.NodeSystemInfo.containerRuntimeVersion',
  'core.v1.NodeSystemInfo.kernelVersion',
  'core.v1.NodeSystemInfo.kubeProxyVersion',
  'core.v1.NodeSystemInfo.kubeletVersion',
  'core.v1.NodeSystemInfo.machineID',
  'core.v1.NodeSystemInfo.operatingSystem',
  'core.v1.NodeSystemInfo.osImage',
  'core.v1.NodeSystemInfo.systemUUID',
  'core.v1.Sysctl.value',
  'discovery.v1.EndpointSlice.endpoints',
  'rbac.v1.RoleRef.apiGroup',
  'storage.v1.CSINodeSpec.drivers',
  'storage.v1.TokenRequest.audience',
]);

/** Enums that the rules of a kind check themselves, as Kubernetes names the list and not its item. */
export const checkedElsewhere: ReadonlySet<string> = new Set([
  'core.v1.PersistentVolumeClaimSpec.accessModes',
  'core.v1.PersistentVolumeSpec.accessModes',
]);

/**
 * Whether a missing field is an error: required as published, and refused by Kubernetes' servers too. Values that Go holds
 * without a pointer are never missing there, they are zero; what is wrong with a zero is for the kind's own rules to say.
 */
export function isRequired(message: string, field: FieldRow): boolean {
  if (field.required !== true) return false;
  const path = `${message}.${field.name}`;
  switch (field.type) {
    // The time of a condition is asked for by the rules of some kinds, not by all.
    case 'bool':
    case 'time':
    case 'microTime':
      return false;
    case 'string':
    case 'bytes':
      return !acceptedWithout.has(path);
    default:
      if (field.zero === 'always' && field.repeated !== true && field.map !== true) return false;
      return !acceptedWithout.has(path);
  }
}
