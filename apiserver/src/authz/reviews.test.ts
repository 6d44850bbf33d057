import { ApiError } from '@quarterdeck/apis';
import type { JsonObject } from '@quarterdeck/machinery';
import { describe, expect, test } from 'vitest';
import type { ActionContext } from '../registry/definition.ts';
import { rbacAuthorizer } from './rbac-authorizer.ts';
import { createRbacIndex } from './rbac-index.ts';
import { rbacResources } from './rbac-objects.ts';
import { createAccessReviews } from './reviews.ts';

const index = createRbacIndex();
index.put(
  { resource: rbacResources.roles, namespace: 'n', name: 'reader' },
  {
    rules: [
      { verbs: ['get'], apiGroups: [''], resources: ['pods'], resourceNames: ['p'] },
      { verbs: ['create'], apiGroups: [''], resources: ['serviceaccounts/token'] },
    ],
  },
);
index.put(
  { resource: rbacResources.roleBindings, namespace: 'n', name: 'b' },
  {
    roleRef: { kind: 'Role', name: 'reader' },
    subjects: [
      { kind: 'User', name: 'ada' },
      { kind: 'Group', name: 'ops' },
    ],
  },
);
index.put(
  { resource: rbacResources.clusterRoles, namespace: '', name: 'health' },
  { rules: [{ verbs: ['get'], nonResourceURLs: ['/healthz'] }] },
);
index.put(
  { resource: rbacResources.clusterRoleBindings, namespace: '', name: 'h' },
  { roleRef: { kind: 'ClusterRole', name: 'health' }, subjects: [{ kind: 'User', name: 'ada' }] },
);
const reviews = createAccessReviews(rbacAuthorizer(() => index));
const context = (namespace = ''): ActionContext => ({
  user: { name: 'ada', groups: [] },
  namespace,
  name: '',
  dryRun: false,
  authorize: () => ({ allowed: false, reason: '' }),
  signal: new AbortController().signal,
  now: 0,
});

const pod: JsonObject = { namespace: 'n', verb: 'get', resource: 'pods', name: 'p' };

const twoForms: JsonObject = { rawSelector: 'a', requirements: [{ key: 'a' }] };

/** The status, or `CODE message`. */
async function ask(kind: keyof typeof reviews, spec: JsonObject, namespace = '', metadata: JsonObject = {}) {
  try {
    const answer = await reviews[kind](
      { apiVersion: 'authorization.k8s.io/v1', kind: 'x', metadata, spec },
      context(namespace),
    );
    return answer.status;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return `${error.code} ${error.message}`;
  }
}

const allowed = (kind: string, name: string) => ({
  allowed: true,
  reason: `RBAC: allowed by RoleBinding "b/n" of Role "reader" to ${kind} "${name}"`,
});

