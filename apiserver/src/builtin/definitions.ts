import type { ResourceDefinition } from '../registry/definition.ts';
import { ipAddresses, serviceCidrs } from './network/addresses.ts';
import { endpointSlices } from './network/endpoint-slices.ts';
import { endpoints } from './network/endpoints.ts';
import { ingressClasses } from './network/ingress-classes.ts';
import { ingresses } from './network/ingresses.ts';
import { networkPolicies } from './network/network-policies.ts';
import { services } from './network/services.ts';
import { flowSchemas } from './policy/flow-schemas.ts';
import { limitRanges } from './policy/limit-ranges.ts';
import { priorityClasses } from './policy/priority-classes.ts';
import { priorityLevels } from './policy/priority-levels.ts';
import { resourceQuotas } from './policy/resource-quotas.ts';
import { validatingAdmissionPolicies, validatingAdmissionPolicyBindings } from './registration/admission-policies.ts';
import { apiServices } from './registration/api-services.ts';
import { mutatingWebhooks, validatingWebhooks } from './registration/webhooks.ts';
import { volumeAttachments } from './volumes/attachments.ts';
import { persistentVolumeClaims } from './volumes/claims.ts';
import { storageClasses, volumeAttributesClasses } from './volumes/classes.ts';
import { csiDrivers, csiNodes, csiStorageCapacities } from './volumes/csi.ts';
import { persistentVolumes } from './volumes/persistent-volumes.ts';
import { horizontalPodAutoscalers } from './workloads/autoscalers.ts';
import { controllerRevisions } from './workloads/controller-revisions.ts';
import { cronJobs } from './workloads/cron-jobs.ts';
import { daemonSets } from './workloads/daemon-sets.ts';
import { deployments } from './workloads/deployments.ts';
import { podDisruptionBudgets } from './workloads/disruption-budgets.ts';
import { jobs } from './workloads/jobs.ts';
import { nodes } from './workloads/nodes.ts';
import { podTemplates } from './workloads/pod-templates.ts';
import { pods } from './workloads/pods.ts';
import { replicaSets } from './workloads/replica-sets.ts';
import { replicationControllers } from './workloads/replication-controllers.ts';
import { runtimeClasses } from './workloads/runtime-classes.ts';
import { statefulSets } from './workloads/stateful-sets.ts';

/**
 * Every built-in kind beyond those that each server has: stored, defaulted and checked as Kubernetes does, and moved by
 * nobody here but where a controller or an admission rule says so. KA-1, KA-2, KA-3
 */
export const dataDefinitions: readonly ResourceDefinition[] = Object.freeze([
  services,
  endpoints,
  pods,
  podTemplates,
  replicationControllers,
  nodes,
  resourceQuotas,
  limitRanges,
  persistentVolumes,
  persistentVolumeClaims,
  deployments,
  replicaSets,
  statefulSets,
  daemonSets,
  controllerRevisions,
  jobs,
  cronJobs,
  podDisruptionBudgets,
  horizontalPodAutoscalers,
  ingresses,
  ingressClasses,
  networkPolicies,
  ipAddresses,
  serviceCidrs,
  endpointSlices,
  runtimeClasses,
  priorityClasses,
  storageClasses,
  volumeAttributesClasses,
  csiDrivers,
  csiNodes,
  csiStorageCapacities,
  volumeAttachments,
  flowSchemas,
  priorityLevels,
  validatingWebhooks,
  mutatingWebhooks,
  validatingAdmissionPolicies,
  validatingAdmissionPolicyBindings,
  apiServices,
]);
