import type { JsonObject, JsonValue } from '@quarterdeck/machinery';
import { asTable, get, patch, post, put, type Scenario, type Step, scenario, silently } from '../step.ts';
import { configMap, configMaps, crd, crds, established, leases, object, schemaOf, secrets } from './objects.ts';

const group = 'found.recordings.io';
const tried = (path: string, body: JsonValue): Step => post(`${path}?dryRun=All`, body);

const lease = (spec: JsonObject): Step => tried(leases, object('coordination.k8s.io/v1', 'Lease', 'l', { spec }));
const renewed = (renewTime: JsonValue): Step => lease({ renewTime });
const secret = (data: JsonValue): Step => tried(secrets, object('v1', 'Secret', 's', { data }));
const labelled = (metadata: JsonObject): Step => tried(configMaps, configMap('m', {}, metadata));

const definition = (x: JsonObject, version: JsonObject = {}): JsonObject =>
  crd({ group, plural: 'founds', kind: 'Found', properties: { spec: schemaOf.object({ x }) }, version });
const defined = (x: JsonObject, query = ''): Step => post(`${crds}?dryRun=All${query}`, definition(x));
const rule = (text: string, more: JsonObject = {}) => ({ 'x-kubernetes-validations': [{ rule: text, ...more }] });
const text = { type: 'string', maxLength: 9 };

const anything: JsonObject = { 'x-kubernetes-preserve-unknown-fields': true };
const shownPath = `/apis/${group}/v1/namespaces/{ns}/shown`;
const parts = `/apis/${group}/v1/namespaces/{ns}/parts`;
const part = (spec: JsonValue, name = 'p'): JsonObject => object(`${group}/v1`, 'Part', name, { spec });
const listed: JsonObject = {
  type: 'array',
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': ['k'],
  items: { type: 'object', required: ['k'], properties: { k: { type: 'string' } } },
};
const open: JsonObject = { type: 'object', ...anything };
const anyPart = schemaOf.object({ open, known: schemaOf.object({ a: text }), listed });
const stricterPart = schemaOf.object({
  open: { ...open, maxProperties: 1 },
  known: schemaOf.object({ a: { type: 'string', pattern: '^z' } }),
  listed: { ...listed, maxItems: 1 },
});
const stored = { open: { a: 1, b: 2 }, known: { a: 'a' }, listed: [{ k: 'a' }, { k: 'b' }] };
/** The same as before, but for a label. */
const touched = (spec: JsonValue): Step =>
  put(`${parts}/p?dryRun=All`, { ...part(spec), metadata: { name: 'p', resourceVersion: '{rv}', labels: { a: 'b' } } });

const cells = (body: JsonValue): JsonValue =>
  ((body as JsonObject).rows as JsonObject[]).map((row) => row.cells ?? null);
const columns: JsonObject = {
  additionalPrinterColumns: [
    { name: 'When', type: 'date', jsonPath: '.spec.x' },
    { name: 'All', type: 'string', jsonPath: '.spec.x[*]' },
    { name: 'Spaced', type: 'string', jsonPath: '.spec.x ' },
  ],
};
const shown: readonly JsonValue[] = ['2020-01-02', 'a', '', 1, ['a', 'b'], { a: 1 }];

