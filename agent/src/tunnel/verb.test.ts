import { expect, test } from 'vitest';
import { type TunnelVerb, verbOf } from './verb.ts';

test.each<[method: string, target: string, want: TunnelVerb]>([
  ['GET', '/api/v1/namespaces/a/pods/b', 'get'],
  ['HEAD', '/api/v1/namespaces/a/pods/b', 'get'],
  ['GET', '/api/v1/namespaces/a/pods', 'list'],
  ['GET', '/api/v1/pods', 'list'],
  ['GET', '/api/v1/namespaces', 'list'],
  ['GET', '/api/v1/namespaces/a', 'get'],
  ['GET', '/api/v1/namespaces/a/status', 'get'],
  ['GET', '/apis/apps/v1/namespaces/a/deployments', 'list'],
  ['GET', '/apis/apps/v1/namespaces/a/deployments/b', 'get'],
  ['GET', '/apis/apps/v1/namespaces/a/deployments/b/scale', 'get'],
  ['GET', '/api/v1/pods?watch=true', 'watch'],
  ['GET', '/api/v1/namespaces/a/pods/b?watch=1', 'watch'],
  ['GET', '/api/v1/pods?watch=false', 'list'],
  ['GET', '/api/v1/pods?watch', 'list'],
  ['GET', '/api/v1/namespaces/a/pods/b/log', 'get'],
  ['GET', '/api/v1/namespaces/a/pods/b/exec', 'create'],
  ['GET', '/api/v1/namespaces/a/pods/b/%65xec', 'create'],
  ['POST', '/api/v1/namespaces/a/pods/b/attach', 'create'],
  ['GET', '/api/v1/namespaces/a/pods/b/portforward', 'create'],
  ['GET', '/api/v1/namespaces/a/services/b/proxy/x', 'create'],
  ['GET', '/api/v1/nodes/n/proxy/x/y/z', 'create'],
  ['POST', '/api/v1/namespaces/a/pods', 'create'],
  ['PUT', '/api/v1/namespaces/a/pods/b', 'update'],
  ['PATCH', '/api/v1/namespaces/a/pods/b', 'patch'],
  ['DELETE', '/api/v1/namespaces/a/pods/b', 'delete'],
  ['DELETE', '/api/v1/namespaces/a/pods', 'deletecollection'],
  ['DELETE', '/api/v1/namespaces/a', 'delete'],
  ['GET', '/version', 'get'],
  ['GET', '/apis', 'get'],
  ['OPTIONS', '/api/v1/pods', 'other'],
  ['GET', '/api/v1/namespaces/%zz/pods', 'list'],
])('RG-50 %s %s is %s', (method, target, want) => {
  expect(verbOf(method, target)).toBe(want);
});
