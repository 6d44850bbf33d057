import type { FieldError } from '@quarterdeck/apis';
import {
  equalValues,
  type JsonObject,
  labelSelectorToRequirements,
  matchesLabels,
  SelectorError,
} from '@quarterdeck/machinery';
import {
  invalidField,
  numberAt,
  objectAt,
  objectsAt,
  requiredField,
  stringAt,
  valueAt,
} from '../../registry/fields.ts';

/** Rules that keep a simulated workload meaningful: not all of Kubernetes', but none that Kubernetes has not. */

export function podSpecErrors(spec: JsonObject, path: string): FieldError[] {
  const containers = objectsAt(spec, 'containers');
  return [
    ...(containers.length === 0 ? [requiredField(`${path}.containers`)] : []),
    ...containers.flatMap((container, index) => [
      ...(stringAt(container, 'name') === '' ? [requiredField(`${path}.containers[${index}].name`)] : []),
      ...(stringAt(container, 'image') === '' ? [requiredField(`${path}.containers[${index}].image`)] : []),
    ]),
  ];
}

/** A selector that chooses the pods of its own template, and a count that is none too small. */
export function workloadErrors(object: JsonObject): FieldError[] {
  const replicas = numberAt(object, 'spec', 'replicas');
  return [
    ...selectorErrors(object),
    ...podSpecErrors(objectAt(object, 'spec', 'template', 'spec'), 'spec.template.spec'),
    ...(replicas !== undefined && replicas < 0
      ? [invalidField('spec.replicas', replicas, 'must be greater than or equal to 0')]
      : []),
  ];
}

function selectorErrors(object: JsonObject): FieldError[] {
  const selector = objectAt(object, 'spec', 'selector');
  if (Object.keys(selector).length === 0) return [requiredField('spec.selector')];
  const labels = objectAt(object, 'spec', 'template', 'metadata', 'labels');
  try {
    const texts = Object.fromEntries(Object.entries(labels).map(([key, value]) => [key, String(value)]));
    if (matchesLabels(labelSelectorToRequirements(selector), texts)) return [];
    return [invalidField('spec.template.metadata.labels', labels, '`selector` does not match template `labels`')];
  } catch (error) {
    if (!(error instanceof SelectorError)) throw error;
    return [invalidField('spec.selector', selector, error.message)];
  }
}

export function immutableField(object: JsonObject, old: JsonObject, ...path: readonly string[]): FieldError[] {
  const value = valueAt(object, ...path);
  return equalValues(value, valueAt(old, ...path)) ? [] : [invalidField(path.join('.'), value, 'field is immutable')];
}
