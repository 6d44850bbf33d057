import type { JsonObject } from '@quarterdeck/machinery';
import { expect, test } from 'vitest';
import { anonymousUser } from '../authn/authenticator.ts';
import { objectsAt } from '../registry/fields.ts';
import { crdStrategy, customResourceDefinitions } from './crd-strategy.ts';
import { createRuleCompiler } from './rule-programs.ts';
import { establishedCrd, version, widgetCrd, widgetSchema } from './testdata/widget.ts';

const NOW = Date.UTC(2026, 0, 31, 12);
const context = { user: anonymousUser, now: NOW };
const ruleCompiler = createRuleCompiler();
const strategy = crdStrategy({ ruleCompiler });

const lines = (errors: readonly { field: string; message: string }[] | undefined) =>
  (errors ?? []).map(({ field, message }) => `${field}: ${message}`);

function createErrors(crd: JsonObject): string[] {
  const prepared = strategy.prepareForCreate?.(strategy.complete?.(crd) ?? crd, context) ?? crd;
  return lines(strategy.validateCreate?.(prepared));
}

function updateErrors(crd: JsonObject, old: JsonObject): string[] {
  const stored = strategy.complete?.(old) ?? old;
  const next = strategy.prepareForUpdate?.(strategy.complete?.(crd) ?? crd, stored, context) ?? crd;
  return lines(strategy.validateUpdate?.(next, stored));
}

const root = 'spec.validation.openAPIV3Schema';
const label1035 =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
const misnamed = (name: string) => `metadata.name: Invalid value: "${name}": must be spec.names.plural+"."+spec.group`;

test.each<{ name: string; crd: JsonObject; want: string[] }>([
  { name: 'a good one', crd: widgetCrd(), want: [] },
  { name: 'a name of its own', crd: widgetCrd({ metadata: { name: 'x.ex.test' } }), want: [misnamed('x.ex.test')] },
  {
    name: 'a group of one word',
    crd: widgetCrd({ spec: { group: 'test' }, metadata: { name: 'widgets.test' } }),
    want: ['spec.group: Invalid value: "test": should be a domain with at least one dot'],
  },
  {
    name: 'a group that is no domain',
    crd: widgetCrd({ spec: { group: 'Ex.test' } }),
    want: [
      misnamed('widgets.ex.test'),
      expect.stringMatching(/^spec.group: Invalid value: "Ex.test": a lowercase RFC 1123 subdomain/),
    ],
  },
  {
    name: 'no group',
    crd: widgetCrd({ spec: { group: '' } }),
    want: [misnamed('widgets.ex.test'), 'spec.group: Required value'],
  },
  {
    name: 'a group of built-in kinds',
    crd: widgetCrd({
      spec: { group: 'coordination.k8s.io' },
      metadata: { name: 'widgets.coordination.k8s.io', annotations: { 'api-approved.kubernetes.io': 'unapproved' } },
    }),
    want: ['spec.group: Forbidden: coordination.k8s.io is a group of built-in kinds'],
  },
  {
    name: 'an unknown scope',
    crd: widgetCrd({ spec: { scope: 'Global' } }),
    want: ['spec.scope: Unsupported value: "Global": supported values: "Cluster", "Namespaced"'],
  },
  { name: 'no scope', crd: widgetCrd({ spec: { scope: '' } }), want: ['spec.scope: Required value'] },
  {
    name: 'malformed names',
    crd: widgetCrd({
      names: {
        plural: 'Widgets',
        kind: 'wid get',
        singular: 'W',
        listKind: 'x_',
        shortNames: ['ok', 'W!'],
        categories: ['A b'],
      },
    }),
    want: [
      misnamed('widgets.ex.test'),
      `spec.names.plural: Invalid value: "Widgets": ${label1035}`,
      `spec.names.singular: Invalid value: "W": ${label1035}`,
      `spec.names.kind: Invalid value: "wid get": may have mixed case, but should otherwise match: ${label1035}`,
      `spec.names.listKind: Invalid value: "x_": may have mixed case, but should otherwise match: ${label1035}`,
      `spec.names.shortNames[1]: Invalid value: "W!": ${label1035}`,
      `spec.names.categories[0]: Invalid value: "A b": ${label1035}`,
    ],
  },
  {
    name: 'a list named like an item',
    crd: widgetCrd({ names: { listKind: 'Widget' } }),
    want: ['spec.names.listKind: Invalid value: "Widget": kind and listKind may not be the same'],
  },
  {
    name: 'no names',
    crd: widgetCrd({ spec: { names: {} } }),
    want: [
      misnamed('widgets.ex.test'),
      ...['plural', 'singular', 'kind', 'listKind'].map((key) => `spec.names.${key}: Required value`),
    ],
  },
  {
    name: 'no versions',
    crd: widgetCrd({ versions: [] }),
    want: [
      'spec.versions: Invalid value: []: must have exactly one version marked as storage version',
      'status.storedVersions: Invalid value: null: must have at least one stored version',
    ],
  },
  {
    name: 'two storage versions of one name',
    crd: widgetCrd({ versions: [version('v1', { storage: true }), version('v1', { storage: true })] }),
    want: [
      'spec.versions: Invalid value: [{"name":"v1","served":true,"storage":true},{"name":"v1","served":true,"storage":true}]: must contain unique version names',
      'spec.versions: Invalid value: [{"name":"v1","served":true,"storage":true},{"name":"v1","served":true,"storage":true}]: must have exactly one version marked as storage version',
    ],
  },
  {
    name: 'a malformed version name',
    crd: widgetCrd({ versions: [version('v1', { storage: true }), version('V2')] }),
    want: [`spec.versions[1].name: Invalid value: "V2": ${label1035}`],
  },
  {
    name: 'no schema',
    crd: widgetCrd({ version: { schema: {} } }),
    want: ['spec.versions[0].schema.openAPIV3Schema: Required value'],
  },
  {
    name: 'preserveUnknownFields',
    crd: widgetCrd({ spec: { preserveUnknownFields: true } }),
    want: [
      'spec.preserveUnknownFields: Invalid value: true: cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
    ],
  },
  { name: 'preserveUnknownFields false', crd: widgetCrd({ spec: { preserveUnknownFields: false } }), want: [] },
])('KA-94 $name', ({ crd, want }) => expect(createErrors(crd)).toEqual(want));

