import { ApiError } from '@quarterdeck/apis';
import type { JsonObject } from '@quarterdeck/machinery';
import { testLogger } from '@quarterdeck/machinery/testing';
import { describe, expect, test } from 'vitest';
import type { AdmissionAttributes } from '../admission/admission.ts';
import { startStoredObjects } from '../testing/stored-objects.ts';
import type { PolicyRule } from './authorizer.ts';
import { escalationPlugin } from './escalation.ts';
import { rbacAuthorizer } from './rbac-authorizer.ts';
import { createRbacIndex } from './rbac-index.ts';
import { rbacResources } from './rbac-objects.ts';

const ada = { name: 'ada', groups: ['ops'] };
const rbac = 'rbac.authorization.k8s.io';

/** The message of the refusal, or undefined when the write is admitted. */
async function refusal(
  held: PolicyRule[],
  request: Partial<AdmissionAttributes> & Pick<AdmissionAttributes, 'resource' | 'object'>,
  stored: { resource: string; object: JsonObject }[] = [],
  /** Held in one namespace only. */
  local: { namespace: string; rules: PolicyRule[] } = { namespace: 'default', rules: [] },
): Promise<string | undefined> {
  await using objects = await startStoredObjects(testLogger());
  for (const { resource, object } of stored) await objects.put(resource, object);
  const index = createRbacIndex();
  index.put(
    { resource: rbacResources.clusterRoles, namespace: '', name: 'held' },
    { rules: held as unknown as JsonObject[] },
  );
  index.put(
    { resource: rbacResources.clusterRoleBindings, namespace: '', name: 'held' },
    { roleRef: { kind: 'ClusterRole', name: 'held' }, subjects: [{ kind: 'User', name: 'ada' }] },
  );
  index.put(
    { resource: rbacResources.roles, namespace: local.namespace, name: 'local' },
    { rules: local.rules as unknown as JsonObject[] },
  );
  index.put(
    { resource: rbacResources.roleBindings, namespace: local.namespace, name: 'local' },
    { roleRef: { kind: 'Role', name: 'local' }, subjects: [{ kind: 'User', name: 'ada' }] },
  );
  const attributes: AdmissionAttributes = {
    operation: 'CREATE',
    group: rbac,
    version: 'v1',
    kind: 'Role',
    subresource: '',
    namespace: 'default',
    name: 'new',
    user: ada,
    dryRun: false,
    oldObject: undefined,
    ...request,
  };
  const others = [{ group: 'example.com' }, { subresource: 'status' }, { operation: 'DELETE' } as const];
  const handled = [{}, ...others].map((other) => escalationPlugin.handles({ ...attributes, ...other }));
  expect(handled).toEqual([true, false, false, false]);
  const context = {
    store: objects.store,
    authorizer: rbacAuthorizer(() => index),
    now: 0,
    random: () => 0,
    warn: () => undefined,
  };
  try {
    escalationPlugin.validate?.(attributes, context);
    return undefined;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return `${error.code} ${error.message}`;
  }
}

const secrets: PolicyRule = { verbs: ['get', 'list'], apiGroups: [''], resources: ['secrets'] };
const grants = (...rules: PolicyRule[]): JsonObject => ({
  metadata: { name: 'new' },
  rules: rules as unknown as JsonObject[],
});
const verb = (name: string, resource: string, resourceNames?: string[]): PolicyRule => ({
  verbs: [name],
  apiGroups: [rbac],
  resources: [resource],
  ...(resourceNames === undefined ? {} : { resourceNames }),
});

