import type { JsonObject } from '@quarterdeck/machinery';
import { objectAt, objectsAt, stringAt, valueAt } from '../../registry/fields.ts';
import { ageColumn, fieldColumn, nameColumn, textColumn } from '../columns.ts';
import { dataKind, status } from '../data-kind.ts';

const rolePrefix = 'node-role.kubernetes.io/';

function statusText(node: JsonObject): string {
  const ready = objectsAt(node, 'status', 'conditions').find((condition) => stringAt(condition, 'type') === 'Ready');
  const base = ready === undefined ? 'Unknown' : stringAt(ready, 'status') === 'True' ? 'Ready' : 'NotReady';
  return valueAt(node, 'spec', 'unschedulable') === true ? `${base},SchedulingDisabled` : base;
}

function roles(node: JsonObject): string {
  const labels = Object.keys(objectAt(node, 'metadata', 'labels'));
  return labels
    .filter((label) => label.startsWith(rolePrefix) && label !== rolePrefix)
    .map((label) => label.slice(rolePrefix.length))
    .join(',');
}

export const nodes = dataKind({
  group: '',
  kind: 'Node',
  plural: 'nodes',
  scope: 'Cluster',
  shortNames: ['no'],
  allColumns: [
    nameColumn,
    textColumn('Status', 'Whether it takes pods.', statusText),
    textColumn('Roles', 'From its labels.', roles),
    ageColumn,
    fieldColumn('Version', 'Of its kubelet.', 'status', 'nodeInfo', 'kubeletVersion'),
  ],
  selectableFields: [
    { path: 'spec.unschedulable', value: (node) => String(valueAt(node, 'spec', 'unschedulable') === true) },
  ],
  subresources: { status },
  strategy: {},
});