const approval = (annotations: JsonObject) =>
  widgetCrd({ spec: { group: 'ex.k8s.io' }, metadata: { name: 'widgets.ex.k8s.io', annotations } });
const approvalField = 'metadata.annotations[api-approved.kubernetes.io]';

test.each<{ name: string; crd: JsonObject; want: string[] }>([
  {
    name: 'is missing',
    crd: approval({}),
    want: [
      `${approvalField}: Required value: protected groups must have approval annotation "api-approved.kubernetes.io", see https://github.com/kubernetes/enhancements/pull/1111`,
    ],
  },
  {
    name: 'is nothing',
    crd: approval({ 'api-approved.kubernetes.io': 'yes' }),
    want: [
      `${approvalField}: Invalid value: "yes": protected groups must have approval annotation "api-approved.kubernetes.io" with either a URL or a reason starting with "unapproved", see https://github.com/kubernetes/enhancements/pull/1111`,
    ],
  },
  { name: 'is a URL', crd: approval({ 'api-approved.kubernetes.io': 'https://example.com/1' }), want: [] },
  { name: 'is waived', crd: approval({ 'api-approved.kubernetes.io': 'unapproved, a test' }), want: [] },
])('KA-94 the approval of a community group $name', ({ crd, want }) => {
  expect(createErrors(crd)).toEqual(want);
  expect(updateErrors(crd, crd)).toEqual([]);
});

test.each<{ name: string; crd: JsonObject; want: string[] }>([
  {
    name: 'one version, or all alike, under spec.validation',
    crd: widgetCrd({ version: { schema: { openAPIV3Schema: widgetSchema({ x: {} }) } } }),
    want: [
      `${root}.properties[spec].properties[x].type: Required value: must not be empty for specified object fields`,
    ],
  },
  {
    name: 'versions that differ, each under its own',
    crd: widgetCrd({
      versions: [
        version('v1', { storage: true }),
        version('v2', { schema: { openAPIV3Schema: { type: 'object', properties: { b: {} } } } }),
      ],
    }),
    want: [
      'spec.versions[1].schema.openAPIV3Schema.properties[b].type: Required value: must not be empty for specified object fields',
    ],
  },
  {
    name: 'a nullable root',
    crd: widgetCrd({ version: { schema: { openAPIV3Schema: { type: 'object', nullable: true } } } }),
    want: [`${root}.nullable: Forbidden: nullable cannot be true at the root`],
  },
  {
    name: 'a root that says more than a status subresource allows',
    crd: widgetCrd({
      version: { subresources: { status: {} }, schema: { openAPIV3Schema: { type: 'object', minProperties: 1 } } },
    }),
    want: [
      `${root}: Invalid value: "minProperties": only [Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example XPreserveUnknownFields XValidations] fields are allowed at the root of the schema if the status subresource is enabled`,
    ],
  },
])('KA-96 $name', ({ crd, want }) => expect(createErrors(crd)).toEqual(want));

