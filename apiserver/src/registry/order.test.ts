import { expect, test } from 'vitest';
import { compareGroups, compareVersions } from './order.ts';

test('KA-13 versions in priority order', () => {
  const versions = ['foo1', 'v1alpha1', 'v2', 'v1', 'v1beta2', 'v10', 'v1beta1', 'bar', 'v1alpha2', 'v11beta1'];
  expect(versions.sort(compareVersions)).toEqual([
    'v10',
    'v2',
    'v1',
    'v11beta1',
    'v1beta2',
    'v1beta1',
    'v1alpha2',
    'v1alpha1',
    'bar',
    'foo1',
  ]);
});

test('KA-13 core first, built-in groups in their order, the rest by name', () => {
  const groups = ['zoo.io', 'coordination.k8s.io', '', 'about.k8s.io', 'apps', 'rbac.authorization.k8s.io'];
  expect(groups.sort(compareGroups)).toEqual([
    '',
    'apps',
    'rbac.authorization.k8s.io',
    'coordination.k8s.io',
    'about.k8s.io',
    'zoo.io',
  ]);
});
