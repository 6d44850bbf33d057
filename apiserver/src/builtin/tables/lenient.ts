import type { FieldRow } from './table.ts';

/**
 * Fields that Kubernetes publishes as required and yet accepts without: its servers decode to Go values, where an absent
 * number, flag or list is a zero like any other, and only refuse zeros that their validation knows. Go clients rely on
 * it: they write `status: {token: "", expirationTimestamp: null}` into every TokenRequest.
 */
const acceptedWithout: ReadonlySet<string> = new Set([
  'apps.v1.DaemonSetStatus.currentNumberScheduled',
  'apps.v1.DaemonSetStatus.desiredNumberScheduled',
  'apps.v1.DaemonSetStatus.numberMisscheduled',
  'apps.v1.DaemonSetStatus.numberReady',
  'apps.v1.ReplicaSetStatus.replicas',
  'apps.v1.StatefulSetStatus.replicas',
  'authentication.v1.TokenRequest.spec',
  'authentication.v1.TokenRequestSpec.audiences',
  'authentication.v1.TokenRequestStatus.token',
  'authorization.v1.NonResourceRule.verbs',
  'authorization.v1.ResourceRule.verbs',
  'authorization.v1.SelfSubjectRulesReview.spec',
  'authorization.v1.SubjectRulesReviewStatus.nonResourceRules',
  'authorization.v1.SubjectRulesReviewStatus.resourceRules',
  'autoscaling.v1.ScaleStatus.replicas',
  'core.v1.ContainerStateTerminated.exitCode',
  'core.v1.ContainerStatus.image',
  'core.v1.ContainerStatus.imageID',
  'core.v1.ContainerStatus.restartCount',
  'core.v1.DaemonEndpoint.Port',
  'core.v1.Event.involvedObject',
  'core.v1.Event.metadata',
  'core.v1.HTTPHeader.value',
  'core.v1.ISCSIVolumeSource.lun',
  'core.v1.LinuxContainerUser.gid',
  'core.v1.LinuxContainerUser.uid',
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
  'events.v1.EventSeries.count',
  'rbac.v1.RoleRef.apiGroup',
]);

/** The one required time: Kubernetes' own validation of conditions asks for it. */
const requiredTime = 'meta.v1.Condition.lastTransitionTime';

/** Whether a missing field is an error: required as published, and refused by Kubernetes' servers too. */
export function isRequired(message: string, field: FieldRow): boolean {
  if (field.required !== true) return false;
  const path = `${message}.${field.name}`;
  switch (field.type) {
    case 'bool':
      return false;
    case 'time':
    case 'microTime':
      return path === requiredTime;
    default:
      return !acceptedWithout.has(path);
  }
}
