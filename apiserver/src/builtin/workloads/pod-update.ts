import type { FieldError } from '@quarterdeck/apis';
import { equalValues, isJsonObject, type JsonObject } from '@quarterdeck/machinery';
import {
  forbiddenField,
  invalidField,
  listAt,
  numberAt,
  objectAt,
  objectsAt,
  stringAt,
  valueAt,
} from '../../registry/fields.ts';

const updatable =
  '`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

/**
 * A pod is made once: of its spec only images, the deadline, more tolerations and fewer gates may follow. KA-3
 * @param mayBind whether an update may put a pod that is nowhere onto a node, for lack of a binding subresource
 */
export function podUpdateErrors(pod: JsonObject, old: JsonObject, mayBind: boolean): FieldError[] {
  const spec = objectAt(pod, 'spec');
  const oldSpec = objectAt(old, 'spec');
  const counts = ['containers', 'initContainers'].filter(
    (field) => listAt(spec, field).length !== listAt(oldSpec, field).length,
  );
  if (counts.length > 0) {
    return counts.map((field) => forbiddenField(`spec.${field}`, 'pod updates may not add or remove containers'));
  }
  const errors = [...deadlineErrors(spec, oldSpec), ...tolerationErrors(spec, oldSpec), ...gateErrors(spec, oldSpec)];
  if (errors.length > 0 || equalValues(withOld(spec, oldSpec, mayBind), oldSpec)) return errors;
  return [forbiddenField('spec', `pod updates may not change fields other than ${updatable}`)];
}

/** The new spec with what may change put back. */
function withOld(spec: JsonObject, old: JsonObject, mayBind: boolean): JsonObject {
  const images = (field: string): JsonObject => {
    const before = objectsAt(old, field);
    if (spec[field] === undefined) return {};
    return {
      [field]: objectsAt(spec, field).map((container, index) => ({
        ...container,
        image: stringAt(before[index] ?? {}, 'image'),
      })),
    };
  };
  const wasGated = listAt(old, 'schedulingGates').length > 0;
  const kept = [
    'activeDeadlineSeconds',
    'tolerations',
    'schedulingGates',
    ...(wasGated ? ['nodeSelector', 'affinity'] : []),
    ...(mayBind && stringAt(old, 'nodeName') === '' ? ['nodeName'] : []),
    ...((numberAt(old, 'terminationGracePeriodSeconds') ?? 0) < 0 && spec.terminationGracePeriodSeconds === 1
      ? ['terminationGracePeriodSeconds']
      : []),
  ];
  const next: JsonObject = { ...spec, ...images('containers'), ...images('initContainers') };
  for (const field of kept) {
    const value = old[field];
    if (value === undefined) delete next[field];
    else next[field] = value;
  }
  return next;
}

function deadlineErrors(spec: JsonObject, old: JsonObject): FieldError[] {
  const path = 'spec.activeDeadlineSeconds';
  const [now, before] = [numberAt(spec, 'activeDeadlineSeconds'), numberAt(old, 'activeDeadlineSeconds')];
  if (before === undefined) return [];
  if (now === undefined) return [invalidField(path, undefined, 'must not update from a positive integer to nil value')];
  return now > before ? [invalidField(path, now, 'must be less than or equal to previous value')] : [];
}

function tolerationErrors(spec: JsonObject, old: JsonObject): FieldError[] {
  const plain = (toleration: JsonObject) => {
    const { tolerationSeconds: _seconds, ...rest } = toleration;
    return rest;
  };
  const now = objectsAt(spec, 'tolerations').map(plain);
  const lost = objectsAt(old, 'tolerations').filter((one) => !now.some((other) => equalValues(other, plain(one))));
  return lost.length === 0
    ? []
    : [forbiddenField('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds')];
}

function gateErrors(spec: JsonObject, old: JsonObject): FieldError[] {
  const before = listAt(old, 'schedulingGates')
    .filter(isJsonObject)
    .map((gate) => stringAt(gate, 'name'));
  const added = objectsAt(spec, 'schedulingGates').filter((gate) => !before.includes(stringAt(gate, 'name')));
  const value = valueAt(spec, 'schedulingGates');
  if (added.length === 0 || value === undefined) return [];
  return [
    forbiddenField(
      'spec.schedulingGates',
      `only deletion is allowed, but found new scheduling gate '${stringAt(added[0] ?? {}, 'name')}'`,
    ),
  ];
}
