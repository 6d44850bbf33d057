import type { JsonObject } from '@quarterdeck/machinery';
import { timeText } from '../../pipeline/write/system-fields.ts';
import type { ResourceDefinition } from '../../registry/definition.ts';
import { objectAt, objectsAt, stringAt, valueAt, withValue } from '../../registry/fields.ts';
import { dataKind, status } from '../data-kind.ts';
import { bindingSubresource } from './binding.ts';
import { ephemeralContainersSubresource } from './ephemeral-containers.ts';
import { podColumns } from './pod-columns.ts';
import { completePod } from './pod-defaults.ts';
import { qosClass } from './pod-qos.ts';
import { podSpecErrors } from './pod-rules.ts';
import { podUpdateErrors } from './pod-update.ts';
import { podSpecWarnings } from './pod-warnings.ts';
import { resizeSubresource } from './resize.ts';

const text =
  (...path: readonly string[]) =>
  (pod: JsonObject): string =>
    stringAt(pod, ...path);

/** A pod's address is the first of its addresses; where the two differ, the single one counts. */
function withAllAddresses(pod: JsonObject): JsonObject {
  const podIP = stringAt(pod, 'status', 'podIP');
  const first = stringAt(objectsAt(pod, 'status', 'podIPs')[0] ?? {}, 'ip');
  if (podIP === first) return pod;
  return podIP === ''
    ? withValue(pod, ['status', 'podIP'], first)
    : withValue(pod, ['status', 'podIPs'], [{ ip: podIP }]);
}

/** The class was told when the pod was made; who writes a status without it keeps it. */
function withClassOf(pod: JsonObject, old: JsonObject): JsonObject {
  const known = valueAt(old, 'status', 'qosClass');
  return stringAt(pod, 'status', 'qosClass') !== '' ? pod : withValue(pod, ['status', 'qosClass'], known);
}

/** What a pod waits for that no scheduler may look at yet. */
function gatedStatus(pod: JsonObject, now: number): JsonObject {
  if (objectsAt(pod, 'spec', 'schedulingGates').length === 0) return {};
  const condition = {
    type: 'PodScheduled',
    status: 'False',
    lastTransitionTime: timeText(now),
    reason: 'SchedulingGated',
    message: 'Scheduling is blocked due to non-empty scheduling gates',
  };
  return { conditions: [condition] };
}

function definePods(mayBind: boolean): ResourceDefinition {
  return dataKind({
    group: '',
    kind: 'Pod',
    plural: 'pods',
    scope: 'Namespaced',
    shortNames: ['po'],
    categories: ['all'],
    allColumns: podColumns,
    selectableFields: [
      { path: 'spec.nodeName', value: text('spec', 'nodeName') },
      { path: 'spec.restartPolicy', value: text('spec', 'restartPolicy') },
      { path: 'spec.schedulerName', value: text('spec', 'schedulerName') },
      { path: 'spec.serviceAccountName', value: text('spec', 'serviceAccountName') },
      { path: 'spec.hostNetwork', value: (pod) => String(valueAt(pod, 'spec', 'hostNetwork') === true) },
      { path: 'status.phase', value: text('status', 'phase') },
      { path: 'status.podIP', value: (pod) => stringAt(objectsAt(pod, 'status', 'podIPs')[0] ?? {}, 'ip') },
      { path: 'status.nominatedNodeName', value: text('status', 'nominatedNodeName') },
    ],
    subresources: {
      status,
      binding: bindingSubresource,
      ephemeralcontainers: ephemeralContainersSubresource,
      resize: resizeSubresource,
    },
    strategy: {
      statusKeeps: ['ownerReferences'],
      deleteReturnsObject: 'marked',
      hasGeneration: true,
      complete: (pod) => withAllAddresses(completePod(pod)),
      prepareForCreate: (pod, { now }) => ({
        ...pod,
        status: { phase: 'Pending', qosClass: qosClass(objectAt(pod, 'spec')), ...gatedStatus(pod, now) },
      }),
      prepareForUpdate: withClassOf,
      validate: (pod) => podSpecErrors(objectAt(pod, 'spec'), 'spec'),
      validateUpdate: (pod, old) => podUpdateErrors(pod, old, mayBind),
      // Hardly anybody updates pods by hand, and kubelets do all the time.
      warnings: (pod, old) => (old === undefined ? podSpecWarnings(objectAt(pod, 'spec'), 'spec') : []),
    },
  });
}

/** Data, with status: nothing here schedules or runs it, but somebody else may by a binding. KA-3 */
export const pods = definePods(false);

/** The same for simulated clusters, whose scheduler puts pods onto nodes by updating them. */
export const simulatedPods = definePods(true);
