import type { FieldError } from '@quarterdeck/apis';
import type { JsonObject } from '@quarterdeck/machinery';
import { durationText } from '../pipeline/render/age.ts';
import type { Column, SelectableField } from '../registry/definition.ts';
import { invalidField, numberAt, objectAt, requiredField, stringAt, unsupportedField } from '../registry/fields.ts';
import { qualifiedNameProblems } from '../registry/names.ts';
import { cell, nameColumn, numberColumn, textColumn } from './columns.ts';
import { dataKind } from './data-kind.ts';
import { eventFromStored, eventToStored } from './event-view.ts';

/** Event times: the old fields where they are set, else the new ones. */
function firstSeen(event: JsonObject): string {
  return stringAt(event, 'firstTimestamp') || stringAt(event, 'eventTime');
}

function lastSeen(event: JsonObject): string {
  return stringAt(event, 'series', 'lastObservedTime') || stringAt(event, 'lastTimestamp') || firstSeen(event);
}

const since = (time: string, now: number) => (time === '' ? '<unknown>' : durationText(now - Date.parse(time)));

function subobject(event: JsonObject): string {
  return stringAt(event, 'involvedObject', 'fieldPath');
}

function source(event: JsonObject): string {
  const component = stringAt(event, 'source', 'component') || stringAt(event, 'reportingComponent');
  const host = stringAt(event, 'source', 'host') || stringAt(event, 'reportingInstance');
  return host === '' ? component : `${component}, ${host}`;
}

function count(event: JsonObject): number {
  return numberAt(event, 'series', 'count') ?? (numberAt(event, 'count') || 1);
}

/** KA-118; written for core events, the other view converts first. */
const coreColumns: readonly Column[] = [
  textColumn('Last Seen', 'Time since it was last seen.', (event, now) => since(lastSeen(event), now)),
  textColumn('Type', 'Normal or Warning.', (event) => stringAt(event, 'type')),
  textColumn('Reason', 'Why, as one word.', (event) => stringAt(event, 'reason')),
  textColumn('Object', 'What it is about.', (event) => {
    const about = objectAt(event, 'involvedObject');
    return `${stringAt(about, 'kind').toLowerCase()}/${stringAt(about, 'name')}`;
  }),
  // Printed empty where they are.
  cell('Subobject', 'Which part of the object.', subobject, { priority: 1 }),
  cell('Source', 'Who reported it.', source, { priority: 1 }),
  cell('Message', 'What happened.', (event) => stringAt(event, 'message').trim()),
  textColumn('First Seen', 'Time since it was first seen.', (event, now) => since(firstSeen(event), now), 1),
  numberColumn('Count', 'How often it was seen.', count, 1),
  { ...nameColumn, priority: 1 },
];

const newColumns: readonly Column[] = coreColumns.map((column) => ({
  ...column,
  value: (event: JsonObject, now: number) => column.value(eventToStored(event), now),
}));

const aboutFields = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'];

/** KA-81. Both views are indexed from the stored form. */
const coreFields: readonly SelectableField[] = [
  ...aboutFields.map((field) => ({
    path: `involvedObject.${field}`,
    value: (event: JsonObject) => stringAt(event, 'involvedObject', field),
  })),
  { path: 'reason', value: (event) => stringAt(event, 'reason') },
  { path: 'reportingComponent', value: (event) => stringAt(event, 'reportingComponent') },
  { path: 'source', value: (event) => stringAt(event, 'source', 'component') || stringAt(event, 'reportingComponent') },
  { path: 'type', value: (event) => stringAt(event, 'type') },
];

const newFields: readonly SelectableField[] = [
  ...aboutFields.map((field) => ({
    path: `regarding.${field}`,
    value: (event: JsonObject) => stringAt(event, 'involvedObject', field),
  })),
  { path: 'reason', value: (event) => stringAt(event, 'reason') },
  { path: 'reportingController', value: (event) => stringAt(event, 'reportingComponent') },
  { path: 'type', value: (event) => stringAt(event, 'type') },
];

/** What every event keeps to: it lives beside what it is about. KA-141 */
function validateCore(event: JsonObject): FieldError[] {
  const namespace = stringAt(event, 'metadata', 'namespace');
  const about = stringAt(event, 'involvedObject', 'namespace');
  const matches = about === '' ? namespace === 'default' || namespace === '' : about === namespace;
  return matches ? [] : [invalidField('involvedObject.namespace', about, 'does not match event.namespace')];
}

function validateNew(event: JsonObject): FieldError[] {
  const core = eventToStored(event);
  const type = stringAt(event, 'type');
  const controller = stringAt(event, 'reportingController');
  const required = ['reportingController', 'reportingInstance', 'action', 'reason'].filter(
    (field) => stringAt(event, field) === '',
  );
  return [
    ...validateCore(core).map((error) => ({ ...error, field: 'regarding.namespace' })),
    ...(stringAt(event, 'eventTime') === '' ? [requiredField('eventTime')] : []),
    ...required.map((field) => requiredField(field)),
    ...(controller === ''
      ? []
      : qualifiedNameProblems(controller).map((problem) => invalidField('reportingController', controller, problem))),
    ...(type === 'Normal' || type === 'Warning' ? [] : [unsupportedField('type', type, ['Normal', 'Warning'])]),
    ...['reportingInstance', 'action', 'reason']
      .filter((field) => stringAt(event, field).length > 128)
      .map((field) => invalidField(field, stringAt(event, field), 'can have at most 128 characters')),
    ...(Buffer.byteLength(stringAt(event, 'note')) > 1024
      ? [invalidField('note', '', 'can have at most 1024 bytes')]
      : []),
  ];
}

const isNewStyle = (event: JsonObject) => stringAt(event, 'eventTime') !== '';

export const events = dataKind({
  group: '',
  kind: 'Event',
  plural: 'events',
  scope: 'Namespaced',
  shortNames: ['ev'],
  allColumns: coreColumns,
  selectableFields: coreFields,
  strategy: {
    allowCreateOnUpdate: true,
    validateName: () => [],
    validate: validateCore,
  },
});

/** The second view of the same stored objects. KA-1 */
export const newEvents = dataKind({
  group: 'events.k8s.io',
  kind: 'Event',
  plural: 'events',
  scope: 'Namespaced',
  shortNames: ['ev'],
  allColumns: newColumns,
  selectableFields: newFields,
  storedAs: { group: '', plural: 'events', fromStored: eventFromStored, toStored: eventToStored },
  strategy: {
    allowCreateOnUpdate: true,
    validateName: () => [],
    // Events of old recorders, which have none of the new fields, can be changed through either view.
    validateCreate: validateNew,
    validateUpdate: (event, old) => (isNewStyle(old) ? validateNew(event) : validateCore(eventToStored(event))),
  },
});

/** All fields that either view selects by, of a stored event: what the cache indexes. */
export const eventFields: readonly SelectableField[] = [...coreFields, ...newFields];
