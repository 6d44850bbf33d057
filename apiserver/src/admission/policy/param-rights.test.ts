import { ApiError } from '@quarterdeck/apis';
import type { JsonObject } from '@quarterdeck/machinery';
import { testLogger } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import type { PolicyRule } from '../../authz/authorizer.ts';
import { rbacAuthorizer } from '../../authz/rbac-authorizer.ts';
import { createRbacIndex } from '../../authz/rbac-index.ts';
import { rbacResources } from '../../authz/rbac-objects.ts';
import { configMaps } from '../../builtin/configmaps.ts';
import { secrets } from '../../builtin/secrets.ts';
import { createRegistry } from '../../registry/registry.ts';
import { startStoredObjects } from '../../testing/stored-objects.ts';
import type { AdmissionAttributes } from '../admission.ts';
import { policyParamRights } from './param-rights.ts';

const policies = 'validatingadmissionpolicies';
const bindings = 'validatingadmissionpolicybindings';
const secretKind = { apiVersion: 'v1', kind: 'Secret' };
const policy = (paramKind?: JsonObject): JsonObject => ({
  metadata: { name: 'p' },
  spec: paramKind === undefined ? {} : { paramKind },
});
const binding = (paramRef?: JsonObject, policyName = 'p'): JsonObject => ({
  metadata: { name: 'b' },
  spec: { policyName, ...(paramRef === undefined ? {} : { paramRef }) },
});
const inKube = (name: string) => ({ name, namespace: 'kube-system' });
const can = (verb: string, resources: string[], more: Partial<PolicyRule> = {}): PolicyRule => ({
  verbs: [verb],
  apiGroups: [''],
  resources,
  ...more,
});
const everything: PolicyRule = { verbs: ['get'], apiGroups: ['*'], resources: ['*'] };

interface Case {
  readonly object: JsonObject;
  readonly oldObject?: JsonObject;
  /** Held everywhere. */
  readonly held?: readonly PolicyRule[];
  /** Held in kube-system. */
  readonly local?: readonly PolicyRule[];
  /** The policy `p` as it is stored. */
  readonly stored?: JsonObject;
}

/** `admitted`, or the code and the message. */
async function verdict({ object, oldObject, held = [], local = [], stored }: Case): Promise<string> {
  await using objects = await startStoredObjects(testLogger());
  if (stored !== undefined) await objects.put(`${policies}.admissionregistration.k8s.io`, stored);
  const index = createRbacIndex();
  const give = (namespace: string, rules: readonly PolicyRule[]) => {
    const isLocal = namespace !== '';
    index.put(
      { resource: isLocal ? rbacResources.roles : rbacResources.clusterRoles, namespace, name: 'r' },
      { rules: rules as unknown as JsonObject[] },
    );
    index.put(
      { resource: isLocal ? rbacResources.roleBindings : rbacResources.clusterRoleBindings, namespace, name: 'r' },
      { roleRef: { kind: isLocal ? 'Role' : 'ClusterRole', name: 'r' }, subjects: [{ kind: 'User', name: 'ada' }] },
    );
  };
  give('', held);
  give('kube-system', local);
  const isPolicy = !('policyName' in (object.spec as JsonObject));
  const attributes: AdmissionAttributes = {
    operation: oldObject === undefined ? 'CREATE' : 'UPDATE',
    group: 'admissionregistration.k8s.io',
    version: 'v1',
    kind: isPolicy ? 'ValidatingAdmissionPolicy' : 'ValidatingAdmissionPolicyBinding',
    resource: isPolicy ? policies : bindings,
    subresource: '',
    namespace: '',
    name: isPolicy ? 'p' : 'b',
    user: { name: 'ada', groups: [] },
    dryRun: false,
    object,
    oldObject,
  };
  const plugin = policyParamRights(createRegistry([secrets, configMaps]));
  expect([plugin.handles(attributes), plugin.handles({ ...attributes, subresource: 'status' })]).toEqual([true, false]);
  const context = {
    store: objects.store,
    authorizer: rbacAuthorizer(() => index),
    now: 0,
    random: () => 0,
    warn: () => undefined,
  };
  try {
    plugin.validate?.(attributes, context);
    return 'admitted';
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return `${error.code} ${error.message}`;
  }
}