/** What random objects showed to differ. KA-30, KA-51, KA-61, KA-94, KA-99, KA-105 */
export const foundTypes: readonly Scenario[] = [
  scenario(
    'typed-times',
    renewed('2020-01-02T03:04:05.123456Z'),
    renewed('2020-01-02T03:04:05.123456+01:00'),
    renewed('2020-01-02T03:04:05Z'),
    renewed('2020-01-02T03:04:05.1Z'),
    renewed('2020-01-02T03:04:05.123456789Z'),
    renewed('2020-01-02T03:04:05.123456z'),
    renewed('2020-02-30T03:04:05.123456Z'),
    renewed(''),
    renewed(1),
    lease({ leaseDurationSeconds: 2147483647 }),
    lease({ leaseDurationSeconds: 2147483648 }),
  ),
  scenario(
    'typed-values',
    secret({ a: 'YQ==\n' }),
    secret({ a: 'YWJj\r\nZGVm\n' }),
    secret({ a: '' }),
    secret({ a: 'YQ' }),
    tried(configMaps, configMap('m', { a: null })),
    labelled({ labels: { a: null } }),
    labelled({ labels: [] }),
    labelled({ labels: {} }),
    labelled({ ownerReferences: {} }),
    labelled({ ownerReferences: [] }),
    labelled({ finalizers: {} }),
  ),
  scenario(
    'crd-typed',
    ...['', '&fieldValidation=Strict', '&fieldValidation=Ignore'].map((query) =>
      defined({ ...text, 'x-odd': 1, items: 'odd' }, query),
    ),
    defined({
      type: 'object',
      properties: {},
      allOf: [],
      pattern: '',
      exclusiveMinimum: false,
      nullable: false,
      default: null,
      anyOf: [{ properties: {}, required: [] }],
    }),
    defined({ type: 'integer', minimum: 'a' }),
    defined({ type: 'string', maxLength: 1.5 }),
    defined({ type: 'object', properties: { a: { type: ['string'] } } }),
    defined({ type: 'object', additionalProperties: 'a' }),
    defined({ ...text, nullable: 1 }),
  ),
  scenario(
    'crd-defaults',
    defined({ ...text, default: 'b', ...rule("self == 'a'") }),
    defined({ ...text, default: 'a', ...rule("self == 'a'") }),
    defined({ type: 'object', default: { k: 'b' }, properties: { k: { ...text, ...rule("self == 'a'") } } }),
    defined({ type: 'object', default: {}, properties: { k: text }, ...rule("self.k == 'a'") }),
    defined({ type: 'array', maxItems: 3, items: { ...text, default: 'b', ...rule("self == 'a'") } }),
    defined({
      type: 'object',
      maxProperties: 3,
      additionalProperties: { ...text, default: 'b', ...rule("self == 'a'") },
    }),
    defined({ ...text, default: 'a', ...rule('self != oldSelf') }),
    defined({ ...text, default: 'a', ...rule('oldSelf.hasValue()', { optionalOldSelf: true }) }),
    defined({ type: 'array', 'x-kubernetes-list-type': 'set', items: text, default: ['a', 'a'] }),
    defined({
      ...open,
      'x-kubernetes-embedded-resource': true,
      maxProperties: 1,
      default: { apiVersion: 'v1', kind: 'a_b' },
    }),
    defined({ type: 'integer', multipleOf: 1.5, default: 4 }),
    defined({ type: 'number', multipleOf: 0.5, default: 1 }),
  ),
  scenario(
    'crd-parts',
    ...[{ name: 'A' }, { type: 'string' }, { jsonPath: '.a' }].map((column) =>
      post(`${crds}?dryRun=All`, definition(text, { additionalPrinterColumns: [column] })),
    ),
    post(`${crds}?dryRun=All`, definition(text, { selectableFields: [{}] })),
    post(`${crds}?dryRun=All`, definition(text, { subresources: { scale: {} } })),
  ),
  scenario(
    'tables-odd-values',
    ...established(
      crd({
        group,
        plural: 'shown',
        kind: 'Shown',
        properties: { spec: schemaOf.object({ x: anything }) },
        version: columns,
      }),
    ),
    ...shown.map((x, index) => silently(post(shownPath, object(`${group}/v1`, 'Shown', `s${index}`, { spec: { x } })))),
    asTable(get(shownPath, { view: cells })),
  ),
  scenario(
    'ratcheting-parts',
    ...established(crd({ group, plural: 'parts', kind: 'Part', properties: { spec: anyPart } })),
    post(parts, part(stored), { capture: { rv: 'metadata.resourceVersion' } }),
    silently(
      patch('json', `${crds}/parts.${group}`, [
        { op: 'replace', path: '/spec/versions/0/schema/openAPIV3Schema/properties/spec', value: stricterPart },
      ]),
    ),
    post(`${parts}?dryRun=All`, part(stored, 'q'), { until: ['code', 422] }),
    touched(stored),
    touched({ known: { a: 'a' }, listed: stored.listed }),
    touched({ known: { a: 'a' }, listed: [{ k: 'b' }, { k: 'a' }] }),
    touched({ known: { a: 'a' }, listed: [{ k: 'a' }, { k: 'c' }] }),
    touched({ known: { a: 'b' } }),
  ),
];
