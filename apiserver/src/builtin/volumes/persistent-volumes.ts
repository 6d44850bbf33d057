import type { FieldError } from '@quarterdeck/apis';
import { equalValues, isJsonObject, type JsonObject } from '@quarterdeck/machinery';
import { timeText } from '../../pipeline/write/system-fields.ts';
import {
  forbiddenField,
  invalidField,
  objectAt,
  requiredField,
  stringAt,
  unsupportedField,
  valueAt,
  withValue,
} from '../../registry/fields.ts';
import { dnsSubdomainProblems } from '../../registry/names.ts';
import { each, immutableText, named, needed, oneOf } from '../checks.ts';
import { ageColumn, cell, nameColumn } from '../columns.ts';
import { dataKind, status } from '../data-kind.ts';
import { withAbsent, withPart, withSpec } from '../defaults.ts';
import { nodeTermErrors } from '../workloads/pod-rules.ts';
import { accessModeErrors, accessModesText, positiveAmountErrors } from './access-modes.ts';

/** What a volume's spec says beside its source. */
const common = [
  'accessModes',
  'capacity',
  'claimRef',
  'mountOptions',
  'nodeAffinity',
  'persistentVolumeReclaimPolicy',
  'storageClassName',
  'volumeAttributesClassName',
  'volumeMode',
];
const policies = ['Delete', 'Recycle', 'Retain'];

/** The one source of a volume by its field. */
function sourcesOf(spec: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(spec).filter(([field, value]) => !common.includes(field) && isJsonObject(value)),
  );
}

function validate(volume: JsonObject): FieldError[] {
  const spec = objectAt(volume, 'spec');
  const capacity = objectAt(spec, 'capacity');
  const names = Object.keys(capacity);
  return [
    ...accessModeErrors(spec, 'spec'),
    ...(names.length === 0 ? [requiredField('spec.capacity')] : []),
    ...(names.length === 1 && names[0] === 'storage' ? [] : [unsupportedField('spec.capacity', capacity, ['storage'])]),
    ...names.flatMap((name) => positiveAmountErrors(capacity, name, `spec.capacity[${name}]`)),
    ...oneOf(spec, 'spec', 'persistentVolumeReclaimPolicy', policies),
    ...sourceErrors(spec),
    ...affinityErrors(spec),
    ...named(spec, 'spec', 'storageClassName', dnsSubdomainProblems),
    ...oneOf(spec, 'spec', 'volumeMode', ['Block', 'Filesystem']),
    ...attributesErrors(spec),
  ];
}

function sourceErrors(spec: JsonObject): FieldError[] {
  const sources = Object.keys(sourcesOf(spec));
  const [first, ...more] = sources;
  if (first === undefined) return [requiredField('spec', 'must specify a volume type')];
  const csi = objectAt(spec, 'csi');
  return [
    ...more.map((field) => forbiddenField(`spec.${field}`, 'may not specify more than 1 volume type')),
    ...(first === 'csi'
      ? [...needed(csi, 'spec.csi', 'volumeHandle'), ...named(csi, 'spec.csi', 'driver', dnsSubdomainProblems, true)]
      : []),
    ...(first === 'hostPath' || first === 'local' ? needed(objectAt(spec, first), `spec.${first}`, 'path') : []),
    ...(first === 'nfs' ? ['server', 'path'].flatMap((field) => needed(objectAt(spec, 'nfs'), 'spec.nfs', field)) : []),
    ...(sources.includes('local') && valueAt(spec, 'nodeAffinity') === undefined
      ? [requiredField('spec.nodeAffinity', 'Local volume requires node affinity')]
      : []),
    ...(stringAt(spec, 'hostPath', 'path') === '/' && stringAt(spec, 'persistentVolumeReclaimPolicy') === 'Recycle'
      ? [forbiddenField('spec.persistentVolumeReclaimPolicy', "may not be 'recycle' for a hostPath mount of '/'")]
      : []),
  ];
}

function affinityErrors(spec: JsonObject): FieldError[] {
  const affinity = valueAt(spec, 'nodeAffinity');
  if (!isJsonObject(affinity)) return [];
  const required = valueAt(affinity, 'required');
  const path = 'spec.nodeAffinity.required';
  if (!isJsonObject(required)) return [requiredField(path, 'must specify required node constraints')];
  return [
    ...needed(required, path, 'nodeSelectorTerms', 'must have at least one node selector term'),
    ...each(required, path, 'nodeSelectorTerms', nodeTermErrors),
  ];
}

