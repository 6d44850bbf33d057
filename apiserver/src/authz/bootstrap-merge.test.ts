import type { JsonObject } from '@quarterdeck/machinery';
import { describe, expect, test } from 'vitest';
import { bindingObject, mergeBinding, mergeRole, roleObject } from './bootstrap-merge.ts';
import { type BootstrapRole, bootstrapBindings, bootstrapRoles } from './bootstrap-rbac.ts';
import { rulesOf } from './rbac-objects.ts';

const role: BootstrapRole = {
  name: 'system:reader',
  rules: [{ verbs: ['get', 'list'], apiGroups: [''], resources: ['pods'] }],
};
const wanted = roleObject(role);
const metadata = {
  name: 'system:reader',
  labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' },
  annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' },
};

describe('roles', () => {
  test('KA-129 a bootstrap role carries the label and the annotation', () => {
    expect(wanted).toEqual({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata,
      rules: [{ verbs: ['get', 'list'], apiGroups: [''], resources: ['pods'] }],
    });
  });

  test('KA-129 a role that holds everything is left as it is, additions of people included', () => {
    const stored = { ...wanted, rules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }] };
    expect(mergeRole(stored, wanted)).toBeUndefined();
  });

  test('KA-129 what is missing is added beside what is there', () => {
    const own: JsonObject = { verbs: ['get'], apiGroups: ['x'], resources: ['y'] };
    const stored = { ...wanted, metadata: { name: 'system:reader', labels: { mine: 'yes' } }, rules: [own] };
    expect(mergeRole(stored, wanted)).toEqual({
      ...wanted,
      metadata: { ...metadata, labels: { mine: 'yes', ...metadata.labels } },
      rules: [own, { verbs: ['get', 'list'], apiGroups: [''], resources: ['pods'] }],
    });
  });

  test('KA-129 autoupdate "false" keeps a role out of it', () => {
    const annotations = { 'rbac.authorization.kubernetes.io/autoupdate': 'false' };
    expect(mergeRole({ ...wanted, metadata: { ...metadata, annotations }, rules: [] }, wanted)).toBeUndefined();
  });

  test('KA-129 rules of an aggregated role are not touched, its selectors are completed', () => {
    const aggregated = roleObject({ name: 'view', aggregates: 'aggregate-to-view' });
    const rules = [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }];
    expect(mergeRole({ ...aggregated, rules }, aggregated)).toBeUndefined();
    const selector = { matchLabels: { mine: 'true' } };
    const stored = { ...aggregated, rules, aggregationRule: { clusterRoleSelectors: [selector] } };
    expect(mergeRole(stored, aggregated)).toEqual({
      ...stored,
      aggregationRule: { clusterRoleSelectors: [selector, { matchLabels: { 'aggregate-to-view': 'true' } }] },
    });
  });
});

describe('bindings', () => {
  const [binding] = bootstrapBindings;
  if (binding === undefined) throw new Error('there are bindings');
  const wantedBinding = bindingObject(binding);

  test('KA-129 missing subjects are added, others kept', () => {
    const own: JsonObject = { kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'ada' };
    expect(mergeBinding({ ...wantedBinding, subjects: [own] }, wantedBinding)).toEqual({
      type: 'update',
      object: { ...wantedBinding, subjects: [own, ...(wantedBinding.subjects as JsonObject[])] },
    });
    expect(mergeBinding(wantedBinding, wantedBinding)).toBeUndefined();
  });

  test('KA-129 a binding to another role is replaced, since roleRef cannot change', () => {
    const stored = {
      ...wantedBinding,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'x' },
    };
    expect(mergeBinding(stored, wantedBinding)).toEqual({ type: 'replace', object: wantedBinding });
  });
});

describe('data', () => {
  test('KA-129 every binding refers to a bootstrap role, and names are unique', () => {
    const idOf = (kind: string, namespace = '', name = '') => `${kind} ${kind === 'Role' ? namespace : ''}/${name}`;
    const roles = bootstrapRoles.map(({ namespace, name }) =>
      idOf(namespace === undefined ? 'ClusterRole' : 'Role', namespace, name),
    );
    expect(new Set(roles).size).toBe(roles.length);
    const bound = bootstrapBindings.map(({ namespace, role: ref }) => idOf(ref.kind, namespace, ref.name));
    expect(bound.filter((id) => !roles.includes(id))).toEqual([]);
  });

  test('KA-129 cluster-admin, discovery, basic user and public info are bound as Kubernetes binds them', () => {
    const bound = Object.fromEntries(
      bootstrapBindings.map(({ name, subjects }) => [name, subjects.map((subject) => subject.name)]),
    );
    expect(bound).toMatchObject({
      'cluster-admin': ['system:masters'],
      'system:discovery': ['system:authenticated'],
      'system:basic-user': ['system:authenticated'],
      'system:public-info-viewer': ['system:authenticated', 'system:unauthenticated'],
      'system:service-account-issuer-discovery': ['system:serviceaccounts'],
    });
  });

  test('SEC-4 only cluster-admin holds every verb of every resource', () => {
    const all = bootstrapRoles.filter((one) =>
      rulesOf(roleObject(one)).some(({ verbs, resources = [] }) => verbs.includes('*') && resources.includes('*')),
    );
    expect(all.map(({ name }) => name)).toEqual(['cluster-admin']);
  });

  test('KA-129 neither view nor public roles read secrets', () => {
    const readers = bootstrapRoles.filter((one) =>
      rulesOf(roleObject(one)).some(
        ({ resources = [], verbs }) =>
          resources.includes('secrets') && verbs.some((verb) => ['get', 'list', 'watch'].includes(verb)),
      ),
    );
    expect(readers.map(({ name }) => name)).toEqual(['system:aggregate-to-edit']);
  });
});
