import type { JsonObject } from '@quarterdeck/machinery';
import { expect, test } from 'vitest';
import { builtinMessage, builtinSchema, protobufTables } from '../builtin/tables/index.ts';
import { omitZeros } from './omit-zeros.ts';

const omitted = (group: string, kind: string, object: JsonObject): JsonObject =>
  omitZeros(object, builtinMessage(group, 'v1', kind), builtinSchema(group, 'v1', kind), protobufTables);

test.each([
  { name: 'empty maps go', kind: 'ConfigMap', given: { data: {}, binaryData: {} }, want: {} },
  {
    name: 'a false that means something stays',
    kind: 'ConfigMap',
    given: { immutable: false },
    want: { immutable: false },
  },
  { name: 'empty lists go', kind: 'ServiceAccount', given: { secrets: [], imagePullSecrets: [] }, want: {} },
  { name: 'values in maps stay', kind: 'ConfigMap', given: { data: { a: '' } }, want: { data: { a: '' } } },
])('KA-56 zeros that Go does not write: $name', ({ kind, given, want }) => {
  expect(omitted('', kind, given)).toEqual(want);
});

test('KA-56 inside of lists and messages too, but for required lists', () => {
  const container = { name: 'c', image: '', env: [], stdin: false, livenessProbe: { periodSeconds: 0 } };
  const given = { spec: { paused: false, replicas: 0, template: { spec: { containers: [container], volumes: [] } } } };
  expect(omitted('apps', 'Deployment', given)).toEqual({
    spec: { replicas: 0, template: { spec: { containers: [{ name: 'c', livenessProbe: {} }] } } },
  });
  expect(omitted('apps', 'Deployment', { spec: { template: { spec: { containers: [] } } } })).toEqual({
    spec: { template: { spec: { containers: [] } } },
  });
});

test('KA-56 an object without zeros is handed back as it is', () => {
  const object = { data: { a: 'b' } };
  expect(omitted('', 'ConfigMap', object)).toBe(object);
});