function attributesErrors(spec: JsonObject): FieldError[] {
  const name = valueAt(spec, 'volumeAttributesClassName');
  if (name === undefined) return [];
  const path = 'spec.volumeAttributesClassName';
  return [
    ...(name === '' ? [requiredField(path, 'an empty string is disallowed')] : []),
    ...named(spec, 'spec', 'volumeAttributesClassName', dnsSubdomainProblems),
    ...(valueAt(spec, 'csi') === undefined
      ? [requiredField('spec.csi', 'has to be specified when using volumeAttributesClassName')]
      : []),
  ];
}

/** What a volume is stays; a secret for its expansion may come. */
function validateUpdate(volume: JsonObject, old: JsonObject): FieldError[] {
  const source = (one: JsonObject) => {
    const sources = sourcesOf(objectAt(one, 'spec'));
    if (!isJsonObject(sources.csi) || objectAt(old, 'spec', 'csi').controllerExpandSecretRef !== undefined)
      return sources;
    const { controllerExpandSecretRef: _secret, ...csi } = sources.csi;
    return { ...sources, csi };
  };
  const affinity = valueAt(old, 'spec', 'nodeAffinity');
  const mode = valueAt(volume, 'spec', 'volumeMode');
  return [
    ...(equalValues(source(volume), source(old))
      ? []
      : [forbiddenField('spec.persistentvolumesource', 'spec.persistentvolumesource is immutable after creation')]),
    ...(mode === valueAt(old, 'spec', 'volumeMode') ? [] : [invalidField('volumeMode', mode, immutableText)]),
    ...(affinity === undefined || equalValues(affinity, valueAt(volume, 'spec', 'nodeAffinity'))
      ? []
      : [invalidField('nodeAffinity', valueAt(volume, 'spec', 'nodeAffinity'), immutableText)]),
  ];
}

function claimText(volume: JsonObject): string {
  const claim = valueAt(volume, 'spec', 'claimRef');
  return isJsonObject(claim) ? `${stringAt(claim, 'namespace')}/${stringAt(claim, 'name')}` : '';
}

export const classAnnotation = 'volume.beta.kubernetes.io/storage-class';
export const orUnset =
  (...path: readonly string[]) =>
  (object: JsonObject): string => {
    const value = valueAt(object, ...path);
    return value === undefined ? '<unset>' : String(value);
  };

/** KA-3 */
export const persistentVolumes = dataKind({
  group: '',
  kind: 'PersistentVolume',
  plural: 'persistentvolumes',
  scope: 'Cluster',
  shortNames: ['pv'],
  allColumns: [
    nameColumn,
    cell('Capacity', 'Its size.', (volume) => stringAt(volume, 'spec', 'capacity', 'storage') || '0'),
    cell('Access Modes', 'How it may be mounted.', (volume) => accessModesText(volume, 'spec', 'accessModes')),
    cell('Reclaim Policy', 'What becomes of it once it is released.', (volume) =>
      stringAt(volume, 'spec', 'persistentVolumeReclaimPolicy'),
    ),
    cell('Status', 'Whether it is free.', (volume) =>
      valueAt(volume, 'metadata', 'deletionTimestamp') === undefined
        ? stringAt(volume, 'status', 'phase')
        : 'Terminating',
    ),
    cell('Claim', 'Who holds it.', claimText),
    cell(
      'StorageClass',
      'Its class.',
      (volume) =>
        stringAt(volume, 'metadata', 'annotations', classAnnotation) || stringAt(volume, 'spec', 'storageClassName'),
    ),
    cell('VolumeAttributesClass', 'The class of its attributes.', orUnset('spec', 'volumeAttributesClassName')),
    cell('Reason', 'Why it is in this state.', (volume) => stringAt(volume, 'status', 'reason')),
    ageColumn,
    cell('VolumeMode', 'A file system or a block device.', orUnset('spec', 'volumeMode'), { priority: 1 }),
  ],
  selectableFields: [],
  subresources: { status },
  strategy: {
    deleteReturnsObject: true,
    complete: (volume) =>
      withSpec(volume, (spec) =>
        withPart(
          withAbsent(spec, { persistentVolumeReclaimPolicy: 'Retain', volumeMode: 'Filesystem' }),
          'hostPath',
          (source) => ({ ...source, type: source.type ?? '' }),
        ),
      ),
    prepareForCreate: (volume, { now }) => ({
      ...volume,
      status: { phase: 'Pending', lastPhaseTransitionTime: timeText(now) },
    }),
    prepareForUpdate: (volume, old, { now }) =>
      stringAt(volume, 'status', 'phase') === stringAt(old, 'status', 'phase')
        ? volume
        : withValue(volume, ['status', 'lastPhaseTransitionTime'], timeText(now)),
    validate,
    validateUpdate,
  },
});
