import type { JsonObject } from '@quarterdeck/machinery';
import type { ResourceDefinition } from '../../registry/definition.ts';
import { objectAt, objectsAt, stringAt, valueAt } from '../../registry/fields.ts';
import { dataKind, status } from '../data-kind.ts';
import { bindingSubresource } from './binding.ts';
import { ephemeralContainersSubresource } from './ephemeral-containers.ts';
import { podColumns } from './pod-columns.ts';
import { completePod } from './pod-defaults.ts';
import { qosClass } from './pod-qos.ts';
import { podSpecErrors } from './pod-rules.ts';
import { podUpdateErrors } from './pod-update.ts';
import { resizeSubresource } from './resize.ts';

const text =
  (...path: readonly string[]) =>
  (pod: JsonObject): string =>
    stringAt(pod, ...path);

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
      hasGeneration: true,
      complete: completePod,
      prepareForCreate: (pod) => ({ ...pod, status: { phase: 'Pending', qosClass: qosClass(objectAt(pod, 'spec')) } }),
      validate: (pod) => podSpecErrors(objectAt(pod, 'spec'), 'spec'),
      validateUpdate: (pod, old) => podUpdateErrors(pod, old, mayBind),
    },
  });
}

/** Data, with status: nothing here schedules or runs it, but somebody else may by a binding. KA-3 */
export const pods = definePods(false);

/** The same for simulated clusters, whose scheduler puts pods onto nodes by updating them. */
export const simulatedPods = definePods(true);