test.each<{ name: string; version: JsonObject; want: string[] }>([
  {
    name: 'a warning without deprecation',
    version: { deprecationWarning: 'x' },
    want: ['spec.versions[0].deprecationWarning: Invalid value: "x": can only be set for deprecated versions'],
  },
  {
    name: 'an empty warning',
    version: { deprecated: true, deprecationWarning: '' },
    want: ['spec.versions[0].deprecationWarning: Invalid value: "": must not be an empty string'],
  },
  {
    name: 'a warning of two lines',
    version: { deprecated: true, deprecationWarning: 'é\nb' },
    want: [
      'spec.versions[0].deprecationWarning: Invalid value: "é\\nb": must only contain printable UTF-8 characters; non-printable character found at index 2',
    ],
  },
  { name: 'a deprecated version', version: { deprecated: true, deprecationWarning: 'use v2' }, want: [] },
])('KA-106 $name', ({ version: own, want }) => expect(createErrors(widgetCrd({ version: own }))).toEqual(want));

test.each<{ conversion: JsonObject; want: string[] }>([
  { conversion: { strategy: 'None' }, want: [] },
  { conversion: {}, want: ['spec.conversion.strategy: Required value'] },
  {
    conversion: { strategy: 'Odd' },
    want: ['spec.conversion.strategy: Unsupported value: "Odd": supported values: "None", "Webhook"'],
  },
  {
    conversion: { strategy: 'Webhook' },
    want: [
      'spec.conversion.webhookClientConfig: Required value: required when strategy is set to Webhook',
      'spec.conversion.conversionReviewVersions: Required value',
    ],
  },
  {
    conversion: { strategy: 'Webhook', webhook: { clientConfig: {}, conversionReviewVersions: ['v2', 'v2'] } },
    want: [
      'spec.conversion.webhookClientConfig: Required value: exactly one of url or service is required',
      'spec.conversion.conversionReviewVersions[1]: Invalid value: "v2": duplicate version',
    ],
  },
  {
    conversion: {
      strategy: 'Webhook',
      webhook: { clientConfig: { url: 'http://x/?a=b' }, conversionReviewVersions: ['v2'] },
    },
    want: [
      `spec.conversion.webhookClientConfig.url: Invalid value: "http": 'https' is the only allowed URL scheme; desired format: https://host[/path]`,
      'spec.conversion.webhookClientConfig.url: Invalid value: "a=b": query parameters are not permitted in the URL',
      'spec.conversion.conversionReviewVersions: Invalid value: ["v2"]: must include at least one of v1, v1beta1',
    ],
  },
  {
    // A bundle may be filled in later, by whoever makes the certificate.
    conversion: {
      strategy: 'Webhook',
      webhook: { clientConfig: { url: 'https://x/', caBundle: 'Cg==' }, conversionReviewVersions: ['v1'] },
    },
    want: [],
  },
  {
    conversion: { strategy: 'None', webhook: { conversionReviewVersions: ['v1'] } },
    want: [
      'spec.conversion.webhookClientConfig: Forbidden: should not be set when strategy is not set to Webhook',
      'spec.conversion.conversionReviewVersions: Forbidden: should not be set when strategy is not set to Webhook',
    ],
  },
])('KA-106, KA-106b how versions convert: $conversion', ({ conversion, want }) =>
  expect(createErrors(widgetCrd({ spec: { conversion } }))).toEqual(want),
);

const spec = Object.fromEntries(['a', 'b', ...'12345678'].map((name) => [name, { type: 'string' }]));