const noGet =
  '422 ValidatingAdmissionPolicy.admissionregistration.k8s.io "p" is invalid: spec.paramKind: Forbidden: user "ada" must have "get" permission on all objects of the referenced paramKind (kind=Secret, apiVersion=v1)';
const noRef = (verb: string, what: string) =>
  `422 ValidatingAdmissionPolicyBinding.admissionregistration.k8s.io "b" is invalid: spec.paramRef: Forbidden: user "ada" does not have "${verb}" permission on ${what}`;
const theObject = 'the object referenced by paramRef';
const all = 'all groups, versions and resources';
const stored = policy(secretKind);

test.each<Case & { readonly name: string; readonly want: string }>([
  { name: 'a policy without parameters reads none', object: policy(), want: 'admitted' },
  { name: 'a kind that its writer may not read', object: policy(secretKind), want: noGet },
  { name: 'another kind', object: policy(secretKind), held: [can('get', ['configmaps'])], want: noGet },
  { name: 'lists are no gets', object: policy(secretKind), held: [can('list', ['secrets'])], want: noGet },
  { name: 'one namespace of many', object: policy(secretKind), local: [can('get', ['secrets'])], want: noGet },
  {
    name: 'one name of many',
    object: policy(secretKind),
    held: [can('get', ['secrets'], { resourceNames: ['db'] })],
    want: noGet,
  },
  { name: 'all of the kind', object: policy(secretKind), held: [can('get', ['secrets'])], want: 'admitted' },
  {
    name: 'a kind that nobody serves may be any of its group',
    object: policy({ apiVersion: 'v1', kind: 'Gadget' }),
    held: [can('get', ['secrets'])],
    want: noGet.replace('kind=Secret', 'kind=Gadget'),
  },
  { name: 'what was there stays', object: policy(secretKind), oldObject: policy(secretKind), want: 'admitted' },
  {
    name: 'what is changed is asked anew',
    object: policy(secretKind),
    oldObject: policy({ ...secretKind, kind: 'ConfigMap' }),
    held: [can('get', ['configmaps'])],
    want: noGet,
  },
])('KA-137b parameters of a policy: $name', async ({ want, ...of }) => {
  expect(await verdict(of)).toBe(want);
});

test.each<Case & { readonly name: string; readonly want: string }>([
  { name: 'none', object: binding(), stored, want: 'admitted' },
  { name: 'one that nobody let them read', object: binding(inKube('db')), stored, want: noRef('get', theObject) },
  {
    name: 'one, by its name and place',
    object: binding(inKube('db')),
    stored,
    local: [can('get', ['secrets'], { resourceNames: ['db'] })],
    want: 'admitted',
  },
  {
    name: 'another of that place',
    object: binding(inKube('ca')),
    stored,
    local: [can('get', ['secrets'], { resourceNames: ['db'] })],
    want: noRef('get', theObject),
  },
  {
    name: 'one in whatever namespace is written to',
    object: binding({ name: 'db' }),
    stored,
    local: [can('get', ['secrets'])],
    want: noRef('get', theObject),
  },
  {
    name: 'those with a label, which is a list',
    object: binding({ namespace: 'kube-system', selector: {} }),
    stored,
    local: [can('get', ['secrets'])],
    want: noRef('list', theObject),
  },
  {
    name: 'those with a label, by who may list',
    object: binding({ namespace: 'kube-system', selector: {} }),
    stored,
    local: [can('list', ['secrets'])],
    want: 'admitted',
  },
  {
    name: 'of a policy that is not there yet',
    object: binding(inKube('db')),
    held: [can('get', ['secrets'])],
    want: noRef('get', all),
  },
  {
    name: 'of one that is not there, by who reads all',
    object: binding(inKube('db')),
    held: [everything],
    want: 'admitted',
  },
  {
    name: 'the same as before',
    object: binding(inKube('db')),
    oldObject: binding(inKube('db')),
    stored,
    want: 'admitted',
  },
  {
    name: 'the same name under another policy',
    object: binding(inKube('db')),
    oldObject: binding(inKube('db'), 'other'),
    stored,
    want: noRef('get', theObject),
  },
  {
    name: 'another than before',
    object: binding(inKube('db')),
    oldObject: binding(inKube('mine')),
    stored,
    want: noRef('get', theObject),
  },
])('KA-137b parameters of a binding: $name', async ({ want, ...of }) => {
  expect(await verdict(of)).toBe(want);
});
