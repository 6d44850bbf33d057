import { expect, test } from 'vitest';
import type { JsonValue } from '../wire/value.ts';
import type { StructuralSchema } from './structural.ts';
import { validateValue } from './validate.ts';

/** As the field `x`; each error as `reason field message`. */
const check = (schema: StructuralSchema, value: JsonValue): string[] =>
  validateValue({ x: value }, { type: 'object', properties: { x: schema } }).map(
    ({ reason, field, message }) => `${reason.replace('FieldValue', '')} ${field} ${message}`,
  );

const embedded: StructuralSchema = {
  type: 'object',
  'x-kubernetes-embedded-resource': true,
  'x-kubernetes-preserve-unknown-fields': true,
};
const label1035 =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";

test.each<{ name: string; value: JsonValue; want: string[] }>([
  {
    name: 'a good one',
    value: { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'a' }, spec: 1 },
    want: [],
  },
  { name: 'nothing', value: {}, want: ['Required x.apiVersion Required value', 'Required x.kind Required value'] },
  {
    name: 'empty texts',
    value: { apiVersion: '', kind: '' },
    want: [
      'Invalid x.apiVersion Invalid value: "": must not be empty',
      'Invalid x.kind Invalid value: "": must not be empty',
    ],
  },
  {
    name: 'no texts',
    value: { apiVersion: 1, kind: true },
    want: [
      'Invalid x.apiVersion Invalid value: 1: must be a string',
      'Invalid x.kind Invalid value: true: must be a string',
    ],
  },
  {
    name: 'malformed texts',
    value: { apiVersion: 'a/b/c', kind: 'Foo_' },
    want: [
      'Invalid x.apiVersion Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c',
      `Invalid x.kind Invalid value: "Foo_": may have mixed case, but should otherwise match: ${label1035}`,
    ],
  },
  {
    name: 'metadata of the wrong type',
    value: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 5 } },
    want: ['TypeInvalid x.metadata.name Invalid value: "integer": name in body must be of type string: "integer"'],
  },
  {
    name: 'names that fit no URL and no namespace',
    value: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a/b', generateName: '%', namespace: 'a.b' } },
    want: [
      'Invalid x.metadata.generateName Invalid value: "%": may not contain \'%\'',
      'Invalid x.metadata.name Invalid value: "a/b": may not contain \'/\'',
      'Invalid x.metadata.namespace Invalid value: "a.b": must not contain dots',
    ],
  },
  {
    name: 'two controllers, and finalizers that exclude each other',
    value: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        finalizers: ['orphan', 'foregroundDeletion'],
        ownerReferences: [
          { apiVersion: 'v1', controller: true, kind: 'A', name: 'a', uid: '1' },
          { apiVersion: '', controller: true, kind: 'B', name: 'b', uid: '2' },
        ],
      },
    },
    want: [
      'Invalid x.metadata.ownerReferences.apiVersion Invalid value: "": version must not be empty',
      'Invalid x.metadata.ownerReferences Invalid value: [{"apiVersion":"v1","controller":true,"kind":"A","name":"a","uid":"1"},{"apiVersion":"","controller":true,"kind":"B","name":"b","uid":"2"}]: Only one reference can have Controller set to true. Found "true" in references for A/a and B/b',
      'Invalid x.metadata.finalizers Invalid value: ["orphan","foregroundDeletion"]: finalizer orphan and foregroundDeletion cannot be both set',
    ],
  },
])('KA-97 embedded resources: $name', ({ value, want }) => expect(check(embedded, value)).toEqual(want));

test('KA-47 labels and annotations of an embedded resource follow the rules of all objects', () => {
  const metadata = {
    labels: { 'x y': 'ok', ok: 'z z' },
    annotations: { 'A/B/c': '', big: 'x'.repeat(262_145) },
  };
  const errors = check({ type: 'array', items: embedded }, [{ apiVersion: 'v1', kind: 'Pod', metadata }]);
  expect(errors.map((error) => error.slice(0, 70))).toEqual([
    'Invalid x[0].metadata.labels Invalid value: "x y": name part must cons',
    'Invalid x[0].metadata.labels Invalid value: "z z": a valid label must ',
    'Invalid x[0].metadata.annotations Invalid value: "A/B/c": a valid labe',
    'TooLong x[0].metadata.annotations Too long: may not be more than 26214',
  ]);
});
