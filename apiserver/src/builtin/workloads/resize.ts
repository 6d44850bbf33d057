import type { FieldError } from '@quarterdeck/apis';
import { equalValues, type JsonObject } from '@quarterdeck/machinery';
import type { Subresource } from '../../registry/definition.ts';
import {
  forbiddenField,
  invalidField,
  objectAt,
  objectsAt,
  stringAt,
  valueAt,
  withValue,
} from '../../registry/fields.ts';
import { qosClass } from './pod-qos.ts';

/**
 * `pods/NAME/resize`: what the containers of a pod ask for of processor and memory, and what a change of it means for them.
 * Nothing here resizes anything; a kubelet would. KA-3
 */
export const resizeSubresource: Subresource = Object.freeze({
  type: 'part',
  kind: 'Pod',
  merge: withResources,
  validateUpdate: resizeErrors,
});

const lists = ['containers', 'initContainers'] as const;
const resizable = ['cpu', 'memory'] as const;
const parts = ['requests', 'limits'] as const;

/** The stored pod with the resources of the request; the request's containers as they are where they are not the same ones. */
function withResources(stored: JsonObject, request: JsonObject): JsonObject {
  const merged = lists.reduce((pod, list) => {
    const before = objectsAt(stored, 'spec', list);
    const asked = objectsAt(request, 'spec', list);
    if (asked.length === 0 && before.length === 0) return pod;
    const areSame = equalValues(names(before), names(asked));
    const next = areSame ? before.map((container, index) => resized(container, asked[index] ?? {})) : [...asked];
    return withValue(pod, ['spec', list], next);
  }, stored);
  return withValue(merged, ['spec', 'resources'], valueAt(request, 'spec', 'resources'));
}

const names = (containers: readonly JsonObject[]): string[] => containers.map((each) => stringAt(each, 'name'));

function resized(container: JsonObject, asked: JsonObject): JsonObject {
  return withValue(withValue(container, ['resources'], asked.resources), ['resizePolicy'], asked.resizePolicy);
}

function resizeErrors(pod: JsonObject, old: JsonObject): FieldError[] {
  const before = objectAt(old, 'spec');
  const spec = objectAt(pod, 'spec');
  if (valueAt(old, 'metadata', 'annotations', 'kubernetes.io/config.mirror') !== undefined) {
    return [forbiddenField('', 'static pods cannot be resized')];
  }
  if (stringAt(before, 'os', 'name') === 'windows') return [forbiddenField('', 'windows pods cannot be resized')];
  const quality = qosClass(spec);
  const errors = [
    ...(quality === qosClass(before)
      ? []
      : [invalidField('spec', quality, 'Pod QOS Class may not change as a result of resizing')]),
    ...(isSupported(old) ? [] : [forbiddenField('spec', 'Pod running on node without support for resize')]),
  ];
  if ([before, spec].some(hasOwnResources)) {
    return [
      ...errors,
      forbiddenField('', 'resize of pods with pod-level resources is forbidden: it is not served here'),
    ];
  }
  const moved = lists.flatMap((list) => orderErrors(list, objectsAt(spec, list), objectsAt(before, list)));
  if (moved.length > 0) return [...errors, ...moved];
  return [...errors, ...lists.flatMap((list) => listErrors(list, spec, before))];
}

function orderErrors(
  list: (typeof lists)[number],
  now: readonly JsonObject[],
  before: readonly JsonObject[],
): FieldError[] {
  if (now.length !== before.length) {
    return [forbiddenField(`spec.${list}`, `${list} may not be added or removed on resize`)];
  }
  return before.flatMap((old, index) =>
    stringAt(now[index] ?? {}, 'name') === stringAt(old, 'name')
      ? []
      : [forbiddenField(`spec.${list}[${index}].name`, `${list} may not be renamed or reordered on resize`)],
  );
}

/** A kubelet that knows of resizing says what running containers have. */
function isSupported(pod: JsonObject): boolean {
  const running = objectsAt(pod, 'status', 'containerStatuses').find(
    (each) => valueAt(each, 'state', 'running') !== undefined,
  );
  return running === undefined || running.resources !== undefined;
}

const hasOwnResources = (spec: JsonObject): boolean =>
  parts.some((part) => Object.keys(objectAt(spec, 'resources', part)).length > 0);

function listErrors(list: (typeof lists)[number], spec: JsonObject, before: JsonObject): FieldError[] {
  const now = objectsAt(spec, list);
  return objectsAt(before, list).flatMap((old, index) => {
    const container = now[index] ?? {};
    const isSidecar = stringAt(old, 'restartPolicy') === 'Always';
    if (list === 'initContainers' && !isSidecar) {
      const why = 'resources for non-sidecar init containers are immutable';
      return equalValues(container, old) ? [] : [forbiddenField('spec', why)];
    }
    const isOnlyThese = equalValues(withoutResizable(container), withoutResizable(old));
    const whose = isSidecar ? ' for sidecar containers' : '';
    return [
      ...lossErrors(container, old, `spec.${list}[${index}].resources`),
      ...(isOnlyThese ? [] : [forbiddenField('spec', `only cpu and memory resources${whose} are mutable`)]),
    ];
  });
}

/** Without what a resize may change; two that are the same then differ in nothing else. */
function withoutResizable(container: JsonObject): JsonObject {
  return parts.reduce((rest, part) => {
    const others = Object.entries(objectAt(rest, 'resources', part)).filter(
      ([name]) => !resizable.some((each) => each === name),
    );
    return withValue(rest, ['resources', part], Object.fromEntries(others));
  }, container);
}

/** What was asked for or limited may change, and not go. */
function lossErrors(container: JsonObject, old: JsonObject, path: string): FieldError[] {
  return parts
    .filter((part) => {
      const now = objectAt(container, 'resources', part);
      return Object.keys(objectAt(old, 'resources', part)).some((name) => !Object.hasOwn(now, name));
    })
    .map((part) => forbiddenField(`${path}.${part}`, `resource ${part} cannot be removed`));
}
