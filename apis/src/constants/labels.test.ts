import { expect, test } from 'vitest';
import { ClusterProperty } from '../about.k8s.io/v1beta1/cluster-property.ts';
import { crdOf } from '../kinds/crd.ts';
import { fieldOf } from '../kinds/value.ts';
import { ClusterProfile } from '../multicluster.x-k8s.io/v1alpha1/cluster-profile.ts';
import { MemberCluster } from '../quarterdeck.dev/v1alpha1/member-cluster.ts';
import { clusterManagerName } from './identity.ts';
import { propertyName, propertyValueProblem } from './labels.ts';
import { labelValueOf } from './names.ts';

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

test.each(['edge,core', 'a.b', 'x'.repeat(64), ''])(
  'AB-23, AB-24 %j is not the name of a set that a member can be in',
  (clusterSet) => {
    const [version] = MemberCluster.versions;
    expect(version?.schema.safeParse({ spec: { clusterSet } }).success).toBe(false);
    expect(version?.schema.safeParse({ spec: { clusterSet: 'edge' } }).success).toBe(true);
  },
);

test('CI-29 the lists of a profile are maps by their keys, so that a key stands once and managers own one each', () => {
  const [version] = crdOf(ClusterProfile).spec.versions;
  const status = fieldOf(fieldOf(version?.schema?.openAPIV3Schema, 'properties'), 'status');
  const lists = ['conditions', 'properties', 'accessProviders', 'credentialProviders'].map((name) => {
    const list = fieldOf(fieldOf(status, 'properties'), name);
    return [fieldOf(list, 'x-kubernetes-list-type'), fieldOf(list, 'x-kubernetes-list-map-keys')];
  });
  expect(lists).toEqual([['map', ['type']], ...Array(3).fill(['map', ['name']])]);
});

test('CI-5 the name of our manager can be the value of its label', () => {
  expect(labelValueOf(clusterManagerName)).toBe(clusterManagerName);
});

test('AB-2 the limits of a property are in its schema, without expressions', () => {
  expect(JSON.stringify(crdOf(ClusterProperty))).not.toContain('x-kubernetes-validations');
});
