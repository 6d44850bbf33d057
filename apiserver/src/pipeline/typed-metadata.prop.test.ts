import { type JsonObject, objectMetaSchema, validateValue } from '@quarterdeck/machinery';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isTypedMetadata } from './typed-metadata.ts';

const whole: JsonObject = {
  ...{ name: 'a', generateName: 'a-', namespace: 'b', uid: 'u', resourceVersion: '1', selfLink: '', generation: 3 },
  ...{ creationTimestamp: '2020-01-02T03:04:05Z', deletionTimestamp: '2020-01-02T03:04:05Z' },
  ...{ deletionGracePeriodSeconds: 0, labels: { a: 'b' }, annotations: { a: '' }, finalizers: ['a/b'], odd: 5 },
  ownerReferences: [{ apiVersion: 'v1', kind: 'A', name: 'a', uid: 'u', controller: true, blockOwnerDeletion: false }],
  managedFields: [{ manager: 'm', operation: 'Update', time: '2020-01-02T03:04:05Z', fieldsV1: { 'f:a': {} } }],
};

test('KA-61 whole metadata has its types', () => expect(isTypedMetadata(whole)).toBe(true));

test.each<JsonObject>([
  { creationTimestamp: 5 },
  { creationTimestamp: 'x' },
  { generation: 'x' },
  { generation: 1.5 },
  { generation: 1e300 },
  { uid: 5 },
  { annotations: { a: 5 } },
  { labels: null },
  { finalizers: [5] },
  { ownerReferences: [{ controller: 'x' }] },
  { managedFields: {} },
  { managedFields: [{ fieldsV1: [] }] },
])('KA-61 %o has not', (metadata) => expect(isTypedMetadata(metadata)).toBe(false));

test('KA-61 what has its types by a quick look has them by the schema', () => {
  const value = fc.oneof(
    fc.constantFrom<unknown[]>(...Object.values(whole).map((one) => [one])).map(([one]) => one),
    fc.jsonValue({ maxDepth: 3 }),
    fc.constantFrom('2020-02-30T00:00:00Z', '2020-01-02', [{ time: 'x' }], [{ kind: 5 }], [null], { a: null }),
  );
  const key = fc.constantFrom(...Object.keys(whole));
  fc.assert(
    fc.property(fc.dictionary(key, value), (given) => {
      const metadata = given as JsonObject;
      if (!isTypedMetadata(metadata)) return;
      const wrong = validateValue(metadata, objectMetaSchema).filter(
        ({ reason }) => reason === 'FieldValueTypeInvalid',
      );
      expect(wrong).toEqual([]);
    }),
  );
});
