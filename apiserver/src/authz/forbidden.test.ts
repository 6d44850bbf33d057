import { expect, test } from 'vitest';
import { forbidden } from './forbidden.ts';

const user = { name: 'ada', groups: [] };
const base = {
  user,
  verb: 'list',
  group: '',
  version: 'v1',
  resource: 'pods',
  subresource: '',
  namespace: '',
  name: '',
};

test.each([
  {
    name: 'KA-39 cluster scope',
    attributes: base,
    reason: '',
    want: 'pods is forbidden: User "ada" cannot list resource "pods" in API group "" at the cluster scope',
  },
  {
    name: 'KA-39 a named object in a namespace, with the reason of the authorizer',
    attributes: {
      ...base,
      verb: 'update',
      group: 'apps',
      resource: 'deployments',
      subresource: 'scale',
      namespace: 'n',
      name: 'd',
    },
    reason: 'RBAC: role.rbac.authorization.k8s.io "r" not found',
    want: 'deployments.apps "d" is forbidden: User "ada" cannot update resource "deployments/scale" in API group "apps" in the namespace "n": RBAC: role.rbac.authorization.k8s.io "r" not found',
  },
  {
    name: 'KA-39 a path',
    attributes: { user, verb: 'get', path: '/metrics' },
    reason: '',
    want: 'forbidden: User "ada" cannot get path "/metrics"',
  },
  {
    name: 'KA-39 HTML characters are escaped',
    attributes: { ...base, user: { name: '<script>&', groups: [] } },
    reason: '',
    want: 'pods is forbidden: User "&lt;script&gt;&amp;" cannot list resource "pods" in API group "" at the cluster scope',
  },
])('$name', ({ attributes, reason, want }) => {
  expect(forbidden(attributes, reason).message).toBe(want);
});

test('KA-36 the details name group, plural resource and object', () => {
  const error = forbidden({ ...base, group: 'apps', resource: 'deployments', name: 'd' }, '');
  expect(error.status).toEqual({
    apiVersion: 'v1',
    kind: 'Status',
    metadata: {},
    status: 'Failure',
    message: error.message,
    reason: 'Forbidden',
    details: { name: 'd', group: 'apps', kind: 'deployments' },
    code: 403,
  });
});
