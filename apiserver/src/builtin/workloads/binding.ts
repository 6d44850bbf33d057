import { conflict, type FieldError, type KubeObject, resourceType } from '@quarterdeck/apis';
import type { Client, JsonObject } from '@quarterdeck/machinery';
import type { ActionHandler, ResourceDefinition, Subresource } from '../../registry/definition.ts';
import {
  listAt,
  objectAt,
  objectsAt,
  requiredField,
  stringAt,
  unsupportedField,
  valueAt,
  withValue,
} from '../../registry/fields.ts';
import { dataKind } from '../data-kind.ts';

/**
 * `pods/NAME/binding`: puts a pod that is nowhere onto a node, as a scheduler does; the node need not exist. What the Binding is
 * annotated and labelled with goes to the pod. KA-3
 */
export const bindingSubresource: Subresource = Object.freeze({
  type: 'order',
  group: '',
  version: 'v1',
  kind: 'Binding',
  validate: bindingErrors,
  obey: bind,
});

function bindingErrors(binding: JsonObject): FieldError[] {
  const kind = stringAt(binding, 'target', 'kind');
  return [
    ...(kind === '' || kind === 'Node' ? [] : [unsupportedField('target.kind', kind, ['Node', '<empty>'])]),
    ...(stringAt(binding, 'target', 'name') === '' ? [requiredField('target.name')] : []),
  ];
}

/** @throws ApiError Conflict when the pod is on a node already, must wait for a gate, or is on its way out */
function bind(pod: JsonObject, binding: JsonObject, now: number): JsonObject {
  const name = stringAt(pod, 'metadata', 'name');
  const why = hindrance(pod, name);
  if (why !== undefined) throw conflict({ group: '', plural: 'pods/binding' }, name, why);
  const { nominatedNodeName: _hint, ...status } = objectAt(pod, 'status');
  return {
    ...pod,
    metadata: {
      ...objectAt(pod, 'metadata'),
      ...added(pod, binding, 'annotations'),
      ...added(pod, binding, 'labels'),
    },
    spec: { ...objectAt(pod, 'spec'), nodeName: stringAt(binding, 'target', 'name') },
    status: { ...status, conditions: scheduled(objectsAt(pod, 'status', 'conditions'), now) },
  };
}

function hindrance(pod: JsonObject, name: string): string | undefined {
  if (valueAt(pod, 'metadata', 'deletionTimestamp') !== undefined) {
    return `pod ${name} is being deleted, cannot be assigned to a host`;
  }
  const node = stringAt(pod, 'spec', 'nodeName');
  if (node !== '') return `pod ${name} is already assigned to node "${node}"`;
  if (listAt(pod, 'spec', 'schedulingGates').length > 0) return `pod ${name} has non-empty .spec.schedulingGates`;
  return undefined;
}

function added(pod: JsonObject, binding: JsonObject, field: 'annotations' | 'labels'): JsonObject {
  const more = objectAt(binding, 'metadata', field);
  return Object.keys(more).length === 0 ? {} : { [field]: { ...objectAt(pod, 'metadata', field), ...more } };
}

function scheduled(conditions: readonly JsonObject[], now: number): JsonObject[] {
  const before = conditions.find(({ type }) => type === 'PodScheduled');
  if (before?.status === 'True') return [...conditions];
  const lastTransitionTime = `${new Date(now).toISOString().slice(0, 19)}Z`;
  const condition = { type: 'PodScheduled', status: 'True', lastTransitionTime };
  return [...conditions.filter((each) => each !== before), condition];
}

const Binding = resourceType<KubeObject>('', 'v1', 'Binding', 'pods', 'Namespaced');

/** `bindings`: the same for clients of old, with the pod's name in the body alone. KA-3 */
export function bindings(client: () => Client): ResourceDefinition {
  const answer: ActionHandler = async (binding, { namespace, signal, dryRun }) => {
    const named = withValue(binding, ['metadata', 'namespace'], namespace) as unknown as KubeObject;
    const options = { signal, subresource: 'binding', ...(dryRun ? { dryRun } : {}) };
    return (await client().create(Binding, named, options)) as unknown as JsonObject;
  };
  return dataKind({
    group: '',
    kind: 'Binding',
    plural: 'bindings',
    scope: 'Namespaced',
    verbs: ['create'],
    strategy: { answer },
  });
}
