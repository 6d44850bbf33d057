import type { JsonObject } from '@quarterdeck/machinery';
import { expect, test } from 'vitest';
import { objectAt, objectsAt, withValue } from '../registry/fields.ts';
import { type CrdStep, decideCrd, type Instances, needsOthers } from './crd-status.ts';
import { establishedCrd, widgetCrd } from './testdata/widget.ts';

const NOW = Date.UTC(2026, 0, 31, 12);
const LATER = NOW + 60_000;
const names = { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' };

function created(overrides: { names?: JsonObject; spec?: JsonObject; metadata?: JsonObject } = {}): JsonObject {
  return widgetCrd({
    ...overrides,
    names: { singular: 'widget', listKind: 'WidgetList', ...overrides.names },
    status: { conditions: [], acceptedNames: { plural: '', kind: '' }, storedVersions: ['v1'] },
  });
}

/** Another CRD of the group, with these names accepted. */
const other = (acceptedNames: JsonObject, group = 'ex.test'): JsonObject =>
  widgetCrd({ metadata: { name: `others.${group}` }, spec: { group }, status: { acceptedNames } });

function statusOf(step: CrdStep): JsonObject {
  if (step.type !== 'status') throw new Error(`the step is ${step.type}`);
  return objectAt(step.crd, 'status');
}

const summary = (step: CrdStep) =>
  objectsAt(statusOf(step), 'conditions').map(({ type, status, reason, message }) =>
    [type, status, reason, message].join(' | '),
  );

test('KA-95 names are accepted first, and the kind is established a write later', () => {
  const first = decideCrd(created({ names: { shortNames: ['wd'], categories: ['all'] } }), [], undefined, NOW);
  expect(statusOf(first)).toEqual({
    conditions: [
      {
        type: 'NamesAccepted',
        status: 'True',
        lastTransitionTime: '2026-01-31T12:00:00Z',
        reason: 'NoConflicts',
        message: 'no conflicts found',
      },
      {
        type: 'Established',
        status: 'False',
        lastTransitionTime: '2026-01-31T12:00:00Z',
        reason: 'Installing',
        message: 'the initial names have been accepted',
      },
    ],
    acceptedNames: { ...names, shortNames: ['wd'], categories: ['all'] },
    storedVersions: ['v1'],
  });
  if (first.type !== 'status') return;
  const second = decideCrd(first.crd, [], undefined, LATER);
  expect(summary(second)).toEqual([
    'NamesAccepted | True | NoConflicts | no conflicts found',
    'Established | True | InitialNamesAccepted | the initial names have been accepted',
  ]);
  expect(objectsAt(statusOf(second), 'conditions').map(({ lastTransitionTime }) => lastTransitionTime)).toEqual([
    '2026-01-31T12:00:00Z',
    '2026-01-31T12:01:00Z',
  ]);
  if (second.type !== 'status') return;
  expect(decideCrd(second.crd, [], undefined, LATER)).toEqual({ type: 'nothing' });
});

test.each<{
  name: string;
  taken: JsonObject;
  names?: JsonObject;
  accepted: JsonObject;
  reason: string;
  message: string;
}>([
  {
    name: 'the kind',
    taken: { kind: 'Widget' },
    accepted: { ...names, kind: '' },
    reason: 'KindConflict',
    message: '"Widget" is already in use',
  },
  {
    name: 'the kind as another list',
    taken: { listKind: 'Widget' },
    accepted: { ...names, kind: '' },
    reason: 'KindConflict',
    message: '"Widget" is already in use',
  },
  {
    name: 'the plural, as a short name of another',
    taken: { shortNames: ['widgets'] },
    accepted: { ...names, plural: '' },
    reason: 'PluralConflict',
    message: '"widgets" is already in use',
  },
  {
    name: 'two short names: neither is taken',
    taken: { singular: 'x', shortNames: ['y'] },
    names: { shortNames: ['x', 'y', 'z'] },
    accepted: names,
    reason: 'ShortNamesConflict',
    message: '["x" is already in use, "y" is already in use]',
  },
  {
    name: 'several: the last is told',
    taken: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' },
    accepted: { plural: '', kind: '' },
    reason: 'ListKindConflict',
    message: '"WidgetList" is already in use',
  },
])('KA-95 a conflict of $name', ({ taken, names: own = {}, accepted, reason, message }) => {
  const step = decideCrd(created({ names: own }), [other(taken)], undefined, NOW);
  expect(statusOf(step).acceptedNames).toEqual(accepted);
  expect(summary(step)).toEqual([
    `NamesAccepted | False | ${reason} | ${message}`,
    'Established | False | NotAccepted | not all names are accepted',
  ]);
  if (step.type !== 'status') return;
  expect(decideCrd(step.crd, [other(taken)], undefined, LATER)).toEqual({ type: 'nothing' });
  expect(summary(decideCrd(step.crd, [], undefined, LATER))).toEqual([
    'NamesAccepted | True | NoConflicts | no conflicts found',
    'Established | False | Installing | the initial names have been accepted',
  ]);
});

test('KA-95 names in other groups are free', () => {
  const step = decideCrd(created(), [other({ kind: 'Widget', plural: 'widgets' }, 'other.test')], undefined, NOW);
  expect(summary(step)[0]).toBe('NamesAccepted | True | NoConflicts | no conflicts found');
});

test('KA-95 an established kind stays so under its names when a new name is taken', () => {
  const crd = withValue(
    establishedCrd({ names: { singular: 'widget', listKind: 'WidgetList' } }),
    ['spec', 'names', 'shortNames'],
    ['wd'],
  );
  const step = decideCrd(crd, [other({ plural: 'wd' })], undefined, NOW);
  expect(summary(step)).toEqual([
    'NamesAccepted | False | ShortNamesConflict | "wd" is already in use',
    'Established | True | x | x',
  ]);
  expect(statusOf(step).acceptedNames).toEqual(names);
});

test.each([
  { value: 'https://example.com/1', want: 'True | ApprovedAnnotation | approved in https://example.com/1' },
  { value: 'unapproved, a test', want: 'False | UnapprovedAnnotation | not approved: "unapproved, a test"' },
])('KA-95 the approval of a community group is told: $value', ({ value, want }) => {
  const metadata = { name: 'widgets.ex.k8s.io', annotations: { 'api-approved.kubernetes.io': value } };
  const step = decideCrd(created({ metadata, spec: { group: 'ex.k8s.io' } }), [], undefined, NOW);
  expect(summary(step)[2]).toBe(`KubernetesAPIApprovalPolicyConformant | ${want}`);
});

const finalizer = 'customresourcecleanup.apiextensions.k8s.io';
const deleted = (crd: JsonObject, finalizers: string[] = [finalizer]) =>
  withValue(
    withValue(crd, ['metadata', 'deletionTimestamp'], '2026-01-31T12:00:00Z'),
    ['metadata', 'finalizers'],
    finalizers,
  );

/** Plays the controller until nothing is left to do: a look tells whether the instances are gone, and is then forgotten. */
function end(crd: JsonObject, looks: number): string[] {
  const story: string[] = [];
  let current = crd;
  let instances: Instances | undefined;
  for (let turn = 0; turn < 20; turn += 1) {
    const step = decideCrd(current, [], instances, NOW);
    instances = undefined;
    switch (step.type) {
      case 'status':
        story.push(summary(step).at(-1) ?? '');
        current = step.crd;
        break;
      case 'deleteInstances':
        story.push('deleteInstances');
        instances = story.filter((line) => line === 'deleteInstances').length >= looks ? 'gone' : undefined;
        break;
      case 'release':
        story.push(`release ${objectAt(step.crd, 'metadata').finalizers ?? 'all'}`);
        current = step.crd;
        break;
      case 'nothing':
        return story;
      default:
        step satisfies never;
    }
  }
  return [...story, 'no end'];
}

test('KA-95 a deleted CRD goes after its instances', () => {
  expect(end(deleted(establishedCrd(), ['other', finalizer]), 2)).toEqual([
    'Terminating | True | InstanceDeletionInProgress | CustomResource deletion is in progress',
    'deleteInstances',
    'deleteInstances',
    'Terminating | False | InstanceDeletionCompleted | removed all instances',
    'deleteInstances',
    'release other',
  ]);
});

test('KA-95 one that was never established has no instances', () => {
  expect(end(deleted(created()), 1)).toEqual([
    'Terminating | False | NeverEstablished | resource was never established',
    'release all',
  ]);
});

test('KA-95 one without our finalizer is left to those who hold it', () => {
  expect(decideCrd(deleted(establishedCrd(), ['other']), [], undefined, NOW)).toEqual({ type: 'nothing' });
});

test('KA-95 others are asked about only when names are in question', () => {
  const settled = establishedCrd({ names: { singular: 'widget', listKind: 'WidgetList' } });
  expect(
    [created(), settled, withValue(settled, ['spec', 'names', 'shortNames'], ['x']), deleted(created())].map(
      needsOthers,
    ),
  ).toEqual([true, false, true, false]);
});