test.each<{ name: string; version: JsonObject; want: string[] }>([
  {
    name: 'scale without paths',
    version: { subresources: { scale: {} } },
    want: [
      'spec.subresources.scale.specReplicasPath: Required value',
      'spec.subresources.scale.statusReplicasPath: Required value',
    ],
  },
  {
    name: 'scale with paths to elsewhere',
    version: {
      subresources: { scale: { specReplicasPath: 'spec.n', statusReplicasPath: '.spec.n', labelSelectorPath: '.x' } },
    },
    want: [
      'spec.subresources.scale.specReplicasPath: Invalid value: "spec.n": must be a simple json path starting with .',
      'spec.subresources.scale.statusReplicasPath: Invalid value: ".spec.n": should be a json path under .status',
      'spec.subresources.scale.labelSelectorPath: Invalid value: ".x": should be a json path under either .spec or .status',
    ],
  },
  {
    name: 'an empty column',
    version: { additionalPrinterColumns: [{}] },
    want: [
      'spec.additionalPrinterColumns[0].name: Required value',
      'spec.additionalPrinterColumns[0].type: Required value: must be one of boolean,date,integer,number,string',
      'spec.additionalPrinterColumns[0].JSONPath: Required value',
    ],
  },
  {
    name: 'a malformed column',
    version: { additionalPrinterColumns: [{ name: 'a', type: 'foo', format: 'bar', jsonPath: 'spec' }] },
    want: [
      'spec.additionalPrinterColumns[0].type: Invalid value: "foo": must be one of boolean,date,integer,number,string',
      'spec.additionalPrinterColumns[0].format: Invalid value: "bar": must be one of byte,date,date-time,double,float,int32,int64,password',
      'spec.additionalPrinterColumns[0].JSONPath: Invalid value: "spec": must be a simple json path starting with .',
    ],
  },
  {
    name: 'a column that could never be printed',
    version: { additionalPrinterColumns: [{ name: 'a', type: 'string', jsonPath: '.spec[?(@.x' }] },
    want: [
      'spec.additionalPrinterColumns[0].JSONPath: Invalid value: ".spec[?(@.x": is not a JSON path that can be read: unterminated array',
    ],
  },
  {
    name: 'selectable fields',
    version: {
      selectableFields: ['.spec.a', '.spec.a', '.spec.c', 'spec', '.spec', ".spec['a']", ''].map((jsonPath) => ({
        jsonPath,
      })),
    },
    want: [
      'spec.selectableFields[1].jsonPath: Duplicate value: ".spec.a"',
      'spec.selectableFields[2].jsonPath: Invalid value: ".spec.c": is an invalid path: does not refer to a valid field',
      'spec.selectableFields[3].jsonPath: Invalid value: "spec": is an invalid path: expected [ or . but got: spec',
      'spec.selectableFields[4].jsonPath: Invalid value: ".spec": must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.',
      'spec.selectableFields[5].jsonPath: Invalid value: ".spec[\'a\']": is an invalid path: array notation is not allowed',
      'spec.selectableFields[6].jsonPath: Required value',
    ],
  },
  {
    name: 'nine selectable fields',
    version: { selectableFields: ['a', ...'12345678'].map((name) => ({ jsonPath: `.spec.${name}` })) },
    want: ['spec.selectableFields: Too many: 9: must have at most 8 items'],
  },
])('KA-107 $name', ({ version: own, want }) => {
  const schema = { openAPIV3Schema: widgetSchema(spec) };
  expect(createErrors(widgetCrd({ version: { schema, ...own } }))).toEqual(want);
});

const ruled = (rule: JsonObject, around: (node: JsonObject) => JsonObject = (node) => node) =>
  widgetCrd({
    version: {
      schema: { openAPIV3Schema: widgetSchema({ x: around({ type: 'string', 'x-kubernetes-validations': [rule] }) }) },
    },
  });
const listOf = (items: JsonObject): JsonObject => ({
  type: 'array',
  maxItems: 9,
  items: { ...items, maxLength: 9 },
});
const x = `${root}.properties[spec].properties[x]`;
const goRule = (rule: string, more: JsonObject = {}) =>
  JSON.stringify({
    Rule: rule,
    Message: '',
    MessageExpression: '',
    Reason: null,
    FieldPath: '',
    OptionalOldSelf: null,
    ...more,
  });
