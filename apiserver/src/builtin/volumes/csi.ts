import type { FieldError } from '@quarterdeck/apis';
import { equalValues, type JsonObject } from '@quarterdeck/machinery';
import {
  invalidField,
  listAt,
  numberAt,
  objectAt,
  objectsAt,
  requiredField,
  stringAt,
  stringsAt,
  unsupportedField,
  valueAt,
} from '../../registry/fields.ts';
import { dnsSubdomainProblems, qualifiedNameProblems } from '../../registry/names.ts';
import {
  atLeast,
  duplicateField,
  each,
  immutable,
  immutableText,
  isNegative,
  quantityOrNone,
  selectorProblems,
} from '../checks.ts';
import { ageColumn, cell, createdAtColumn, nameColumn, numberColumn } from '../columns.ts';
import { dataKind } from '../data-kind.ts';
import { withAbsent, withSpec } from '../defaults.ts';

const lifecycleModes = ['Ephemeral', 'Persistent'];
const tenMinutes = 600;
const longestNodeId = 256;

function driverErrors(driver: JsonObject): FieldError[] {
  const spec = objectAt(driver, 'spec');
  const audiences = objectsAt(spec, 'tokenRequests').map((request) => stringAt(request, 'audience'));
  const policy = stringAt(spec, 'fsGroupPolicy');
  const policies = ['File', 'None', 'ReadWriteOnceWithFSType'];
  return [
    ...(policy === '' || policies.includes(policy) ? [] : [unsupportedField('spec.fsGroupPolicy', policy, policies)]),
    ...stringsAt(spec, 'volumeLifecycleModes')
      .filter((mode) => !lifecycleModes.includes(mode))
      .map((mode) => unsupportedField('spec.volumeLifecycleModes', mode, lifecycleModes)),
    ...each(spec, 'spec', 'tokenRequests', (request, path, index) => {
      if (audiences.indexOf(audiences[index] ?? '') !== index) {
        return [duplicateField(`${path}.audience`, audiences[index] ?? '')];
      }
      const seconds = numberAt(request, 'expirationSeconds');
      if (seconds === undefined) return [];
      const at = `${path}.expirationSeconds`;
      if (seconds < tenMinutes) return [invalidField(at, seconds, 'may not specify a duration less than 10 minutes')];
      return seconds > 2 ** 32
        ? [invalidField(at, seconds, 'may not specify a duration larger than 2^32 seconds')]
        : [];
    }),
    ...periodErrors(spec),
  ];
}

function periodErrors(spec: JsonObject): FieldError[] {
  const seconds = numberAt(spec, 'nodeAllocatableUpdatePeriodSeconds');
  return seconds !== undefined && seconds < 10
    ? [invalidField('spec.nodeAllocatableUpdatePeriodSeconds', seconds, 'must be greater than or equal to 10 seconds')]
    : [];
}

function driverUpdateErrors(driver: JsonObject, old: JsonObject): FieldError[] {
  const attach = valueAt(driver, 'spec', 'attachRequired');
  return [
    // The misspelt path is Kubernetes' own.
    ...(attach === valueAt(old, 'spec', 'attachRequired')
      ? []
      : [invalidField('spec.attachedRequired', attach, immutableText)]),
    ...immutable(driver, old, 'spec', 'volumeLifecycleModes'),
  ];
}

const flag = (driver: JsonObject, field: string, absent: boolean) => {
  const value = valueAt(driver, 'spec', field);
  return typeof value === 'boolean' ? value : absent;
};
const boolean = { type: 'boolean' } as const;

/** KA-3 */
export const csiDrivers = dataKind({
  group: 'storage.k8s.io',
  kind: 'CSIDriver',
  plural: 'csidrivers',
  scope: 'Cluster',
  allColumns: [
    nameColumn,
    cell(
      'AttachRequired',
      'Whether volumes are attached first.',
      (driver) => flag(driver, 'attachRequired', true),
      boolean,
    ),
    cell(
      'PodInfoOnMount',
      'Whether it is told about the pod.',
      (driver) => flag(driver, 'podInfoOnMount', false),
      boolean,
    ),
    cell(
      'StorageCapacity',
      'Whether it says how much it has.',
      (driver) => flag(driver, 'storageCapacity', false),
      boolean,
    ),
    cell('TokenRequests', 'For whom it is given tokens.', (driver) =>
      valueAt(driver, 'spec', 'tokenRequests') === undefined
        ? '<unset>'
        : objectsAt(driver, 'spec', 'tokenRequests')
            .map((request) => stringAt(request, 'audience'))
            .join(','),
    ),
    cell(
      'RequiresRepublish',
      'Whether it is called again and again.',
      (driver) => flag(driver, 'requiresRepublish', false),
      boolean,
    ),
    cell(
      'Modes',
      'What volumes it makes.',
      (driver) => stringsAt(driver, 'spec', 'volumeLifecycleModes').join(',') || undefined,
    ),
    ageColumn,
  ],
  strategy: {
    deleteReturnsObject: true,
    hasGeneration: false,
    allowUnconditionalUpdate: false,
    complete: (driver) =>
      withSpec(driver, (spec) => {
        const filled = withAbsent(spec, {
          attachRequired: true,
          podInfoOnMount: false,
          storageCapacity: false,
          fsGroupPolicy: 'ReadWriteOnceWithFSType',
          requiresRepublish: false,
          seLinuxMount: false,
        });
        return listAt(filled, 'volumeLifecycleModes').length === 0
          ? { ...filled, volumeLifecycleModes: ['Persistent'] }
          : filled;
      }),
    validate: driverErrors,
    validateUpdate: driverUpdateErrors,
  },
});

