import type { FieldError } from '@quarterdeck/apis';
import { equalValues, type JsonObject } from '@quarterdeck/machinery';
import type { Subresource } from '../../registry/definition.ts';
import {
  forbiddenField,
  objectAt,
  objectsAt,
  requiredField,
  stringAt,
  valueAt,
  withValue,
} from '../../registry/fields.ts';
import { duplicateField, notFoundField } from '../checks.ts';

/** `pods/NAME/ephemeralcontainers`: adds containers to a pod, to look into it; nothing else of the pod may change. KA-3 */
export const ephemeralContainersSubresource: Subresource = Object.freeze({
  type: 'part',
  kind: 'Pod',
  merge: (stored, request) =>
    withValue(stored, ['spec', 'ephemeralContainers'], valueAt(request, 'spec', 'ephemeralContainers')),
  validateUpdate: ephemeralErrors,
});

const path = 'spec.ephemeralContainers';

/** What a container that nobody counts on must not have. */
const notForThem = [
  'lifecycle',
  'livenessProbe',
  'ports',
  'readinessProbe',
  'resizePolicy',
  'resources',
  'restartPolicy',
  'restartPolicyRules',
  'startupProbe',
] as const;

function ephemeralErrors(pod: JsonObject, old: JsonObject): FieldError[] {
  if (valueAt(old, 'metadata', 'annotations', 'kubernetes.io/config.mirror') !== undefined) {
    return [forbiddenField('', 'static pods do not support ephemeral containers')];
  }
  const containers = objectsAt(pod, 'spec', 'ephemeralContainers');
  const others = ['containers', 'initContainers'].flatMap((field) =>
    objectsAt(pod, 'spec', field).map((container) => stringAt(container, 'name')),
  );
  const names = containers.map((container) => stringAt(container, 'name'));
  return [
    ...containers.flatMap((container, index) => [
      ...containerErrors(container, `${path}[${index}]`, others),
      ...(others.includes(names[index] ?? '') || names.indexOf(names[index] ?? '') !== index
        ? [duplicateField(`${path}[${index}].name`, names[index] ?? '')]
        : []),
    ]),
    ...objectsAt(old, 'spec', 'ephemeralContainers').flatMap((before) => {
      const name = stringAt(before, 'name');
      const now = containers.find((container) => stringAt(container, 'name') === name);
      if (now === undefined)
        return [forbiddenField(path, `existing ephemeral containers "${name}" may not be removed\n`)];
      return equalValues(now, before)
        ? []
        : [forbiddenField(path, `existing ephemeral containers "${name}" may not be changed\n`)];
    }),
  ];
}

function containerErrors(container: JsonObject, at: string, others: readonly string[]): FieldError[] {
  const target = stringAt(container, 'targetContainerName');
  return [
    ...['name', 'image']
      .filter((field) => stringAt(container, field) === '')
      .map((field) => requiredField(`${at}.${field}`)),
    ...(target === '' || others.includes(target) ? [] : [notFoundField(`${at}.targetContainerName`, target)]),
    ...notForThem
      .filter((field) => !isNothing(container, field))
      .map((field) => forbiddenField(`${at}.${field}`, 'cannot be set for an Ephemeral Container')),
    ...objectsAt(container, 'volumeMounts').flatMap((mount, index) =>
      ['subPath', 'subPathExpr']
        .filter((field) => stringAt(mount, field) !== '')
        .map((field) =>
          forbiddenField(`${at}.volumeMounts[${index}].${field}`, 'cannot be set for an Ephemeral Container'),
        ),
    ),
  ];
}

function isNothing(container: JsonObject, field: string): boolean {
  const value = container[field];
  if (value === undefined || value === null || value === '') return true;
  if (Array.isArray(value)) return value.length === 0;
  return Object.keys(objectAt(container, field)).length === 0;
}
