import type { JsonObject, JsonValue } from '@quarterdeck/machinery';
import { patch, post, put, type Scenario, type Step, scenario, silently } from '../step.ts';
import { crd, crds, established, object, schemaOf } from './objects.ts';

const group = 'rules.recordings.io';

/** A CRD whose spec has these properties, that is only tried. */
const tried = (properties: JsonObject, rules: JsonValue = []): Step =>
  post(
    `${crds}?dryRun=All`,
    crd({
      group,
      plural: 'tried',
      kind: 'Tried',
      properties: { spec: { type: 'object', properties, 'x-kubernetes-validations': rules } },
    }),
  );
const ruled = (node: JsonObject, ...rules: JsonObject[]): JsonObject =>
  rules.length === 0 ? node : { ...node, 'x-kubernetes-validations': rules };
const text = (more: JsonObject = {}): JsonObject => ({ type: 'string', maxLength: 10, ...more });
const texts = (more: JsonObject = {}): JsonObject => ({ type: 'array', maxItems: 10, items: text(), ...more });
const x = (node: JsonObject, ...rules: JsonObject[]): Step => tried({ x: ruled(node, ...rules) });
const immutable: JsonObject = { rule: 'self == oldSelf' };

const keyed: JsonObject = {
  type: 'array',
  maxItems: 10,
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': ['k'],
  items: { type: 'object', required: ['k'], properties: { k: text(), v: ruled(text(), immutable) } },
};
const strict = { rule: "self.startsWith('a')" };
/** Beyond what one call may cost, when the list has a thousand items. */
const heavy = 'self.all(a, self.all(b, self.all(c, a != b || b != c)))';

const properties: JsonObject = {
  spec: ruled(
    {
      type: 'object',
      properties: {
        plain: ruled(text(), strict),
        said: ruled(text(), { ...strict, message: ' must start with a ' }),
        made: ruled(
          text(),
          { ...strict, messageExpression: "self + ' does not start with a'" },
          { ...strict, messageExpression: "'two\\nlines'", message: 'said' },
          { ...strict, messageExpression: "''" },
        ),
        reasons: ruled(
          { type: 'object', properties: { a: text(), b: text(), c: text() } },
          { rule: "!has(self.a) || self.a == 'a'", reason: 'FieldValueForbidden', fieldPath: '.a', message: 'no a' },
          { rule: "!has(self.b) || self.b == 'b'", reason: 'FieldValueRequired', fieldPath: '.b' },
          { rule: "!has(self.c) || self.c == 'c'", reason: 'FieldValueDuplicate', fieldPath: '.c' },
          { rule: "!has(self.c) || self.c != 'd'", reason: 'FieldValueInvalid', fieldPath: '.c' },
        ),
        duplicate: ruled(text(), { ...strict, reason: 'FieldValueDuplicate', message: 'not shown' }),
        missing: ruled({ type: 'object', properties: { a: text() } }, { rule: "self.a == 'a'" }),
        divided: ruled({ type: 'integer' }, { rule: '10 / self > 1', message: 'divides' }),
        odd: ruled({ 'x-kubernetes-int-or-string': true }, { rule: 'self > 1' }),
        list: { type: 'array', maxItems: 10, items: ruled(text(), strict) },
        map: { type: 'object', maxProperties: 10, additionalProperties: ruled(text(), strict) },
        set: ruled(texts({ 'x-kubernetes-list-type': 'set' }), { rule: "self == ['b', 'a'] || 'z' in self" }),
        fixed: ruled(text(), immutable),
        optional: ruled(text(), {
          rule: "oldSelf.hasValue() || self == 'first'",
          optionalOldSelf: true,
          message: 'begins as first',
        }),
        keyed,
        nullable: ruled(text({ nullable: true }), strict),
        embedded: ruled(
          {
            type: 'object',
            'x-kubernetes-embedded-resource': true,
            'x-kubernetes-preserve-unknown-fields': true,
          },
          { rule: "self.kind == 'Pod' && self.metadata.name != 'bad'" },
        ),
        time: ruled(text({ format: 'date-time', maxLength: 30 }), { rule: 'self.getFullYear() == 2020' }),
        'dotted.name': ruled(text(), strict),
        many: ruled({ type: 'array', maxItems: 2000, items: { type: 'boolean' } }, { rule: 'size(self) < 2000' }),
        cost: ruled(
          { type: 'array', maxItems: 100, items: schemaOf.integer },
          { rule: heavy, message: 'costs too much' },
        ),
        limited: text({ maxLength: 3 }),
      },
    },
    { rule: "!has(self.dotted__dot__name) || self.dotted__dot__name != 'ab'", message: 'not ab' },
  ),
};
const things = `/apis/${group}/v1/namespaces/{ns}/ruleds`;
const ruledObject = (spec: JsonObject, name = 'r'): JsonObject => object(`${group}/v1`, 'Ruled', name, { spec });
const make = (spec: JsonObject): Step => post(`${things}?dryRun=All`, ruledObject(spec));
/** Stores the first, then tries to make the second of it. */
const change = (name: string, from: JsonObject, to: JsonObject): Step[] => [
  { ...silently(post(things, ruledObject(from, name))), capture: { [name]: 'metadata.resourceVersion' } },
  put(`${things}/${name}?dryRun=All`, {
    ...ruledObject(to, name),
    metadata: { name, resourceVersion: `{${name}}` },
  }),
];

