import type { JsonObject } from '@quarterdeck/machinery';
import { numberAt, objectAt, objectsAt, stringAt, valueAt } from '../../registry/fields.ts';
import { ageColumn, nameColumn, textColumn } from '../columns.ts';
import { dataKind, status } from '../data-kind.ts';
import { completePodSpec } from './pod-defaults.ts';
import { podSpecErrors } from './validation.ts';

function statusText(pod: JsonObject): string {
  if (valueAt(pod, 'metadata', 'deletionTimestamp') !== undefined) return 'Terminating';
  const waiting = objectsAt(pod, 'status', 'containerStatuses')
    .map(
      (container) =>
        stringAt(container, 'state', 'waiting', 'reason') || stringAt(container, 'state', 'terminated', 'reason'),
    )
    .find((reason) => reason !== '');
  return waiting ?? (stringAt(pod, 'status', 'reason') || stringAt(pod, 'status', 'phase'));
}

const containerStatuses = (pod: JsonObject) => objectsAt(pod, 'status', 'containerStatuses');

/** Data, with status: nothing here schedules or runs it. */
export const pods = dataKind({
  group: '',
  kind: 'Pod',
  plural: 'pods',
  scope: 'Namespaced',
  shortNames: ['po'],
  categories: ['all'],
  allColumns: [
    nameColumn,
    textColumn('Ready', 'Containers that are ready, of all.', (pod) => {
      const ready = containerStatuses(pod).filter((one) => valueAt(one, 'ready') === true).length;
      return `${ready}/${objectsAt(pod, 'spec', 'containers').length}`;
    }),
    textColumn('Status', 'What the pod is doing.', statusText),
    textColumn('Restarts', 'How often containers were restarted.', (pod) =>
      String(containerStatuses(pod).reduce((sum, one) => sum + (numberAt(one, 'restartCount') ?? 0), 0)),
    ),
    ageColumn,
    textColumn('IP', 'Address of the pod.', (pod) => stringAt(pod, 'status', 'podIP'), 1),
    textColumn('Node', 'Where it runs.', (pod) => stringAt(pod, 'spec', 'nodeName'), 1),
  ],
  selectableFields: [
    { path: 'spec.nodeName', value: (pod) => stringAt(pod, 'spec', 'nodeName') },
    { path: 'spec.restartPolicy', value: (pod) => stringAt(pod, 'spec', 'restartPolicy') },
    { path: 'spec.schedulerName', value: (pod) => stringAt(pod, 'spec', 'schedulerName') },
    { path: 'spec.serviceAccountName', value: (pod) => stringAt(pod, 'spec', 'serviceAccountName') },
    { path: 'status.phase', value: (pod) => stringAt(pod, 'status', 'phase') },
    { path: 'status.podIP', value: (pod) => stringAt(pod, 'status', 'podIP') },
    { path: 'status.nominatedNodeName', value: (pod) => stringAt(pod, 'status', 'nominatedNodeName') },
  ],
  subresources: { status },
  strategy: {
    hasGeneration: true,
    complete: (pod) => ({ ...pod, spec: completePodSpec(objectAt(pod, 'spec')) }),
    prepareForCreate: (pod) => ({ ...pod, status: { phase: 'Pending', qosClass: 'BestEffort' } }),
    validate: (pod) => podSpecErrors(objectAt(pod, 'spec'), 'spec'),
  },
});
