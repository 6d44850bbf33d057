import { type JsonObject, validateValue } from '@quarterdeck/machinery';
import { expect, test } from 'vitest';
import type { ResourceDefinition } from '../registry/definition.ts';
import { definitionOf } from './crd-definition.ts';
import { createRuleCompiler } from './rule-programs.ts';
import { establishedCrd, version, type WidgetOverrides, widgetCrd, widgetSchema } from './testdata/widget.ts';

const uncalled = () => Promise.reject(new Error('nothing here asks a webhook'));
const options = { ruleCompiler: createRuleCompiler(), webhooks: { call: uncalled, [Symbol.dispose]: () => {} } };
const ignored = () => {};

function define(overrides: WidgetOverrides = {}): ResourceDefinition {
  const definition = definitionOf(establishedCrd(overrides), options);
  if (definition === undefined) throw new Error('no definition');
  return definition;
}

test('KA-107 a CRD defines a kind under its accepted names', () => {
  const { versions, strategy, ...rest } = define({ names: { shortNames: ['wd'], categories: ['all'] } });
  expect(rest).toEqual({
    group: 'ex.test',
    plural: 'widgets',
    singular: 'widget',
    kind: 'Widget',
    listKind: 'WidgetList',
    scope: 'Namespaced',
    shortNames: ['wd'],
    categories: ['all'],
    storageVersion: 'v1',
    origin: 'custom',
    verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
    selectableFields: [],
  });
  expect(versions.map(({ name, served, subresources }) => ({ name, served, subresources }))).toEqual([
    { name: 'v1', served: true, subresources: {} },
  ]);
  expect(Object.keys(versions[0]?.schema.properties ?? {})).toEqual([
    'apiVersion',
    'kind',
    'metadata',
    'spec',
    'status',
  ]);
  expect([strategy.hasGeneration, strategy.allowUnconditionalUpdate, strategy.allowCreateOnUpdate]).toEqual([
    true,
    false,
    false,
  ]);
});

test('KA-95 there is no kind before its names are accepted', () => {
  expect(
    definitionOf(widgetCrd({ status: { acceptedNames: { plural: 'widgets', kind: 'Widget' } } }), options),
  ).toBeUndefined();
  expect(
    definitionOf(establishedCrd({ status: { conditions: [{ type: 'Established', status: 'True' }] } }), options),
  ).toBeUndefined();
});

test('KA-95 a terminating CRD takes no new instances, and lets the last be deleted', () => {
  const terminating = define({
    metadata: { deletionTimestamp: '2026-01-31T12:00:00Z' },
    versions: [version('v1', { storage: true, served: false })],
  });
  expect(terminating.verbs).toEqual(['delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']);
  expect(terminating.versions.map(({ served }) => served)).toEqual([true]);
});

test('KA-106 versions stand in the order of preference, with the warnings of deprecated ones', () => {
  const { versions } = define({
    versions: [
      version('v1alpha1', { served: false }),
      version('v1beta1', { deprecated: true, deprecationWarning: 'use v1' }),
      version('v1', { storage: true }),
      version('v2beta1', { deprecated: true }),
    ],
  });
  expect(versions.map(({ name, served, deprecationWarning }) => [name, served, deprecationWarning])).toEqual([
    ['v1', true, undefined],
    ['v2beta1', true, 'ex.test/v2beta1 Widget is deprecated; use ex.test/v1 Widget'],
    ['v1beta1', true, 'use v1'],
    ['v1alpha1', false, undefined],
  ]);
});

const object: JsonObject = {
  metadata: { name: 'a', creationTimestamp: '2026-01-31T12:00:00Z' },
  spec: { n: 3, big: 2n ** 60n, f: 1.5, on: true, list: [1, { a: 'b' }], when: '2026-01-31T12:00:00Z', nothing: null },
  status: {
    conditions: [
      { type: 'Joined', status: 'False' },
      { type: 'Ready', status: 'True' },
    ],
  },
};

