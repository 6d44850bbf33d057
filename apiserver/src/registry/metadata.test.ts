import type { JsonObject } from '@quarterdeck/machinery';
import { expect, test } from 'vitest';
import { configMaps } from '../builtin/configmaps.ts';
import { dedupeOwners, validateMetadata } from './metadata.ts';

const owner = (name: string, more: JsonObject = {}): JsonObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  name,
  uid: `uid of ${name}`,
  ...more,
});

test('KA-48a of equal owners the first stays, whatever the order of their fields', () => {
  const { uid = '', ...rest } = owner('a');
  const ownerReferences = [owner('a'), owner('b'), { uid, ...rest }, owner('a', { controller: true }), owner('b')];
  expect(dedupeOwners({ name: 'x', ownerReferences })).toEqual({
    meta: { name: 'x', ownerReferences: [owner('a'), owner('b'), owner('a', { controller: true })] },
    dropped: true,
  });
  const distinct = { name: 'x', ownerReferences: [owner('a'), owner('b')] };
  expect(dedupeOwners(distinct)).toEqual({ meta: distinct, dropped: false });
});

test.each([
  ['web-', []],
  ['a.-.-', []],
  ['--', []],
  ['A-', ['metadata.generateName']],
  ['-a-', ['metadata.generateName']],
])('KA-45a KA-46a a name is made from %s', (generateName, fields) => {
  const errors = validateMetadata({ metadata: { name: 'made', generateName } }, configMaps);
  expect(errors.map(({ field }) => field)).toEqual(fields);
});

/** Whoever may create anything sends such metadata; what it takes must not grow faster than its length. */
test('KA-48a BI-2a as many owners as fit into a request', () => {
  const ownerReferences = Array.from({ length: 60_000 }, (_, index) => owner(`${index}`));
  const { meta, dropped } = dedupeOwners({ ownerReferences: [...ownerReferences, owner('0')] });
  expect([meta.ownerReferences, dropped]).toEqual([ownerReferences, true]);
});

test('KA-45a BI-2a as long a beginning of a name as fits into a request', () => {
  const metadata = { name: 'made', generateName: `${'-'.repeat(1_000_000)}x` };
  const fields = validateMetadata({ metadata }, configMaps).map(({ field }) => field);
  expect(new Set(fields)).toEqual(new Set(['metadata.generateName']));
});
