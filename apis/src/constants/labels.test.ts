import { expect, test } from 'vitest';
import { ClusterProperty } from '../about.k8s.io/v1beta1/cluster-property.ts';
import { crdOf } from '../kinds/crd.ts';
import { propertyName, propertyValueProblem } from './labels.ts';

test('AB-5, AB-6 the properties that we write are the two well-known ones, and id.k8s.io is none of them', () => {
  expect(Object.values(propertyName).sort()).toEqual(['cluster.clusterset.k8s.io', 'clusterset.k8s.io']);
});

test.each([
  { what: 'an empty value', value: '', want: 'the value is empty' },
  { what: '128,000 characters of four bytes each', value: '\u{1F680}'.repeat(128_000), want: undefined },
  { what: 'one more', value: 'x'.repeat(128_001), want: 'the value has more than 128000 characters' },
])('AB-1 $what', ({ value, want }) => {
  expect(propertyValueProblem(value)).toBe(want);
});

test('AB-2 the limits of a property are in its schema, without expressions', () => {
  expect(JSON.stringify(crdOf(ClusterProperty))).not.toContain('x-kubernetes-validations');
});