const noOverload =
  "ERROR: <input>:1:6: found no matching overload for '_==_' applied to '(string, int)'\n | self == 3\n | .....^";

test.each<{ name: string; crd: JsonObject; want: string[] }>([
  { name: 'a rule that holds together', crd: ruled({ rule: "self.startsWith('a')" }), want: [] },
  {
    name: 'a rule of wrong types, by its place',
    crd: ruled({ rule: 'self == 3' }, listOf),
    want: [
      `${x}.items.x-kubernetes-validations[0].rule: Invalid value: ${goRule('self == 3')}: compilation failed: ${noOverload}`,
    ],
  },
  {
    name: 'a rule that does not say yes or no',
    crd: ruled({ rule: 'size(self)' }),
    want: [
      `${x}.x-kubernetes-validations[0].rule: Invalid value: ${goRule('size(self)')}: cel expression must evaluate to a bool`,
    ],
  },
  {
    name: 'a message expression that is no text',
    crd: ruled({ rule: 'self == oldSelf', messageExpression: '3' }),
    want: [
      `${x}.x-kubernetes-validations[0].messageExpression: Invalid value: ${goRule('self == oldSelf', { MessageExpression: '3' })}: messageExpression must evaluate to a string`,
    ],
  },
  {
    name: 'a message expression that does not compile',
    crd: ruled({ rule: 'self == oldSelf', messageExpression: 'a' }),
    want: [
      `${x}.x-kubernetes-validations[0].messageExpression: Invalid value: ${goRule('self == oldSelf', { MessageExpression: 'a' })}: messageExpression compilation failed: ERROR: <input>:1:1: undeclared reference to 'a' (in container '')\n | a\n | ^`,
    ],
  },
  {
    name: 'oldSelf where items have no identity',
    crd: ruled({ rule: 'self == oldSelf' }, listOf),
    want: [
      `${x}.items.x-kubernetes-validations[0].rule: Invalid value: "self == oldSelf": oldSelf cannot be used on the uncorrelatable portion of the schema within ${x}`,
    ],
  },
  {
    name: 'optionalOldSelf without oldSelf',
    crd: ruled({ rule: "self != 'oldSelf'", optionalOldSelf: true }),
    want: [
      `${x}.x-kubernetes-validations[0].optionalOldSelf: Invalid value: true: may not be set if oldSelf is not used in rule`,
    ],
  },
])('KA-101c $name', ({ crd, want }) => expect(createErrors(crd)).toEqual(want));

const advice =
  '(try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)';

test('KA-103 a rule that may cost too much is refused, with by how much', () => {
  const rule = 'self.all(a, self.all(b, a == b))';
  const array = { type: 'array', items: { type: 'string' }, 'x-kubernetes-validations': [{ rule }] };
  const crd = widgetCrd({ version: { schema: { openAPIV3Schema: widgetSchema({ x: array }) } } });
  const over = `exceeds budget by factor of more than 100x ${advice}`;
  expect(createErrors(crd)).toEqual([
    `${x}.x-kubernetes-validations[0].rule: Forbidden: estimated rule cost ${over}`,
    `${x}.x-kubernetes-validations[0].rule: Forbidden: contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema`,
    `${root}: Forbidden: x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema ${over}`,
  ]);
});

test('KA-101b a rule that was stored by a server that knew it stays', () => {
  const old = { ...ruled({ rule: 'self > 3' }), status: { storedVersions: ['v1'] } };
  expect(updateErrors({ ...old, metadata: { name: 'widgets.ex.test', labels: { a: 'b' } } }, old)).toEqual([]);
  expect(updateErrors({ ...ruled({ rule: 'self > 4' }), status: { storedVersions: ['v1'] } }, old)).toHaveLength(1);
});