describe('KA-130 access reviews', () => {
  test('KA-130 a subject access review answers for the named user', async () => {
    expect(await ask('subjectAccessReview', { user: 'ada', resourceAttributes: pod })).toEqual(allowed('User', 'ada'));
    expect(await ask('subjectAccessReview', { user: 'eve', resourceAttributes: pod })).toEqual({ allowed: false });
    expect(await ask('subjectAccessReview', { groups: ['ops'], resourceAttributes: pod })).toEqual(
      allowed('Group', 'ops'),
    );
  });

  test('KA-130 a self subject access review answers for the caller and nobody else', async () => {
    expect(await ask('selfSubjectAccessReview', { user: 'eve', resourceAttributes: pod })).toEqual(
      allowed('User', 'ada'),
    );
    expect(await ask('selfSubjectAccessReview', { nonResourceAttributes: { path: '/healthz', verb: 'get' } })).toEqual({
      allowed: true,
      reason: 'RBAC: allowed by ClusterRoleBinding "h" of ClusterRole "health" to User "ada"',
    });
  });

  test('KA-131 a subresource is a right of its own', async () => {
    const token = { namespace: 'n', verb: 'create', resource: 'serviceaccounts', subresource: 'token', name: 'x' };
    expect(await ask('selfSubjectAccessReview', { resourceAttributes: token })).toEqual(allowed('User', 'ada'));
    const { subresource: _, ...account } = token;
    expect(await ask('selfSubjectAccessReview', { resourceAttributes: account })).toEqual({ allowed: false });
  });

  test.each([
    {
      name: 'KA-130 neither kind of attributes',
      kind: 'selfSubjectAccessReview',
      spec: {},
      want: '422 SelfSubjectAccessReview.authorization.k8s.io "" is invalid: spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified',
    },
    {
      name: 'KA-130 both kinds of attributes',
      kind: 'selfSubjectAccessReview',
      spec: { resourceAttributes: pod, nonResourceAttributes: { path: '/', verb: 'get' } },
      want: '422 SelfSubjectAccessReview.authorization.k8s.io "" is invalid: spec.nonResourceAttributes: Invalid value: {"path":"/","verb":"get"}: cannot be specified in combination with resourceAttributes',
    },
    {
      name: 'KA-130 no subject',
      kind: 'subjectAccessReview',
      spec: { resourceAttributes: pod },
      want: '422 SubjectAccessReview.authorization.k8s.io "" is invalid: spec.user: Invalid value: "": at least one of user or group must be specified',
    },
    {
      name: 'KA-130 a selector in both forms',
      kind: 'selfSubjectAccessReview',
      spec: { resourceAttributes: { ...pod, labelSelector: twoForms } },
      want: '422 SelfSubjectAccessReview.authorization.k8s.io "" is invalid: spec.resourceAttributes.labelSelector.rawSelector: Invalid value: "a": may not specified at the same time as requirements',
    },
    {
      name: 'KA-130 an empty selector',
      kind: 'selfSubjectAccessReview',
      spec: { resourceAttributes: { ...pod, fieldSelector: {} } },
      want: '422 SelfSubjectAccessReview.authorization.k8s.io "" is invalid: spec.resourceAttributes.fieldSelector.requirements: Required value: when spec.resourceAttributes.fieldSelector is specified, requirements or rawSelector is required',
    },
  ] as const)('$name', async ({ kind, spec, want }) => {
    expect(await ask(kind, spec)).toBe(want);
  });

  test('KA-130 a local review stays in its namespace', async () => {
    const spec = { user: 'ada', resourceAttributes: pod };
    expect(await ask('localSubjectAccessReview', spec, 'n')).toEqual(allowed('User', 'ada'));
    expect(await ask('localSubjectAccessReview', spec, 'm')).toBe(
      '422 LocalSubjectAccessReview.authorization.k8s.io "" is invalid: spec.resourceAttributes.namespace: Invalid value: "n": must match metadata.namespace',
    );
    const path = { user: 'ada', nonResourceAttributes: { path: '/healthz', verb: 'get' } };
    expect(await ask('localSubjectAccessReview', path, 'n')).toBe(
      '422 LocalSubjectAccessReview.authorization.k8s.io "" is invalid: spec.nonResourceAttributes: Invalid value: {"path":"/healthz","verb":"get"}: disallowed on this kind of request',
    );
  });

  test('BI-5 extra keys of a review are data', async () => {
    const spec = { user: 'ada', resourceAttributes: pod, extra: JSON.parse('{"__proto__":["x"]}') as JsonObject };
    expect(await ask('subjectAccessReview', spec)).toEqual(allowed('User', 'ada'));
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
  });

  test('KA-130b the rules review lists what the caller holds in a namespace', async () => {
    expect(await ask('selfSubjectRulesReview', { namespace: 'n' })).toEqual({
      resourceRules: [
        { verbs: ['get'], apiGroups: [''], resources: ['pods'], resourceNames: ['p'] },
        { verbs: ['create'], apiGroups: [''], resources: ['serviceaccounts/token'] },
      ],
      nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/healthz'] }],
      incomplete: false,
    });
    expect(await ask('selfSubjectRulesReview', {})).toBe('400 no namespace on request');
  });
});
