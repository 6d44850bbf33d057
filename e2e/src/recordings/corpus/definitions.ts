import type { JsonObject, JsonValue } from '@quarterdeck/machinery';
import { apply, get, patch, post, put, remove, type Scenario, type Step, scenario, silently } from '../step.ts';
import { crd, crds, established, object, schemaOf } from './objects.ts';

const group = 'defs.recordings.io';
const base = (
  change: (definition: JsonObject) => void,
  properties: JsonObject = { spec: { type: 'object' } },
): JsonObject => {
  const definition = structuredClone(crd({ group, plural: 'refused', kind: 'Refused', properties }));
  change(definition);
  return definition;
};
const spec = (definition: JsonObject) => definition.spec as JsonObject;
const version = (definition: JsonObject) => (spec(definition).versions as JsonObject[])[0] as JsonObject;
const refused = (change: (definition: JsonObject) => void): Step => post(`${crds}?dryRun=All`, base(change));
const schema = (properties: JsonObject): Step =>
  post(
    `${crds}?dryRun=All`,
    base(() => {}, properties),
  );
const root = (openAPIV3Schema: JsonValue): Step =>
  refused((definition) => {
    version(definition).schema = { openAPIV3Schema };
  });
const inSpec = (node: JsonValue): Step => schema({ spec: node });

const things = `/apis/${group}/v1/namespaces/{ns}/shapes`;
const shape = (rest: JsonObject, name = 's'): JsonObject => object(`${group}/v1`, 'Shape', name, rest);
const make = (spec: JsonValue, name = 's'): Step => post(`${things}?dryRun=All`, shape({ spec }, name));