test.each<{ type: string; jsonPath: string; want: string | number | boolean | undefined }>([
  { type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status', want: 'True' },
  { type: 'string', jsonPath: '.spec.n', want: '3' },
  { type: 'string', jsonPath: '.spec.big', want: '1152921504606846976' },
  { type: 'string', jsonPath: '.spec.on', want: 'true' },
  { type: 'string', jsonPath: '.spec.list', want: '[1,{"a":"b"}]' },
  { type: 'string', jsonPath: '.status.conditions[*].type', want: 'Joined' },
  { type: 'string', jsonPath: '.spec.missing', want: undefined },
  { type: 'string', jsonPath: '.spec.nothing', want: undefined },
  { type: 'integer', jsonPath: '.spec.n', want: 3 },
  { type: 'integer', jsonPath: '.spec.f', want: 1 },
  { type: 'integer', jsonPath: '.spec.when', want: undefined },
  { type: 'number', jsonPath: '.spec.f', want: 1.5 },
  { type: 'boolean', jsonPath: '.spec.on', want: true },
  { type: 'boolean', jsonPath: '.spec.n', want: undefined },
  { type: 'date', jsonPath: '.spec.when', want: '2026-01-31T12:00:00Z' },
  { type: 'date', jsonPath: '.spec.n', want: undefined },
])('KA-107 a column of $type at $jsonPath shows $want', ({ type, jsonPath, want }) => {
  const { versions } = define({ version: { additionalPrinterColumns: [{ name: 'C', type, jsonPath }] } });
  expect(versions[0]?.columns[1]?.value(object, 0)).toBe(want);
});

test('KA-107 columns are the name and its own, or the age when there are none', () => {
  const columns = (overrides: WidgetOverrides) =>
    define(overrides).versions[0]?.columns.map(({ value: _, ...column }) => column);
  expect(columns({})?.map(({ name }) => name)).toEqual(['Name', 'Age']);
  expect(
    columns({
      version: {
        additionalPrinterColumns: [
          { name: 'N', type: 'integer', jsonPath: '.spec.n', format: 'int32', priority: 1 },
          { name: 'W', type: 'date', jsonPath: '.spec.when', description: 'When.' },
        ],
      },
    })?.slice(1),
  ).toEqual([
    {
      name: 'N',
      type: 'integer',
      format: 'int32',
      description: 'Custom resource definition column (in JSONPath format): .spec.n',
      priority: 1,
    },
    { name: 'W', type: 'date', description: 'When.', priority: 0 },
  ]);
});

test('KA-107 selectable fields of all versions, as texts', () => {
  const { selectableFields } = define({
    versions: [
      version('v1', { storage: true, selectableFields: [{ jsonPath: '.spec.n' }] }),
      version('v2', { selectableFields: [{ jsonPath: '.spec.n' }, { jsonPath: '.spec.on' }, { jsonPath: '.spec.x' }] }),
    ],
  });
  expect(selectableFields.map(({ path, versions }) => [path, versions]).sort()).toEqual([
    ['spec.n', ['v2', 'v1']],
    ['spec.on', ['v2']],
    ['spec.x', ['v2']],
  ]);
  expect(selectableFields.map(({ path, value }) => [path, value(object)]).sort()).toEqual([
    ['spec.n', '3'],
    ['spec.on', 'true'],
    ['spec.x', ''],
  ]);
});

const scaled: JsonObject = {
  subresources: {
    status: {},
    scale: {
      specReplicasPath: '.spec.replicas',
      statusReplicasPath: '.status.replicas',
      labelSelectorPath: '.status.selector',
    },
  },
};

test('KA-107 subresources status and scale', () => {
  expect(define({ version: scaled }).versions[0]?.subresources).toEqual({
    status: { type: 'status' },
    scale: {
      type: 'scale',
      specReplicasPath: '.spec.replicas',
      statusReplicasPath: '.status.replicas',
      labelSelectorPath: '.status.selector',
    },
  });
});

test.each<{ name: string; object: JsonObject; want: string[] }>([
  { name: 'nothing', object: {}, want: [] },
  { name: 'good numbers', object: { spec: { replicas: 0 }, status: { replicas: 5, selector: 'a=b' } }, want: [] },
  {
    name: 'negative ones',
    object: { spec: { replicas: -1 } },
    want: ['.spec.replicas: Invalid value: -1: should be a non-negative integer'],
  },
  {
    name: 'huge ones',
    object: { status: { replicas: 2 ** 31 } },
    want: ['.status.replicas: Invalid value: 2147483648: should be less than or equal to 2147483647'],
  },
  {
    name: 'other types',
    object: { spec: { replicas: 'x' }, status: { selector: [] } },
    want: [
      '.spec.replicas: Invalid value: 0: .spec.replicas accessor error: x is of the type string, expected int64',
      '.status.selector: Invalid value: "": .status.selector accessor error: [] is of the type array, expected string',
    ],
  },
])('KA-65 replicas are checked: $name', ({ object: value, want }) => {
  const { strategy } = define({ version: scaled });
  const errors = strategy.rules?.({ apiVersion: 'ex.test/v1', ...value }, undefined, [], ignored) ?? [];
  expect(errors.map(({ field, message }) => `${field}: ${message}`)).toEqual(want);
});

test('KA-104 the rules of a version run on its objects', () => {
  const immutable = {
    type: 'string',
    'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: 'is immutable' }],
  };
  const { strategy } = define({
    versions: [
      version('v1', { storage: true, schema: { openAPIV3Schema: widgetSchema({ a: immutable }) } }),
      version('v2', { schema: { openAPIV3Schema: widgetSchema({ a: { type: 'string' } }) } }),
    ],
  });
  const at = (apiVersion: string, a: string) => ({ apiVersion, spec: { a } });
  expect(strategy.rules?.(at('ex.test/v1', 'b'), at('ex.test/v1', 'a'), [], ignored)).toEqual([
    { reason: 'FieldValueInvalid', field: 'spec.a', message: 'Invalid value: "b": is immutable' },
  ]);
  expect(strategy.rules?.(at('ex.test/v2', 'b'), at('ex.test/v2', 'a'), [], ignored)).toEqual([]);
  expect(strategy.rules?.(at('ex.test/v1', 'b'), undefined, [], ignored)).toEqual([]);
});

test('KA-97 the schema is the whole object', () => {
  const schema = define().versions[0]?.schema ?? {};
  expect(validateValue({ metadata: { labels: { a: 1 } }, spec: { a: 1 } }, schema).map(({ field }) => field)).toEqual([
    'metadata.labels.a',
    'spec.a',
  ]);
});
