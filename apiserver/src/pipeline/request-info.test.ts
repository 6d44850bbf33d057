import { expect, test } from 'vitest';
import { parseRequestInfo } from './request-info.ts';

const resource = {
  type: 'resource',
  group: '',
  version: 'v1',
  resource: 'configmaps',
  subresource: '',
  namespace: 'a',
  namespaced: true,
  name: '',
  item: false,
  verb: 'list',
} as const;
const item = { ...resource, name: 'x', item: true, verb: 'get' } as const;

test.each([
  { name: 'KA-5 a core collection in a namespace', url: '/api/v1/namespaces/a/configmaps', want: resource },
  {
    name: 'KA-5 a core collection across namespaces',
    url: '/api/v1/configmaps',
    want: { ...resource, namespace: '', namespaced: false },
  },
  {
    name: 'KA-5 an object of a group',
    url: '/apis/x.io/v1beta1/namespaces/a/widgets/w',
    want: { ...item, group: 'x.io', version: 'v1beta1', resource: 'widgets', name: 'w' },
  },
  {
    name: 'KA-5 a subresource',
    url: '/apis/x.io/v1/namespaces/a/widgets/w/status',
    want: { ...item, group: 'x.io', resource: 'widgets', name: 'w', subresource: 'status' },
  },
  {
    name: 'KA-5 what follows a proxy is not ours to read',
    method: 'POST',
    url: '/apis/x.io/v1//widgets/w/proxy/api/v1//a%2Fb/?watch=perhaps',
    want: {
      ...item,
      group: 'x.io',
      resource: 'widgets',
      name: 'w',
      subresource: 'proxy',
      namespace: '',
      namespaced: false,
      verb: 'create',
      proxyPath: '/api/v1//a%2Fb/',
    },
  },
  {
    name: 'KA-5 a proxy in a namespace',
    url: '/api/v1/namespaces/a/services/s/proxy?watch=true',
    want: { ...item, resource: 'services', name: 's', subresource: 'proxy', proxyPath: '/' },
  },
  { name: 'KA-5 a trailing slash counts for nothing', url: '/api/v1/namespaces/a/configmaps/', want: resource },
  { name: 'KA-5 HEAD reads like GET', method: 'HEAD', url: '/api/v1/namespaces/a/configmaps/x', want: item },
  {
    name: 'KA-6 a namespace is its own namespace',
    url: '/api/v1/namespaces/a',
    want: { ...item, resource: 'namespaces', name: 'a', namespaced: false },
  },
  {
    name: 'KA-6 finalize belongs to the namespace',
    method: 'PUT',
    url: '/api/v1/namespaces/a/finalize',
    want: { ...item, resource: 'namespaces', name: 'a', namespaced: false, subresource: 'finalize', verb: 'update' },
  },
  {
    name: 'KA-6 POST creates',
    method: 'POST',
    url: '/api/v1/namespaces/a/configmaps',
    want: { ...resource, verb: 'create' },
  },
  {
    name: 'KA-6 DELETE of a collection',
    method: 'DELETE',
    url: '/api/v1/namespaces/a/configmaps',
    want: { ...resource, verb: 'deletecollection' },
  },
  {
    name: 'KA-6 DELETE of an object',
    method: 'DELETE',
    url: '/api/v1/namespaces/a/configmaps/x',
    want: { ...item, verb: 'delete' },
  },
  { name: 'KA-6 PATCH', method: 'PATCH', url: '/api/v1/namespaces/a/configmaps/x', want: { ...item, verb: 'patch' } },
  {
    name: 'KA-6 watch without a value',
    url: '/api/v1/namespaces/a/configmaps?watch',
    want: { ...resource, verb: 'watch' },
  },
  {
    name: 'KA-6 one object is read, not watched',
    url: '/api/v1/namespaces/a/configmaps/c?watch=true',
    want: { ...item, name: 'c' },
  },
  {
    name: 'KA-5b the legacy prefix watches a collection',
    url: '/api/v1/watch/namespaces/a/configmaps',
    want: { ...resource, verb: 'watch' },
  },
  {
    name: 'KA-5b the legacy prefix watches one object',
    url: '/apis/x.io/v1/watch/namespaces/a/widgets/w',
    want: { ...item, group: 'x.io', resource: 'widgets', name: 'w', verb: 'watch' },
  },
  {
    name: 'KA-5b the legacy prefix watches namespaces',
    url: '/api/v1/watch/namespaces',
    want: { ...resource, resource: 'namespaces', namespace: '', namespaced: false, verb: 'watch' },
  },
  {
    name: 'KA-5b nothing else is done by the legacy prefix',
    method: 'POST',
    url: '/api/v1/watch/namespaces/a/configmaps',
    want: { ...resource, verb: undefined },
  },
  {
    name: 'KA-5b empty segments are part of no resource',
    url: '/api/v1//namespaces',
    want: { type: 'nonResource', path: '/api/v1//namespaces', verb: 'get' },
  },
  { name: 'KA-6 watch=0 lists', url: '/api/v1/namespaces/a/configmaps?watch=0', want: resource },
  {
    name: 'KA-6 a field selector on the name sets the name of the request',
    url: '/api/v1/namespaces/a/configmaps?watch=1&fieldSelector=metadata.name%3Dx',
    want: { ...resource, verb: 'watch', name: 'x' },
  },
  {
    name: 'KA-6 a name among other conditions',
    url: '/api/v1/configmaps?fieldSelector=metadata.namespace!%3Da%2Cmetadata.name%3D%3Dx',
    want: { ...resource, namespace: '', namespaced: false, name: 'x' },
  },
  {
    name: 'KA-6 what only looks like a condition is none',
    url: '/api/v1/namespaces/a/configmaps?fieldSelector=type!%3Dy%5C%2Cmetadata.name%3Dx',
    want: resource,
  },
  {
    name: 'KA-6 no object has such a name',
    url: '/api/v1/namespaces/a/configmaps?fieldSelector=metadata.name%3Dx%2fy',
    want: resource,
  },
  {
    name: 'KA-6 KA-127 a selector names nothing that is created',
    method: 'POST',
    url: '/api/v1/namespaces/a/configmaps?fieldSelector=metadata.name%3Dx',
    want: { ...resource, verb: 'create' },
  },
  {
    name: 'KA-6 KA-127 a selector does not make one object of a collection to delete',
    method: 'DELETE',
    url: '/api/v1/namespaces/a/configmaps?fieldSelector=metadata.name%3Dx',
    want: { ...resource, verb: 'deletecollection' },
  },
  {
    name: 'KA-7 an unknown method has no verb',
    method: 'PROPFIND',
    url: '/api/v1/namespaces/a/configmaps',
    want: { ...resource, verb: undefined },
  },
  {
    name: 'KA-5 discovery is no resource',
    url: '/apis/x.io/v1',
    want: { type: 'nonResource', path: '/apis/x.io/v1', verb: 'get' },
  },
  {
    name: 'KA-5 anything else is no resource',
    method: 'POST',
    url: '/healthz',
    want: { type: 'nonResource', path: '/healthz', verb: 'post' },
  },
  {
    name: 'BI-8 an escaped slash stays in the name',
    url: '/api/v1/namespaces/a/configmaps/x%2fy',
    want: { ...item, name: 'x/y' },
  },
])('$name', ({ method, url, want }) => {
  const [path = '', query = ''] = url.split('?');
  expect(parseRequestInfo(method ?? 'GET', path, new URLSearchParams(query))).toEqual(want);
});

test.each(['/api/v1/namespaces/%zz', '/api/v1/configmaps?watch=perhaps'])('KA-8 %s is refused', (url) => {
  const [path = '', query = ''] = url.split('?');
  expect(() => parseRequestInfo('GET', path, new URLSearchParams(query))).toThrow(
    expect.objectContaining({ reason: 'BadRequest' }),
  );
});
