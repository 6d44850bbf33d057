import type { FieldError } from '@quarterdeck/apis';
import { equalValues, type JsonObject } from '@quarterdeck/machinery';
import {
  forbiddenField,
  invalidField,
  objectAt,
  requiredField,
  stringAt,
  tooLongField,
  valueAt,
} from '../../registry/fields.ts';
import { qualifiedNameProblems } from '../../registry/names.ts';
import { immutable, oneOf } from '../checks.ts';
import { ageColumn, cell } from '../columns.ts';
import { dataKind } from '../data-kind.ts';
import { withAbsent } from '../defaults.ts';

const mostParameters = 512;
const mostBytes = 256 * 1024;
const defaultAnnotations = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
];

function driverErrors(object: JsonObject, field: string): FieldError[] {
  const name = stringAt(object, field);
  if (name === '') return [requiredField(field)];
  return qualifiedNameProblems(name.toLowerCase()).map((problem) => invalidField(field, name, problem));
}

function parameterErrors(object: JsonObject, mayBeEmpty: boolean): FieldError[] {
  const parameters = Object.entries(objectAt(object, 'parameters'));
  if (parameters.length > mostParameters) return [tooLongField('parameters', mostParameters)];
  const bytes = parameters.reduce(
    (sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(String(value)),
    0,
  );
  return [
    ...parameters.flatMap(([key]) => (key === '' ? [invalidField('parameters', key, 'field can not be empty.')] : [])),
    ...(bytes > mostBytes ? [tooLongField('parameters', mostBytes)] : []),
    ...(!mayBeEmpty && parameters.length === 0
      ? [requiredField('parameters', 'must contain at least one key/value pair')]
      : []),
  ];
}

const unchanged = (object: JsonObject, old: JsonObject, field: string): FieldError[] =>
  equalValues(valueAt(object, field), valueAt(old, field))
    ? []
    : [forbiddenField(field, `updates to ${field} are forbidden.`)];

/** KA-3 */
export const storageClasses = dataKind({
  group: 'storage.k8s.io',
  kind: 'StorageClass',
  plural: 'storageclasses',
  scope: 'Cluster',
  shortNames: ['sc'],
  allColumns: [
    {
      ...cell('Name', 'Name of the class, and whether it is the default.', (object) => {
        const isDefault = defaultAnnotations.some((key) => stringAt(object, 'metadata', 'annotations', key) === 'true');
        return `${stringAt(object, 'metadata', 'name')}${isDefault ? ' (default)' : ''}`;
      }),
      format: 'name',
    },
    cell('Provisioner', 'Who provides its volumes.', (object) => stringAt(object, 'provisioner')),
    cell(
      'ReclaimPolicy',
      'What becomes of released volumes.',
      (object) => stringAt(object, 'reclaimPolicy') || 'Delete',
    ),
    cell(
      'VolumeBindingMode',
      'When a claim gets its volume.',
      (object) => stringAt(object, 'volumeBindingMode') || 'Immediate',
    ),
    cell(
      'AllowVolumeExpansion',
      'Whether volumes may grow.',
      (object) => valueAt(object, 'allowVolumeExpansion') === true,
    ),
    ageColumn,
  ],
  strategy: {
    deleteReturnsObject: true,
    complete: (object) => withAbsent(object, { reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' }),
    validate: (object) => [
      ...driverErrors(object, 'provisioner'),
      ...parameterErrors(object, true),
      ...oneOf(object, '', 'reclaimPolicy', ['Delete', 'Retain']),
      ...oneOf(object, '', 'volumeBindingMode', ['Immediate', 'WaitForFirstConsumer'], true),
    ],
    validateUpdate: (object, old) => [
      ...['parameters', 'provisioner', 'reclaimPolicy'].flatMap((field) => unchanged(object, old, field)),
      ...immutable(object, old, 'volumeBindingMode'),
    ],
  },
});

/** KA-3 */
export const volumeAttributesClasses = dataKind({
  group: 'storage.k8s.io',
  kind: 'VolumeAttributesClass',
  plural: 'volumeattributesclasses',
  scope: 'Cluster',
  shortNames: ['vac'],
  columns: [cell('DriverName', 'The driver that knows the parameters.', (object) => stringAt(object, 'driverName'))],
  strategy: {
    deleteReturnsObject: true,
    validate: (object) => [...driverErrors(object, 'driverName'), ...parameterErrors(object, false)],
    validateUpdate: (object, old) => ['driverName', 'parameters'].flatMap((field) => unchanged(object, old, field)),
  },
});