/** CustomResourceDefinitions: what is refused and how, and what their schemas do. KA-94 to KA-108 */
export const definitions: readonly Scenario[] = [
  scenario(
    'crd-refused',
    refused((d) => {
      (d.metadata as JsonObject).name = 'wrong';
    }),
    refused((d) => {
      spec(d).group = '';
    }),
    refused((d) => {
      spec(d).group = 'Bad_Group';
    }),
    refused((d) => {
      spec(d).scope = 'Everywhere';
    }),
    refused((d) => {
      spec(d).names = {};
    }),
    refused((d) => {
      spec(d).names = {
        plural: 'refused',
        kind: 'refused kind',
        singular: 'Refused',
        shortNames: ['Bad_'],
        categories: ['Bad_'],
        listKind: 'Refused Kind',
      };
    }),
    refused((d) => {
      spec(d).versions = [];
    }),
    refused((d) => {
      version(d).storage = false;
    }),
    refused((d) => {
      version(d).name = 'V_1';
    }),
    refused((d) => {
      spec(d).versions = [version(d), version(d)];
    }),
    refused((d) => {
      delete version(d).schema;
    }),
    refused((d) => {
      spec(d).preserveUnknownFields = true;
    }),
    refused((d) => {
      spec(d).conversion = { strategy: 'Webhook' };
    }),
    refused((d) => {
      spec(d).conversion = { strategy: 'Odd' };
    }),
    refused((d) => {
      version(d).subresources = {
        scale: { specReplicasPath: 'x', statusReplicasPath: '.spec.y', labelSelectorPath: '.metadata.z' },
      };
    }),
    refused((d) => {
      version(d).additionalPrinterColumns = [
        { name: '', type: 'odd', jsonPath: '' },
        { name: 'A', type: 'string', jsonPath: '{.bad' },
      ];
    }),
    refused((d) => {
      version(d).selectableFields = [{ jsonPath: '.spec.none' }, { jsonPath: 'x' }, { jsonPath: '.spec' }];
    }),
    post(
      `${crds}?dryRun=All`,
      crd({ group: 'recordings.k8s.io', plural: 'protecteds', kind: 'Protected', properties: {} }),
    ),
    post(`${crds}?dryRun=All`, object('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'x')),
    post(crds, { ...base(() => {}), apiVersion: 'apiextensions.k8s.io/v1beta1' }),
    post(
      `${crds}?fieldValidation=Strict`,
      base((d) => {
        spec(d).odd = 1;
      }),
    ),
  ),
  scenario(
    'crd-structural',
    root({}),
    root({ type: 'array' }),
    root({ properties: { spec: {} } }),
    inSpec({}),
    inSpec({ type: 'odd' }),
    inSpec({ type: 'object', properties: { a: {} } }),
    inSpec({ type: 'array' }),
    inSpec({ type: 'array', items: {} }),
    inSpec({ type: 'array', items: [{ type: 'string' }] }),
    inSpec({ $ref: '#/x' }),
    inSpec({ type: 'object', properties: { a: { type: 'string' } }, additionalProperties: { type: 'string' } }),
    inSpec({ type: 'object', properties: { a: { type: 'string' } }, additionalProperties: false }),
    inSpec({ type: 'object', patternProperties: { a: { type: 'string' } } }),
    inSpec({ type: 'object', definitions: { a: { type: 'string' } } }),
    inSpec({ type: 'array', items: { type: 'string' }, uniqueItems: true }),
    inSpec({ type: 'object', allOf: [{ type: 'object', properties: { a: { type: 'string' } } }] }),
    inSpec({ type: 'object', anyOf: [{ description: 'x', default: {}, nullable: true, title: 'y' }] }),
    inSpec({ type: 'object', not: { required: ['x'] } }),
    inSpec({ type: 'object', oneOf: [{ properties: { undeclared: { minimum: 1 } } }] }),
    inSpec({ 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] }),
    inSpec({ 'x-kubernetes-int-or-string': true, type: 'string' }),
    inSpec({ type: 'object', 'x-kubernetes-preserve-unknown-fields': false }),
    inSpec({ type: 'string', 'x-kubernetes-preserve-unknown-fields': true }),
    inSpec({ type: 'object', 'x-kubernetes-embedded-resource': true }),
    inSpec({ type: 'string', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true }),
    inSpec({ type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'odd' }),
    inSpec({
      type: 'array',
      items: { type: 'string' },
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['a'],
    }),
    inSpec({
      type: 'array',
      items: { type: 'object', properties: { a: { type: 'string' } } },
      'x-kubernetes-list-type': 'map',
    }),
    inSpec({
      type: 'array',
      items: { type: 'object', properties: { a: { type: 'string' } } },
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['a'],
    }),
    inSpec({
      type: 'array',
      items: { type: 'object', required: ['a'], properties: { a: { type: 'object' } } },
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['a', 'a', 'b'],
    }),
    inSpec({ type: 'array', items: { type: 'object', properties: {} }, 'x-kubernetes-list-type': 'set' }),
    inSpec({ type: 'object', 'x-kubernetes-map-type': 'odd' }),
    inSpec({ type: 'string', 'x-kubernetes-map-type': 'atomic', 'x-kubernetes-list-type': 'atomic' }),
    inSpec({ type: 'string', default: 1 }),
    inSpec({ type: 'object', default: { a: 1 }, properties: {} }),
    inSpec({ type: 'object', properties: { a: { type: 'string', default: null } } }),
    inSpec({ type: 'string', pattern: '(' }),
    inSpec({ type: 'string', pattern: '(?=x)' }),
    inSpec({ type: 'string', format: 'odd' }),
    inSpec({ type: 'string', minLength: 5, maxLength: 1 }),
    inSpec({ type: 'integer', enum: [] }),
    inSpec({ type: 'string', enum: ['a', 'a'] }),
    schema({ metadata: { type: 'object', properties: { labels: { type: 'object' } } }, spec: { type: 'object' } }),
    schema({ metadata: { type: 'object', properties: { name: { type: 'string', maxLength: 5 } } } }),
    schema({ apiVersion: { type: 'integer' }, kind: { type: 'string', pattern: 'x' }, metadata: { type: 'string' } }),
    inSpec({ type: 'object', id: 'x', title: 't', example: { a: 1 }, externalDocs: { url: 'x' } }),
    inSpec({ type: 'object', 'x-kubernetes-validations': [{ rule: '' }] }),
    inSpec({
      type: 'object',
      'x-kubernetes-validations': [{ rule: 'true', reason: 'Odd', fieldPath: 'x', message: '' }],
    }),
  ),
  scenario(
    'crd-instances',
    ...established(
      crd({
        group,
        plural: 'shapes',
        kind: 'Shape',
        properties: {
          spec: schemaOf.object(
            {
              s: { type: 'string', minLength: 2, maxLength: 4, pattern: '^a' },
              e: { type: 'string', enum: ['one', 'two'] },
              i: { type: 'integer', minimum: 1, maximum: 9, exclusiveMaximum: true, multipleOf: 2 },
              n: { type: 'number', minimum: 0.5 },
              b: { type: 'boolean' },
              d: { type: 'string', format: 'date-time' },
              l: schemaOf.list(schemaOf.string, { minItems: 1, maxItems: 2 }),
              set: schemaOf.list(schemaOf.string, { 'x-kubernetes-list-type': 'set' }),
              map: schemaOf.list(schemaOf.object({ k: schemaOf.string, v: schemaOf.string }, { required: ['k'] }), {
                'x-kubernetes-list-type': 'map',
                'x-kubernetes-list-map-keys': ['k'],
              }),
              o: { type: 'object', additionalProperties: schemaOf.integer, minProperties: 1, maxProperties: 2 },
              def: { type: 'string', default: 'given' },
              deep: {
                type: 'object',
                default: {},
                properties: { inner: { type: 'integer', default: 4 }, other: schemaOf.string },
              },
              nul: { type: 'string', nullable: true, default: 'n' },
              any: { anyOf: [{ type: 'integer' }, { type: 'string' }], 'x-kubernetes-int-or-string': true },
              alt: {
                type: 'object',
                properties: { x: schemaOf.integer, y: schemaOf.integer },
                oneOf: [{ required: ['x'] }, { required: ['y'] }],
              },
              not: { type: 'string', not: { enum: ['never'] } },
              open: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
              emb: {
                type: 'object',
                'x-kubernetes-embedded-resource': true,
                'x-kubernetes-preserve-unknown-fields': true,
              },
              req: schemaOf.object({ must: schemaOf.string }, { required: ['must'] }),
            },
            {},
          ),
        },
      }),
    ),
    make({}),
    make({
      s: 'abc',
      e: 'one',
      i: 4,
      n: 0.5,
      b: true,
      d: '2020-01-01T00:00:00Z',
      l: ['x'],
      set: ['x', 'y'],
      map: [{ k: 'a' }, { k: 'b' }],
      o: { a: 1 },
      any: 1,
      alt: { x: 1 },
      not: 'ok',
    }),
    make({ s: 'x' }),
    make({ s: 'abcdef' }),
    make({ e: 'three' }),
    make({ i: 9 }),
    make({ i: 0 }),
    make({ i: 3 }),
    make({ i: 2.5 }),
    make({ i: '2' }),
    make({ n: 0 }),
    make({ b: 'true' }),
    make({ d: 'yesterday' }),
    make({ l: [] }),
    make({ l: ['a', 'b', 'c'] }),
    make({ l: [1] }),
    make({ l: {} }),
    make({ set: ['a', 'b', 'a'] }),
    make({ map: [{ k: 'a' }, { k: 'a' }] }),
    make({ map: [{ v: 'a' }] }),
    make({ o: {} }),
    make({ o: { a: 1, b: 2, c: 3 } }),
    make({ o: { a: 'x' } }),
    make({ def: null, nul: null, deep: null }),
    make({ deep: { other: 'x', unknown: 1 } }),
    make({ s: null }),
    make({ any: true }),
    make({ any: 1.5 }),
    make({ alt: {} }),
    make({ alt: { x: 1, y: 1 } }),
    make({ not: 'never' }),
    make({ open: { a: { b: [1, null] } } }),
    make({ emb: { a: 1 } }),
    make({ emb: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'Bad_', labels: { 'bad key!': 'x' }, odd: 1 } } }),
    make({ req: {} }),
    make({ s: 'x', e: 'three', i: 0, req: {} }),
    make('text'),
    make(null),
    post(
      `${things}?dryRun=All&fieldValidation=Strict`,
      shape({
        spec: {
          odd: 1,
          deep: { odd: 1 },
          open: { fine: 1 },
          emb: { apiVersion: 'v1', kind: 'P', metadata: { odd: 1 } },
        },
        odd: 1,
        metadata: { odd: 1 },
      }),
    ),
    silently(post(things, shape({ spec: { s: 'abc', set: ['a', 'b'] } }))),
    patch('merge', `${things}/s`, { spec: { s: 'x' } }),
    patch('merge', `${things}/s`, { spec: { def: null } }),
    silently(
      patch('json', `${crds}/shapes.${group}`, [
        {
          op: 'replace',
          path: '/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/s/maxLength',
          value: 2,
        },
      ]),
    ),
    patch('merge', `${things}/s`, { spec: { s: 'abcd' } }, { until: ['code', 422] }),
    patch('merge', `${things}/s`, { spec: { i: 2 } }),
    patch('merge', `${things}/s`, { spec: { s: 'abcde', i: 3 } }),
  ),
  scenario(
    'crd-lifecycle',
    post(crds, crd({ group: 'life.recordings.io', plural: 'lives', kind: 'Life', properties: {} })),
    get(`${crds}/lives.life.recordings.io`, { until: ['status.conditions.1.status', 'True'] }),
    post(
      crds,
      crd({
        group: 'life.recordings.io',
        plural: 'others',
        kind: 'Life',
        names: { singular: 'other', shortNames: ['lives'] },
        properties: {},
      }),
    ),
    get(`${crds}/others.life.recordings.io`, { until: ['status.conditions.0.reason', 'ListKindConflict'] }),
    patch('merge', `${crds}/lives.life.recordings.io`, { spec: { group: 'other.io' } }),
    patch('merge', `${crds}/lives.life.recordings.io`, { spec: { scope: 'Cluster' } }),
    patch('merge', `${crds}/lives.life.recordings.io`, { spec: { names: { plural: 'lifes' } } }),
    patch('merge', `${crds}/lives.life.recordings.io`, { metadata: { labels: { a: 'b' } } }),
    patch('json', `${crds}/lives.life.recordings.io`, [{ op: 'replace', path: '/spec/versions/0/name', value: 'v2' }]),
    patch('merge', `${crds}/lives.life.recordings.io/status`, { status: { storedVersions: ['v7'] } }),
    patch('merge', `${crds}/lives.life.recordings.io/status`, { status: { storedVersions: [] } }),
    apply('one', `${crds}/lives.life.recordings.io`, {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'lives.life.recordings.io', labels: { ap: 'plied' } },
    }),
    get('/apis/life.recordings.io/v1/lives', { until: ['kind', 'LifeList'] }),
    put(
      `${crds}/lives.life.recordings.io`,
      crd({ group: 'life.recordings.io', plural: 'lives', kind: 'Life', properties: {} }),
    ),
    remove(`${crds}/lives.life.recordings.io`, undefined, { view: (body) => (body as JsonObject).kind as string }),
    get(`${crds}/lives.life.recordings.io`, { until: ['code', 404] }),
    get('/apis/life.recordings.io/v1/lives', { until: ['code', 404] }),
  ),
  scenario(
    'crd-versions',
    ...((): Step[] => {
      const definition = crd({
        group: 'multi.recordings.io',
        plural: 'manies',
        kind: 'Many',
        properties: {
          spec: schemaOf.object({
            a: schemaOf.string,
            l: schemaOf.list(schemaOf.string, { 'x-kubernetes-list-type': 'set' }),
          }),
        },
      });
      const [first] = spec(definition).versions as JsonObject[];
      spec(definition).versions = [
        first as JsonObject,
        { ...(first as JsonObject), name: 'v1beta1', storage: false, deprecated: true },
        {
          ...(first as JsonObject),
          name: 'v1alpha1',
          storage: false,
          deprecated: true,
          deprecationWarning: 'go "away"',
        },
        { ...(first as JsonObject), name: 'v2alpha1', storage: false, served: false },
      ];
      const at = (name: string, v = 'v1') =>
        `/apis/multi.recordings.io/${v}/namespaces/{ns}/manies${name === '' ? '' : `/${name}`}`;
      const many = (v: string, spec: JsonObject, metadata: JsonObject = {}) =>
        object(`multi.recordings.io/${v}`, 'Many', 'm', { spec, metadata });
      return [
        ...established(definition),
        get('/apis/multi.recordings.io', { until: ['kind', 'APIGroup'] }),
        post(at('', 'v1beta1'), many('v1beta1', { a: 'x' })),
        get(at('m')),
        get(at('m', 'v1alpha1')),
        get(at('', 'v1beta1')),
        get(at('m', 'v2alpha1')),
        apply('one', at('m'), many('v1', { l: ['a'] })),
        apply('one', at('m', 'v1beta1'), many('v1beta1', { l: ['a', 'b'] })),
        apply('two', at('m', 'v1beta1'), many('v1beta1', { a: 'y' })),
        patch('merge', `${at('m', 'v1alpha1')}?fieldManager=up`, { spec: { a: 'z' } }),
        patch('merge', `${at('m')}?fieldManager=up`, { spec: { a: 'w' } }),
        post(at(''), many('v1beta1', {})),
        patch('json', `${crds}/manies.multi.recordings.io`, [{ op: 'remove', path: '/spec/versions/1' }], {
          view: (body) => ((body as JsonObject).status as JsonObject).storedVersions as JsonValue,
        }),
        get(at('m', 'v1beta1'), { until: ['code', 404] }),
        get(at('m')),
        apply('one', at('m'), many('v1', { l: ['a'] })),
        silently(
          patch('json', `${crds}/manies.multi.recordings.io`, [
            {
              op: 'remove',
              path: '/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/l/x-kubernetes-list-type',
            },
          ]),
        ),
        apply('two', at('m'), many('v1', { l: ['q'] }), '', { until: ['reason', 'Conflict'] }),
        apply('one', at('m'), many('v1', { l: ['z'] })),
        get(at('m')),
      ];
    })(),
  ),
];
