import type { FieldError } from '@quarterdeck/apis';
import type { JsonObject } from '@quarterdeck/machinery';
import { forbiddenField, numberAt, stringAt, valueAt } from '../../registry/fields.ts';
import { immutable, oneOf } from '../checks.ts';
import { ageColumn, cell, nameColumn } from '../columns.ts';
import { dataKind } from '../data-kind.ts';
import { withAbsent } from '../defaults.ts';

const systemPrefix = 'system-';
const highestOfUsers = 1_000_000_000;

/** The classes that every cluster has. */
export const systemPriorities: Readonly<Record<string, number>> = Object.freeze({
  'system-cluster-critical': 2_000_000_000,
  'system-node-critical': 2_000_001_000,
});

function validate(priorityClass: JsonObject): FieldError[] {
  const name = stringAt(priorityClass, 'metadata', 'name');
  const value = numberAt(priorityClass, 'value') ?? 0;
  return [
    ...(name.startsWith(systemPrefix) ? systemErrors(priorityClass, name, value) : []),
    ...(!name.startsWith(systemPrefix) && value > highestOfUsers
      ? [forbiddenField('value', `maximum allowed value of a user defined priority is ${highestOfUsers}`)]
      : []),
    ...oneOf(priorityClass, '', 'preemptionPolicy', ['Never', 'PreemptLowerPriority'], true),
  ];
}

function systemErrors(priorityClass: JsonObject, name: string, value: number): FieldError[] {
  const known = systemPriorities[name];
  if (known === value && valueAt(priorityClass, 'globalDefault') !== true) return [];
  const why =
    known === undefined
      ? `${name} is not a known system priority class`
      : known === value
        ? `globalDefault of ${name} must be false`
        : `value of ${name} PriorityClass must be ${known}`;
  return [
    forbiddenField(
      'metadata.name',
      `priority class names with '${systemPrefix}' prefix are reserved for system use only. error: ${why}`,
    ),
  ];
}

/** KA-2 */
export const priorityClasses = dataKind({
  group: 'scheduling.k8s.io',
  kind: 'PriorityClass',
  plural: 'priorityclasses',
  scope: 'Cluster',
  shortNames: ['pc'],
  allColumns: [
    nameColumn,
    cell('Value', 'How important pods of it are.', (object) => numberAt(object, 'value') ?? 0, { type: 'integer' }),
    cell(
      'Global-Default',
      'Whether pods that name none get it.',
      (object) => valueAt(object, 'globalDefault') === true,
      {
        type: 'boolean',
      },
    ),
    ageColumn,
    cell('PreemptionPolicy', 'Whether its pods push others out.', (object) => stringAt(object, 'preemptionPolicy')),
  ],
  strategy: {
    hasGeneration: true,
    complete: (object) => withAbsent(object, { preemptionPolicy: 'PreemptLowerPriority' }),
    validate,
    validateUpdate: (object, old) => [
      ...((numberAt(object, 'value') ?? 0) === (numberAt(old, 'value') ?? 0)
        ? []
        : [forbiddenField('value', 'may not be changed in an update.')]),
      ...immutable(object, old, 'preemptionPolicy'),
    ],
  },
});
