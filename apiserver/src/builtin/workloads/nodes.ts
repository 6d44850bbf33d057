import type { FieldError } from '@quarterdeck/apis';
import type { JsonObject } from '@quarterdeck/machinery';
import {
  forbiddenField,
  invalidField,
  objectAt,
  objectsAt,
  stringAt,
  stringsAt,
  valueAt,
  withValue,
} from '../../registry/fields.ts';
import { labelValueProblems, qualifiedNameProblems } from '../../registry/names.ts';
import { duplicateField, each } from '../checks.ts';
import { ageColumn, cell, nameColumn, textColumn } from '../columns.ts';
import { dataKind, status } from '../data-kind.ts';
import { cidrErrors } from '../network/ip.ts';

const rolePrefix = 'node-role.kubernetes.io/';
const roleLabel = 'kubernetes.io/role';

function statusText(node: JsonObject): string {
  const ready = objectsAt(node, 'status', 'conditions').findLast(
    (condition) => stringAt(condition, 'type') === 'Ready',
  );
  const base = ready === undefined ? 'Unknown' : stringAt(ready, 'status') === 'True' ? 'Ready' : 'NotReady';
  return valueAt(node, 'spec', 'unschedulable') === true ? `${base},SchedulingDisabled` : base;
}

function roles(node: JsonObject): string {
  const found = Object.entries(objectAt(node, 'metadata', 'labels')).flatMap(([label, value]) => {
    if (label.startsWith(rolePrefix)) return label === rolePrefix ? [] : [label.slice(rolePrefix.length)];
    return label === roleLabel && value !== '' ? [String(value)] : [];
  });
  return [...new Set(found)].sort().join(',');
}

const address = (node: JsonObject, type: string): string =>
  stringAt(objectsAt(node, 'status', 'addresses').find((one) => stringAt(one, 'type') === type) ?? {}, 'address');

const info = (field: string) => (node: JsonObject) => stringAt(node, 'status', 'nodeInfo', field) || '<unknown>';

function validate(node: JsonObject): FieldError[] {
  const taints = objectsAt(node, 'spec', 'taints').map(
    (taint) => `${stringAt(taint, 'key')}:${stringAt(taint, 'effect')}`,
  );
  return [
    ...each(objectAt(node, 'spec'), 'spec', 'taints', (taint, path, index) => [
      ...qualifiedNameProblems(stringAt(taint, 'key')).map((problem) =>
        invalidField(`${path}.key`, stringAt(taint, 'key'), problem),
      ),
      ...labelValueProblems(stringAt(taint, 'value')).map((problem) =>
        invalidField(`${path}.value`, stringAt(taint, 'value'), problem),
      ),
      ...(taints.indexOf(taints[index] ?? '') === index ? [] : [duplicateField(path, taint)]),
    ]),
    ...stringsAt(node, 'spec', 'podCIDRs').flatMap((cidr, index) => cidrErrors(cidr, `spec.podCIDRs[${index}]`)),
  ];
}

/** The range of a node's pods is the first of its ranges; where the two differ, the single one counts. */
function withAllRanges(node: JsonObject): JsonObject {
  const podCIDR = stringAt(node, 'spec', 'podCIDR');
  const first = stringsAt(node, 'spec', 'podCIDRs')[0] ?? '';
  if (podCIDR === first) return node;
  return podCIDR === ''
    ? withValue(node, ['spec', 'podCIDR'], first)
    : withValue(node, ['spec', 'podCIDRs'], [podCIDR]);
}

/** What a node is called by others is set once. */
function validateUpdate(node: JsonObject, old: JsonObject): FieldError[] {
  const before = stringAt(old, 'spec', 'providerID');
  const cidrs = stringsAt(old, 'spec', 'podCIDRs');
  return [
    ...(before !== '' && stringAt(node, 'spec', 'providerID') !== before
      ? [forbiddenField('spec.providerID', 'node updates may not change providerID except from "" to valid')]
      : []),
    ...(cidrs.length > 0 && stringsAt(node, 'spec', 'podCIDRs').join() !== cidrs.join()
      ? [forbiddenField('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid')]
      : []),
  ];
}

/** Who registers a node says at once how it is. KA-3 */
export const nodes = dataKind({
  group: '',
  kind: 'Node',
  plural: 'nodes',
  scope: 'Cluster',
  shortNames: ['no'],
  allColumns: [
    nameColumn,
    cell('Status', 'Whether it takes pods.', statusText),
    textColumn('Roles', 'From its labels.', roles),
    ageColumn,
    cell('Version', 'Of its kubelet.', (node) => stringAt(node, 'status', 'nodeInfo', 'kubeletVersion')),
    textColumn('Internal-IP', 'Its address within the cluster.', (node) => address(node, 'InternalIP'), 1),
    textColumn('External-IP', 'Its address from outside.', (node) => address(node, 'ExternalIP'), 1),
    cell('OS-Image', 'Its operating system.', info('osImage'), { priority: 1 }),
    cell('Kernel-Version', 'Its kernel.', info('kernelVersion'), { priority: 1 }),
    cell('Container-Runtime', 'What runs its containers.', info('containerRuntimeVersion'), { priority: 1 }),
  ],
  selectableFields: [
    { path: 'spec.unschedulable', value: (node) => String(valueAt(node, 'spec', 'unschedulable') === true) },
  ],
  subresources: { status },
  strategy: { complete: withAllRanges, validate, validateUpdate },
});
