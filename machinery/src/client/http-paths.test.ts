import { ApiError, ConfigMap, Namespace, resourceType } from '@quarterdeck/apis';
import { expect, test } from 'vitest';
import { collectionPath, objectPath, queryString } from './http-paths.ts';

const widgets = resourceType('example.com', 'v1', 'Widget', 'widgets', 'Namespaced');

test.each([
  { name: 'core, all namespaces', path: collectionPath(ConfigMap, undefined), want: '/api/v1/configmaps' },
  { name: 'core, one namespace', path: collectionPath(ConfigMap, 'ns'), want: '/api/v1/namespaces/ns/configmaps' },
  { name: 'cluster-scoped', path: collectionPath(Namespace, undefined), want: '/api/v1/namespaces' },
  { name: 'group', path: collectionPath(widgets, 'ns'), want: '/apis/example.com/v1/namespaces/ns/widgets' },
  { name: 'object', path: objectPath(Namespace, { name: 'a' }), want: '/api/v1/namespaces/a' },
  {
    name: 'subresource',
    path: objectPath(widgets, { namespace: 'ns', name: 'a' }, 'status'),
    want: '/apis/example.com/v1/namespaces/ns/widgets/a/status',
  },
  {
    name: 'a name that needs escaping',
    path: objectPath(widgets, { namespace: 'ns', name: 'system:a b?c#d' }),
    want: '/apis/example.com/v1/namespaces/ns/widgets/system%3Aa%20b%3Fc%23d',
  },
])('KA-5 path: $name', ({ path, want }) => {
  expect(path).toBe(want);
});

test.each(['', '.', '..', 'a/b', '%2e%2e'])('BI-8 the name "%s" never becomes a path', (name) => {
  expect(() => objectPath(Namespace, { name })).toThrow(ApiError);
  expect(() => collectionPath(ConfigMap, name)).toThrow(ApiError);
});

test('KA-5 scope and namespace must agree', () => {
  expect(() => objectPath(ConfigMap, { name: 'a' })).toThrow('configmaps are namespaced: namespace missing');
  expect(() => objectPath(Namespace, { namespace: 'ns', name: 'a' })).toThrow(
    'namespaces are cluster-scoped: namespace "ns" given',
  );
});

test('KA-8 queries leave out what is undefined and escape the rest', () => {
  expect(queryString({})).toBe('');
  expect(queryString({ a: undefined, labelSelector: 'k in (a,b)&x', limit: 5, watch: true })).toBe(
    '?labelSelector=k%20in%20(a%2Cb)%26x&limit=5&watch=true',
  );
});