const late = `late.${group}`;
const lateThings = `/apis/${late}/v1/namespaces/{ns}/lates`;
const lateObject = (spec: JsonObject, name = 'l'): JsonObject => object(`${late}/v1`, 'Late', name, { spec });
const lateCrd = (rules: JsonObject[]): JsonObject =>
  crd({
    group: late,
    plural: 'lates',
    kind: 'Late',
    properties: {
      spec: {
        type: 'object',
        properties: {
          a: ruled(text(), ...rules),
          b: text(),
          l: { type: 'array', maxItems: 5, items: ruled(text(), ...rules) },
          o: ruled(
            { type: 'object', properties: { p: text(), q: text() } },
            ...rules.map(() => ({ rule: "self.p == 'a'" })),
          ),
        },
      },
    },
  });
const versionsOf = (definition: JsonObject): JsonValue => (definition.spec as JsonObject).versions ?? [];
const lateParts = { a: { a: 'x' }, l: { l: ['x'] }, o: { o: { p: 'x' } } };
const lateChange = (name: keyof typeof lateParts, spec: JsonObject): Step =>
  put(`${lateThings}/${name}?dryRun=All`, {
    ...lateObject(spec),
    metadata: { name, resourceVersion: `{${name}}` },
  });

/** CEL rules of CustomResourceDefinitions: which are refused, and what they say of objects. KA-101 to KA-105 */
export const rules: readonly Scenario[] = [
  scenario(
    'rules-refused',
    x(text(), { rule: 'self ==' }),
    x(text(), { rule: 'self == 3' }),
    x(text(), { rule: 'size(self)' }),
    x(text(), { rule: 'self.nothing' }),
    x(text(), { rule: "self == 'a'\n && other", message: 'two lines' }),
    x(text(), { rule: 'other || another' }),
    x(text(), { rule: "self.matches('(')" }),
    x(text(), { rule: "duration('nothing') == duration('1s')" }),
    x(text(), { rule: 'true', messageExpression: '3' }),
    x(text(), { rule: 'true', messageExpression: 'nothing' }),
    x(text(), { rule: "self == ''", optionalOldSelf: true }),
    x(text(), { rule: 'oldSelf.hasValue()', optionalOldSelf: true }),
    x(text(), { rule: 'oldSelf.hasValue()' }),
    x(texts(), { rule: 'self.all(a, self.all(b, a != b))' }),
    x({ type: 'array', items: { type: 'string' } }, { rule: 'self.all(a, self.all(b, a != b))' }),
    x({ type: 'array', items: { type: 'string' } }, { rule: "self.all(a, a.contains('x'))" }),
    x({ type: 'array', items: ruled({ type: 'string' }, { rule: "self.contains('x')" }) }),
    x({ type: 'array', items: ruled(text(), immutable), maxItems: 5 }),
    x({ type: 'array', items: ruled(text(), immutable), maxItems: 5, 'x-kubernetes-list-type': 'set' }),
    x(keyed),
    x(text(), { rule: 'true', messageExpression: "['a'].map(x, ['b'].map(y, x + y))[0][0]" }),
    x({ 'x-kubernetes-preserve-unknown-fields': true }, { rule: 'true' }),
    x({ type: 'object', 'x-kubernetes-preserve-unknown-fields': true }, { rule: 'has(self.a)' }),
    x({ type: 'object', properties: { a: { 'x-kubernetes-preserve-unknown-fields': true } } }, { rule: 'has(self.a)' }),
    x(
      { type: 'object', properties: { 'a.b': text(), if: text(), a__b: text() } },
      {
        rule: "self.a__dot__b == self.__if__ && self.a__underscores__b == ''",
      },
    ),
    tried({}, [{ rule: 'self.metadata.name' }]),
    tried({ a: ruled(text(), { rule: 'self.nothing' }), b: ruled(text(), { rule: 'self.nothing' }) }),
  ),
  scenario(
    'rules-run',
    ...established(crd({ group, plural: 'ruleds', kind: 'Ruled', properties })),
    make({}),
    make({ plain: 'b' }),
    make({ said: 'b' }),
    make({ made: 'b' }),
    make({ reasons: { a: 'x' } }),
    make({ reasons: { b: 'x' } }),
    make({ reasons: { c: 'x' } }),
    make({ reasons: { c: 'd' } }),
    make({ duplicate: 'x' }),
    make({ missing: {} }),
    make({ missing: { a: 'b' } }),
    make({ divided: 0 }),
    make({ divided: 20 }),
    make({ odd: 'a' }),
    make({ odd: 2 }),
    make({ odd: 1 }),
    make({ list: ['a', 'b'] }),
    make({ map: { k: 'b' } }),
    make({ set: ['a', 'b'] }),
    make({ set: ['a'] }),
    make({ optional: 'second' }),
    make({ nullable: null }),
    make({ nullable: 'b' }),
    make({ embedded: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'bad' } } }),
    make({ embedded: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'good' } } }),
    make({ time: '2020-06-01T00:00:00Z' }),
    make({ time: '2021-06-01T00:00:00Z' }),
    make({ 'dotted.name': 'ab' }),
    make({ 'dotted.name': 'b' }),
    make({ cost: Array.from({ length: 100 }, (_, index) => index), plain: 'b' }),
    make({ limited: 'long', plain: 'b' }),
    make({ limited: 'abc', plain: 3 }),
  ),
  scenario(
    'rules-transition',
    ...change('fixed', { fixed: 'a' }, { fixed: 'b' }),
    ...change('added', {}, { fixed: 'b' }),
    ...change('optional', { optional: 'first' }, { optional: 'other' }),
    ...change('keyed', { keyed: [{ k: 'a', v: '1' }] }, { keyed: [{ k: 'b' }, { k: 'a', v: '3' }] }),
  ),
  scenario(
    'rules-ratchet',
    ...established(lateCrd([])),
    ...(['a', 'l', 'o'] as const).map(
      (name): Step => ({
        ...silently(post(lateThings, lateObject({ b: '1', ...lateParts[name] }, name))),
        capture: { [name]: 'metadata.resourceVersion' },
      }),
    ),
    silently(patch('merge', `${crds}/lates.${late}`, { spec: { versions: versionsOf(lateCrd([strict])) } })),
    post(`${lateThings}?dryRun=All`, lateObject({ a: 'x' }, 'new'), { until: ['code', 422] }),
    lateChange('a', { a: 'x', b: '2' }),
    lateChange('a', { a: 'y', b: '1' }),
    lateChange('l', { l: ['x'], b: '2' }),
    lateChange('l', { l: ['x', 'ab'], b: '1' }),
    lateChange('o', { o: { p: 'x' }, b: '2' }),
    lateChange('o', { o: { p: 'x', q: 'new' }, b: '1' }),
  ),
];