describe('roles', () => {
  test('KA-128 who holds every rule may write it', async () => {
    expect(await refusal([secrets], { resource: 'roles', object: grants(secrets) })).toBeUndefined();
  });

  test('KA-128 missing rules are listed', async () => {
    const object = grants(secrets, { verbs: ['get'], apiGroups: ['apps'], resources: ['deployments'] });
    expect(await refusal([], { resource: 'roles', object })).toBe(
      '403 roles.rbac.authorization.k8s.io "new" is forbidden: user "ada" (groups=["ops"]) is attempting to grant RBAC permissions not currently held:\n' +
        '{APIGroups:[""], Resources:["secrets"], Verbs:["get" "list"]}\n' +
        '{APIGroups:["apps"], Resources:["deployments"], Verbs:["get"]}',
    );
  });

  test('KA-128 the verb escalate on the role is enough, on another role it is not', async () => {
    expect(
      await refusal([verb('escalate', 'roles', ['new'])], { resource: 'roles', object: grants(secrets) }),
    ).toBeUndefined();
    expect(await refusal([verb('escalate', 'roles', ['old'])], { resource: 'roles', object: grants(secrets) })).toMatch(
      /^403/,
    );
    for (const held of [verb('bind', 'roles'), verb('escalate', 'clusterroles')]) {
      expect(await refusal([held], { resource: 'roles', object: grants(secrets) })).toMatch(/^403/);
    }
  });

  test('KA-128 what is held in one namespace is given in that one', async () => {
    const request = { resource: 'roles', object: grants(secrets) };
    for (const rules of [[secrets], [verb('escalate', 'roles')]]) {
      expect(await refusal([], request, [], { namespace: 'default', rules })).toBeUndefined();
      expect(await refusal([], request, [], { namespace: 'other', rules })).toMatch(/^403/);
      const wide = { resource: 'clusterroles', namespace: '', object: grants(secrets) };
      expect(await refusal([], wide, [], { namespace: 'default', rules })).toMatch(/^403/);
    }
  });

  test('KA-128 BI-27 rules that are too many to compare are refused with what to do', async () => {
    // Held by no rule as a whole, and in each part: all of them have to be looked at.
    const held = ['get', 'list'].map((verb) => ({ verbs: [verb], apiGroups: [''], resources: ['*'] }));
    const resources = Array.from({ length: 70_000 }, (_, index) => `x${index}`);
    const object = grants({ verbs: ['get', 'list'], apiGroups: [''], resources });
    expect(await refusal(held, { resource: 'roles', object })).toMatch(/^403 .*: grant them in several roles$/);
  });

  test('KA-128 an aggregated role needs everything, on update too when only the old one was aggregated', async () => {
    const aggregated = { ...grants(), aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] } };
    const want =
      '403 clusterroles.rbac.authorization.k8s.io "new" is forbidden: must have cluster-admin privileges to use the aggregationRule';
    const scope = { resource: 'clusterroles', namespace: '' };
    expect(await refusal([secrets], { ...scope, object: aggregated })).toBe(want);
    expect(await refusal([secrets], { ...scope, operation: 'UPDATE', object: grants(), oldObject: aggregated })).toBe(
      want,
    );
    const all: PolicyRule[] = [
      { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
      { verbs: ['*'], nonResourceURLs: ['*'] },
    ];
    expect(await refusal(all, { ...scope, object: aggregated })).toBeUndefined();
  });

  test('KA-128 SEC-10 finalizers and owners of a role may be changed without holding its rules, its labels may not', async () => {
    const oldObject = grants(secrets);
    const update = { resource: 'roles', operation: 'UPDATE', oldObject } as const;
    const freed = { ...oldObject, metadata: { name: 'new', finalizers: [], resourceVersion: '9' } };
    expect(await refusal([], { ...update, object: freed })).toBeUndefined();
    const more = { ...freed, ...grants(secrets, { ...secrets, verbs: ['delete'] }), metadata: freed.metadata };
    expect(await refusal([secrets], { ...update, object: more })).toMatch(/^403/);
    const labelled = { ...oldObject, metadata: { name: 'new', labels: { a: 'b' } } };
    expect(await refusal([], { ...update, object: labelled })).toMatch(/^403/);
  });
});

describe('bindings', () => {
  const binding = (kind: string): JsonObject => ({
    metadata: { name: 'new', namespace: 'default' },
    roleRef: { apiGroup: rbac, kind, name: 'reader' },
    subjects: [{ kind: 'User', name: 'eve' }],
  });
  const reader = {
    resource: rbacResources.clusterRoles,
    object: { metadata: { name: 'reader' }, rules: [secrets] as unknown as JsonObject[] },
  };
  const bind = { resource: 'rolebindings', object: binding('ClusterRole') };

  test('KA-128 who holds the rules of the role may bind it', async () => {
    expect(await refusal([secrets], bind, [reader])).toBeUndefined();
  });

  test('KA-128 others may not, and are told what they lack', async () => {
    expect(await refusal([], bind, [reader])).toBe(
      '403 rolebindings.rbac.authorization.k8s.io "new" is forbidden: user "ada" (groups=["ops"]) is attempting to grant RBAC permissions not currently held:\n' +
        '{APIGroups:[""], Resources:["secrets"], Verbs:["get" "list"]}',
    );
  });

  test('KA-128 the verb bind on that role is enough', async () => {
    expect(await refusal([verb('bind', 'clusterroles', ['reader'])], bind, [reader])).toBeUndefined();
    expect(await refusal([verb('bind', 'roles', ['reader'])], bind, [reader])).toMatch(/^403/);
    expect(await refusal([verb('escalate', 'clusterroles')], bind, [reader])).toMatch(/^403/);
    expect(await refusal([verb('bind', 'clusterroles', ['new'])], bind, [reader])).toMatch(/^403/);
    const localReader = {
      resource: rbacResources.roles,
      object: { ...reader.object, metadata: { name: 'reader', namespace: 'default' } },
    };
    const local = { resource: 'rolebindings', object: binding('Role') };
    expect(await refusal([verb('bind', 'roles', ['reader'])], local, [localReader])).toBeUndefined();
    expect(await refusal([verb('bind', 'clusterroles', ['reader'])], local, [localReader])).toMatch(/^403/);
  });

  test('KA-128 rights of one namespace let bind there, and not cluster-wide', async () => {
    const wide = { resource: 'clusterrolebindings', namespace: '', object: binding('ClusterRole') };
    for (const rules of [[secrets], [verb('bind', 'clusterroles')]]) {
      expect(await refusal([], bind, [reader], { namespace: 'default', rules })).toBeUndefined();
      expect(await refusal([], bind, [reader], { namespace: 'other', rules })).toMatch(/^403/);
      expect(await refusal([], wide, [reader], { namespace: 'default', rules })).toMatch(/^403/);
      expect(await refusal(rules, wide, [reader])).toBeUndefined();
    }
  });

  test('KA-128 a role that does not exist yet cannot be bound in advance', async () => {
    expect(await refusal([secrets], bind)).toBe('404 clusterroles.rbac.authorization.k8s.io "reader" not found');
    const local = { resource: 'rolebindings', object: binding('Role') };
    expect(await refusal([secrets], local, [reader])).toBe('404 roles.rbac.authorization.k8s.io "reader" not found');
  });
});
