import type { FieldError } from '@quarterdeck/apis';
import { compareQuantities, equalValues, type JsonObject } from '@quarterdeck/machinery';
import {
  forbiddenField,
  invalidField,
  objectAt,
  requiredField,
  stringAt,
  valueAt,
  withValue,
} from '../../registry/fields.ts';
import { dnsSubdomainProblems } from '../../registry/names.ts';
import { fractionWarnings, named, oneOf, quantityOrNone, selectorProblems } from '../checks.ts';
import { ageColumn, cell, nameColumn } from '../columns.ts';
import { dataKind, status } from '../data-kind.ts';
import { withAbsent, withSpec } from '../defaults.ts';
import { accessModeErrors, accessModesText, positiveAmountErrors } from './access-modes.ts';
import { classAnnotation, orUnset } from './persistent-volumes.ts';

const validate = (claim: JsonObject): FieldError[] => claimSpecErrors(objectAt(claim, 'spec'), 'spec');

/** What a claim asks for, wherever it is written. */
export function claimSpecErrors(spec: JsonObject, path: string): FieldError[] {
  const requests = objectAt(spec, 'resources', 'requests');
  const storage = `${path}.resources[storage]`;
  return [
    ...accessModeErrors(spec, path, 'at least 1 access mode is required'),
    ...selectorProblems(spec, path, 'selector'),
    ...(requests.storage === undefined ? [requiredField(storage)] : positiveAmountErrors(requests, 'storage', storage)),
    ...named(spec, path, 'storageClassName', dnsSubdomainProblems),
    ...oneOf(spec, path, 'volumeMode', ['Block', 'Filesystem']),
    ...named(spec, path, 'volumeAttributesClassName', dnsSubdomainProblems),
    ...sourceErrors(spec, path),
  ];
}

/** KA-62 */
export function claimSpecWarnings(spec: JsonObject, path: string): string[] {
  return ['requests', 'limits'].flatMap((field) =>
    fractionWarnings(objectAt(spec, 'resources', field), 'storage', `${path}.resources.${field}`),
  );
}

function sourceErrors(spec: JsonObject, path: string): FieldError[] {
  const [source, reference] = [objectAt(spec, 'dataSource'), objectAt(spec, 'dataSourceRef')];
  if (spec.dataSource === undefined || spec.dataSourceRef === undefined) return [];
  if (stringAt(reference, 'namespace') !== '') {
    return [invalidField(path, `${path}.dataSource`, 'may not be specified when dataSourceRef.namespace is specified')];
  }
  const same = ['apiGroup', 'kind', 'name'].every((field) => stringAt(source, field) === stringAt(reference, field));
  return same ? [] : [invalidField(path, `${path}.dataSource`, 'must match dataSourceRef')];
}

/** A claim stays as it is, but for its volume once it has one, and for growing while it is bound. */
function validateUpdate(claim: JsonObject, old: JsonObject): FieldError[] {
  const isBound = stringAt(old, 'status', 'phase') === 'Bound';
  const storage = ['spec', 'resources', 'requests', 'storage'];
  const amount = (one: JsonObject) => quantityOrNone(valueAt(one, ...storage));
  const [now, before] = [amount(claim), amount(old)];
  const comparable = [
    ...(stringAt(old, 'spec', 'volumeName') === '' ? [['spec', 'volumeName']] : []),
    ...(isBound ? [storage] : []),
    ...(isBound ? [['spec', 'volumeAttributesClassName']] : []),
    ...(valueAt(old, 'spec', 'storageClassName') === undefined ? [['spec', 'storageClassName']] : []),
  ].reduce((one, path) => withValue(one, path, valueAt(old, ...path)), claim);
  const errors = equalValues(objectAt(comparable, 'spec'), objectAt(old, 'spec'))
    ? []
    : [
        forbiddenField(
          'spec',
          'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims',
        ),
      ];
  const shrinks = isBound && now !== undefined && before !== undefined && compareQuantities(now, before) < 0;
  const isRecovering = shrinks && smallerThanCapacity(now, old) === false;
  return [
    ...errors,
    ...(shrinks && !isRecovering
      ? [forbiddenField('spec.resources.requests.storage', 'field can not be less than status.capacity')]
      : []),
    ...(stringAt(claim, 'metadata', 'annotations', classAnnotation) ===
    stringAt(old, 'metadata', 'annotations', classAnnotation)
      ? []
      : [
          invalidField(
            `metadata.annotations[${classAnnotation}]`,
            stringAt(claim, 'metadata', 'annotations', classAnnotation),
            'field is immutable',
          ),
        ]),
  ];
}