function csiDriverNameErrors(name: string, path: string): FieldError[] {
  if (name === '') return [requiredField(path)];
  return dnsSubdomainProblems(name.toLowerCase()).map((problem) => invalidField(path, name, problem));
}

function nodeErrors(node: JsonObject): FieldError[] {
  const names = objectsAt(node, 'spec', 'drivers').map((driver) => stringAt(driver, 'name'));
  return each(objectAt(node, 'spec'), 'spec', 'drivers', (driver, path, index) => {
    const id = stringAt(driver, 'nodeID');
    const keys = stringsAt(driver, 'topologyKeys');
    return [
      ...csiDriverNameErrors(names[index] ?? '', `${path}.name`),
      ...(names.indexOf(names[index] ?? '') === index ? [] : [duplicateField(`${path}.name`, names[index] ?? '')]),
      ...(id === '' ? [requiredField(`${path}.nodeID`)] : []),
      ...(id.length > longestNodeId
        ? [invalidField(`${path}.nodeID`, id, `must be ${longestNodeId} characters or less`)]
        : []),
      ...atLeast(objectAt(driver, 'allocatable'), `${path}.allocatable`, 'count'),
      ...keys.flatMap((key, keyIndex) => [
        ...(keys.indexOf(key) === keyIndex ? [] : [duplicateField(path, key)]),
        ...qualifiedNameProblems(key).map((problem) => invalidField(path, key, problem)),
      ]),
    ];
  });
}

/** A driver stays what it is on its node, but for how much it can attach. */
function nodeUpdateErrors(node: JsonObject, old: JsonObject): FieldError[] {
  const plain = (driver: JsonObject) => {
    const { allocatable: _count, ...rest } = driver;
    return rest;
  };
  const before = new Map(objectsAt(old, 'spec', 'drivers').map((driver) => [stringAt(driver, 'name'), plain(driver)]));
  return objectsAt(node, 'spec', 'drivers').flatMap((driver) => {
    const known = before.get(stringAt(driver, 'name'));
    return known === undefined || equalValues(known, plain(driver))
      ? []
      : [invalidField('spec.drivers', driver, immutableText)];
  });
}

/** KA-3 */
export const csiNodes = dataKind({
  group: 'storage.k8s.io',
  kind: 'CSINode',
  plural: 'csinodes',
  scope: 'Cluster',
  columns: [numberColumn('Drivers', 'How many drivers it has.', (node) => listAt(node, 'spec', 'drivers').length)],
  strategy: {
    deleteReturnsObject: true,
    allowUnconditionalUpdate: false,
    validate: nodeErrors,
    validateUpdate: nodeUpdateErrors,
  },
});

function capacityErrors(capacity: JsonObject): FieldError[] {
  const name = stringAt(capacity, 'storageClassName');
  const amount = quantityOrNone(valueAt(capacity, 'capacity'));
  return [
    ...selectorProblems(capacity, '', 'nodeTopology'),
    ...dnsSubdomainProblems(name).map((problem) => invalidField('storageClassName', name, problem)),
    ...(amount !== undefined && isNegative(amount)
      ? [invalidField('capacity', valueAt(capacity, 'capacity'), 'must be greater than or equal to 0')]
      : []),
  ];
}

/** KA-3 */
export const csiStorageCapacities = dataKind({
  group: 'storage.k8s.io',
  kind: 'CSIStorageCapacity',
  plural: 'csistoragecapacities',
  scope: 'Namespaced',
  allColumns: [nameColumn, createdAtColumn],
  strategy: {
    allowUnconditionalUpdate: false,
    validate: capacityErrors,
    validateUpdate: (capacity, old) => [
      ...immutable(capacity, old, 'nodeTopology'),
      ...immutable(capacity, old, 'storageClassName'),
    ],
  },
});