test.each<{ name: string; next: JsonObject; old: JsonObject; want: string[] }>([
  { name: 'labels', next: establishedCrd({ metadata: { labels: { a: 'b' } } }), old: establishedCrd(), want: [] },
  {
    name: 'the scope once established',
    next: establishedCrd({ spec: { scope: 'Cluster' } }),
    old: establishedCrd(),
    want: ['spec.scope: Invalid value: "Cluster": field is immutable'],
  },
  {
    name: 'the scope before',
    next: widgetCrd({ spec: { scope: 'Cluster' }, status: { storedVersions: ['v1'] } }),
    old: widgetCrd({ status: { storedVersions: ['v1'] } }),
    want: [],
  },
  {
    name: 'the kind once established',
    next: establishedCrd({ names: { kind: 'Gadget' } }),
    old: establishedCrd(),
    want: ['spec.names.kind: Invalid value: "Gadget": field is immutable'],
  },
  {
    name: 'group and plural',
    next: establishedCrd({ spec: { group: 'other.test' }, names: { plural: 'gadgets' } }),
    old: establishedCrd(),
    want: [
      'spec.group: Invalid value: "other.test": field is immutable',
      'spec.names.plural: Invalid value: "gadgets": field is immutable',
      misnamed('widgets.ex.test'),
    ],
  },
  {
    name: 'a version whose objects may still be stored',
    next: establishedCrd({ versions: [version('v2', { storage: true })] }),
    old: establishedCrd(),
    want: [
      'status.storedVersions[0]: Invalid value: "v1": missing from spec.versions; v1 was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in v1 and removes v1 from status.storedVersions',
    ],
  },
])('KA-94 a change of $name', ({ next, old, want }) => expect(updateErrors(next, old)).toEqual(want));

test('KA-94 what the author leaves out is filled in', () => {
  expect(strategy.complete?.(widgetCrd({ spec: { preserveUnknownFields: false } }))?.spec).toMatchObject({
    names: { plural: 'widgets', kind: 'Widget', singular: 'widget', listKind: 'WidgetList' },
    conversion: { strategy: 'None' },
  });
  const completed = strategy.complete?.(widgetCrd()) ?? {};
  expect(completed.spec).not.toHaveProperty('preserveUnknownFields');
  expect(strategy.complete?.(completed)).toEqual(completed);
});

test('KA-95 a new CRD starts with an empty status that notes its storage version', () => {
  const crd = widgetCrd({ status: { storedVersions: ['v9'], conditions: [{ type: 'Established', status: 'True' }] } });
  expect(strategy.prepareForCreate?.(crd, context).status).toEqual({
    conditions: [],
    acceptedNames: { plural: '', kind: '' },
    storedVersions: ['v1'],
  });
});

test('KA-95 a new storage version is added to the stored ones', () => {
  const old = establishedCrd();
  const next = establishedCrd({ versions: [version('v1'), version('v2', { storage: true })] });
  expect(strategy.prepareForUpdate?.(next, old, context).status).toMatchObject({ storedVersions: ['v1', 'v2'] });
});

test('KA-95 a deleted CRD is held by the cleanup finalizer, and says so', () => {
  const deleted = establishedCrd({ metadata: { finalizers: ['x'] } });
  const held = strategy.prepareForDelete?.(deleted, context) ?? deleted;
  expect(held.metadata).toMatchObject({ finalizers: ['x', 'customresourcecleanup.apiextensions.k8s.io'] });
  expect(objectsAt(held, 'status', 'conditions')[2]).toEqual({
    type: 'Terminating',
    status: 'True',
    lastTransitionTime: '2026-01-31T12:00:00Z',
    reason: 'InstanceDeletionPending',
    message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
  });
});

test('KA-97 a format that nobody checks is warned about, once', () => {
  const schema = {
    openAPIV3Schema: widgetSchema({
      a: { type: 'string', format: 'foo' },
      b: { type: 'string', format: 'foo' },
    }),
  };
  expect(strategy.warnings?.(widgetCrd({ version: { schema } }))).toEqual(['unrecognized format "foo"']);
});

test('KA-118 the kind itself is served with its table and names', () => {
  const definition = customResourceDefinitions({ ruleCompiler });
  expect(definition.versions.map(({ name, columns }) => [name, columns.map((column) => column.name)])).toEqual([
    ['v1', ['Name', 'Created At']],
  ]);
  expect([definition.shortNames, definition.categories]).toEqual([['crd', 'crds'], ['api-extensions']]);
});

test('KA-101b what a stored CRD says already is not checked again; what it says anew is', () => {
  const unstructural = (description: string) =>
    establishedCrd({
      spec: { versions: [version('v1', { storage: true, schema: { openAPIV3Schema: { description, not: {} } } })] },
    });
  expect(updateErrors(unstructural('a'), unstructural('a'))).toEqual([]);
  expect(updateErrors(unstructural('b'), unstructural('a'))).not.toEqual([]);
});