/** An expansion that failed may be taken back, down to what the volume already has and no further. */
function smallerThanCapacity(now: NonNullable<ReturnType<typeof quantityOrNone>>, old: JsonObject): boolean {
  const capacity = quantityOrNone(valueAt(old, 'status', 'capacity', 'storage'));
  return capacity === undefined || compareQuantities(now, capacity) <= 0;
}

const bound = (claim: JsonObject, text: string) => (stringAt(claim, 'spec', 'volumeName') === '' ? '' : text);

/** A source by the older field is one by the newer, and the other way round. */
function completeSpec(spec: JsonObject): JsonObject {
  const filled = withAbsent(spec, { volumeMode: 'Filesystem' });
  if (filled.dataSource !== undefined && filled.dataSourceRef === undefined) {
    return { ...filled, dataSourceRef: filled.dataSource };
  }
  const reference = objectAt(filled, 'dataSourceRef');
  const isPlain = stringAt(reference, 'namespace') === '' && filled.dataSource === undefined;
  const isKnown =
    (stringAt(reference, 'apiGroup') === '' && stringAt(reference, 'kind') === 'PersistentVolumeClaim') ||
    (stringAt(reference, 'apiGroup') === 'snapshot.storage.k8s.io' && stringAt(reference, 'kind') === 'VolumeSnapshot');
  return filled.dataSourceRef !== undefined && isPlain && isKnown ? { ...filled, dataSource: reference } : filled;
}

/** KA-3 */
export const persistentVolumeClaims = dataKind({
  group: '',
  kind: 'PersistentVolumeClaim',
  plural: 'persistentvolumeclaims',
  scope: 'Namespaced',
  shortNames: ['pvc'],
  allColumns: [
    nameColumn,
    cell('Status', 'Whether it has a volume.', (claim) =>
      valueAt(claim, 'metadata', 'deletionTimestamp') === undefined
        ? stringAt(claim, 'status', 'phase')
        : 'Terminating',
    ),
    cell('Volume', 'The volume that it holds.', (claim) => stringAt(claim, 'spec', 'volumeName')),
    cell('Capacity', 'The size of the volume.', (claim) =>
      bound(claim, stringAt(claim, 'status', 'capacity', 'storage') || '0'),
    ),
    cell('Access Modes', 'How it may be mounted.', (claim) =>
      bound(claim, accessModesText(claim, 'status', 'accessModes')),
    ),
    cell(
      'StorageClass',
      'Its class.',
      (claim) =>
        stringAt(claim, 'metadata', 'annotations', classAnnotation) || stringAt(claim, 'spec', 'storageClassName'),
    ),
    cell('VolumeAttributesClass', 'The class of its attributes.', orUnset('spec', 'volumeAttributesClassName')),
    ageColumn,
    cell('VolumeMode', 'A file system or a block device.', orUnset('spec', 'volumeMode'), { priority: 1 }),
  ],
  subresources: { status },
  strategy: {
    deleteReturnsObject: true,
    complete: (claim) => withSpec(claim, completeSpec),
    prepareForCreate: (claim) => ({ ...claim, status: { phase: 'Pending' } }),
    validate,
    validateUpdate,
    warnings: (claim) => claimSpecWarnings(objectAt(claim, 'spec'), 'spec'),
  },
});
