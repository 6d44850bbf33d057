import { readFileSync } from 'node:fs';
import {
  decodeKubeProtobuf,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  objectMetaSchema,
  parseJson,
  pruneValue,
  type StructuralSchema,
  validateValue,
} from '@quarterdeck/machinery';
import { describe, expect, test } from 'vitest';
import { builtinKinds, builtinSchema, protobufTables } from './index.ts';

/** The schema at a dotted path of properties; `[]` goes into list items, `{}` into map values. */
function at(schema: StructuralSchema | undefined, path: string): StructuralSchema | undefined {
  return path.split('.').reduce<StructuralSchema | undefined>((node, step) => {
    if (step === '[]') return node?.items;
    if (step === '{}') return typeof node?.additionalProperties === 'object' ? node.additionalProperties : undefined;
    return node?.properties?.[step];
  }, schema);
}

/** The Kubernetes extensions of a node, by their short names. */
function merging(schema: StructuralSchema | undefined): Record<string, unknown> {
  const entries = Object.entries(schema ?? { missing: true });
  return Object.fromEntries(
    entries
      .filter(([key]) => key.startsWith('x-kubernetes-'))
      .map(([key, value]) => [key.slice('x-kubernetes-'.length), value]),
  );
}

describe('builtinSchema', () => {
  test.each(builtinKinds)(
    'KA-24 $kind of $group/$version is a whole object, frozen, and the same at every call',
    (row) => {
      const schema = builtinSchema(row.group, row.version, row.kind);
      expect(Object.keys(schema.properties ?? {}).slice(0, 2)).toEqual(['apiVersion', 'kind']);
      expect(builtinSchema(row.group, row.version, row.kind)).toBe(schema);
      expect(isDeeplyFrozen(schema)).toBe(true);
    },
  );

  test('KA-1 every built-in kind is there', () => {
    const names = builtinKinds.map(({ group, version, kind }) => `${group}/${version} ${kind}`);
    expect(names).toEqual(
      expect.arrayContaining([
        '/v1 Namespace',
        '/v1 ConfigMap',
        '/v1 Secret',
        '/v1 ServiceAccount',
        '/v1 Event',
        'events.k8s.io/v1 Event',
        'coordination.k8s.io/v1 Lease',
        'rbac.authorization.k8s.io/v1 Role',
        'rbac.authorization.k8s.io/v1 ClusterRole',
        'rbac.authorization.k8s.io/v1 RoleBinding',
        'rbac.authorization.k8s.io/v1 ClusterRoleBinding',
        'apiextensions.k8s.io/v1 CustomResourceDefinition',
        'authentication.k8s.io/v1 TokenReview',
        'authentication.k8s.io/v1 TokenRequest',
        'authentication.k8s.io/v1 SelfSubjectReview',
        'authorization.k8s.io/v1 SubjectAccessReview',
        'authorization.k8s.io/v1 LocalSubjectAccessReview',
        'authorization.k8s.io/v1 SelfSubjectAccessReview',
        'authorization.k8s.io/v1 SelfSubjectRulesReview',
        'certificates.k8s.io/v1 CertificateSigningRequest',
        'admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration',
        'admissionregistration.k8s.io/v1 MutatingWebhookConfiguration',
        'admissionregistration.k8s.io/v1 ValidatingAdmissionPolicy',
        'admissionregistration.k8s.io/v1 ValidatingAdmissionPolicyBinding',
      ]),
    );
  });

  test('KA-1 a kind that the tables do not cover is a bug of the caller', () => {
    expect(() => builtinSchema('policy', 'v1', 'PodMaker')).toThrow(
      'the built-in tables do not cover PodMaker of policy/v1',
    );
  });

  test('KA-24 metadata is the full ObjectMeta, in templates too', () => {
    const deployment = builtinSchema('apps', 'v1', 'Deployment');
    expect(at(deployment, 'metadata')?.properties).toEqual(objectMetaSchema.properties);
    expect(at(deployment, 'spec.template.metadata')?.properties).toBe(objectMetaSchema.properties);
  });

  test('KA-24 lists, reviews and options that have no ObjectMeta keep what they have', () => {
    expect(Object.keys(builtinSchema('', 'v1', 'Status').properties?.metadata?.properties ?? {})).toEqual([
      'selfLink',
      'resourceVersion',
      'continue',
      'remainingItemCount',
    ]);
    expect(builtinSchema('apps', 'v1', 'DeleteOptions').properties).not.toHaveProperty('metadata');
    expect(builtinSchema('apps', 'v1', 'DeleteOptions')).toBe(builtinSchema('', 'v1', 'DeleteOptions'));
  });

  test.each<{ group: string; kind: string; path: string; facts: Record<string, unknown> }>([
    {
      group: '',
      kind: 'ServiceAccount',
      path: 'secrets',
      facts: { 'list-type': 'map', 'list-map-keys': ['name'], 'patch-strategy': 'merge', 'patch-merge-key': 'name' },
    },
    {
      group: '',
      kind: 'ServiceAccount',
      path: 'imagePullSecrets',
      facts: { 'list-type': 'atomic' },
    },
    {
      group: '',
      kind: 'Namespace',
      path: 'status.conditions',
      facts: { 'list-type': 'map', 'list-map-keys': ['type'], 'patch-strategy': 'merge', 'patch-merge-key': 'type' },
    },
    {
      group: '',
      kind: 'ConfigMap',
      path: 'metadata.finalizers',
      facts: { 'list-type': 'set', 'patch-strategy': 'merge' },
    },
    {
      group: 'admissionregistration.k8s.io',
      kind: 'ValidatingWebhookConfiguration',
      path: 'webhooks',
      facts: { 'list-type': 'map', 'list-map-keys': ['name'], 'patch-strategy': 'merge', 'patch-merge-key': 'name' },
    },
    {
      group: 'admissionregistration.k8s.io',
      kind: 'ValidatingAdmissionPolicy',
      path: 'spec.variables',
      facts: { 'list-type': 'map', 'list-map-keys': ['name'], 'patch-strategy': 'merge', 'patch-merge-key': 'name' },
    },
    { group: 'rbac.authorization.k8s.io', kind: 'Role', path: 'rules', facts: { 'list-type': 'atomic' } },
    { group: 'rbac.authorization.k8s.io', kind: 'RoleBinding', path: 'roleRef', facts: { 'map-type': 'atomic' } },
    { group: '', kind: 'Event', path: 'involvedObject', facts: { 'map-type': 'atomic' } },
    {
      group: 'apps',
      kind: 'Deployment',
      path: 'spec.template.spec.containers',
      facts: { 'list-type': 'map', 'list-map-keys': ['name'], 'patch-strategy': 'merge', 'patch-merge-key': 'name' },
    },
    {
      group: 'apps',
      kind: 'Deployment',
      path: 'spec.template.spec.volumes',
      facts: {
        'list-type': 'map',
        'list-map-keys': ['name'],
        'patch-strategy': 'merge,retainKeys',
        'patch-merge-key': 'name',
      },
    },
    {
      group: '',
      kind: 'Service',
      path: 'spec.ports',
      facts: {
        'list-type': 'map',
        'list-map-keys': ['port', 'protocol'],
        'patch-strategy': 'merge',
        'patch-merge-key': 'port',
      },
    },
    { group: '', kind: 'Pod', path: 'spec.nodeSelector', facts: { 'map-type': 'atomic' } },
  ])('KA-69, KA-24 $kind $path merges as published', ({ group, kind, path, facts }) => {
    expect(merging(at(builtinSchema(group, 'v1', kind), path))).toEqual(facts);
  });

  test.each<{ path: string; schema: StructuralSchema }>([
    { path: 'spec.containers.[].ports.[].containerPort', schema: { type: 'integer', format: 'int32' } },
    { path: 'spec.terminationGracePeriodSeconds', schema: { type: 'integer', format: 'int64' } },
    { path: 'spec.hostNetwork', schema: { type: 'boolean' } },
    {
      path: 'spec.containers.[].ports.[].protocol',
      schema: { type: 'string', default: 'TCP', enum: ['', 'SCTP', 'TCP', 'UDP'] },
    },
    { path: 'spec.containers.[].resources.limits.{}', schema: { oneOf: [{ type: 'string' }, { type: 'number' }] } },
    {
      path: 'spec.containers.[].livenessProbe.httpGet.port',
      schema: { format: 'int-or-string', 'x-kubernetes-int-or-string': true },
    },
    { path: 'status.startTime', schema: { type: 'string', format: 'date-time' } },
    {
      path: 'spec.containers.[].command',
      schema: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'atomic' },
    },
    { path: 'spec.volumes.[].emptyDir.medium', schema: { type: 'string' } },
  ])('KA-24 a Pod has $path', ({ path, schema }) => {
    const { description: _text, ...found } = at(builtinSchema('', 'v1', 'Pod'), path) ?? {};
    expect(found).toEqual(schema);
  });

  test('KA-24 a schema within a schema is open', () => {
    const crd = builtinSchema('apiextensions.k8s.io', 'v1', 'CustomResourceDefinition');
    const schema = at(crd, 'spec.versions.[].schema.openAPIV3Schema');
    expect(schema?.properties).toHaveProperty('x-kubernetes-validations');
    expect(at(schema, 'properties.{}')).toEqual({ type: 'object', 'x-kubernetes-preserve-unknown-fields': true });
  });
});

describe('validation by these schemas', () => {
  const golden = parseJson(readFileSync(new URL('./testdata/protobuf-golden.json', import.meta.url))) as JsonObject[];
  /** Written to show the wire form of a few fields; Kubernetes refuses them too. */
  const incomplete = /^(Deployment|ReplicaSet|StatefulSet|DaemonSet|Job)$/;
  const bodies = golden
    .filter(({ name }) => !String(name).startsWith('WatchEvent') && !incomplete.test(String(name)))
    .map(({ name, bytes }) => ({ name: String(name), bytes: Buffer.from(String(bytes), 'base64') }));

  test.each(bodies)('KA-28 accepts what Go clients send: $name', ({ bytes }) => {
    const { value, apiVersion, kind } = decodeKubeProtobuf(bytes, protobufTables);
    const [version = '', group = ''] = apiVersion.split('/').reverse();
    const schema = builtinSchema(group, version, kind);
    expect(validateValue(value, schema)).toEqual([]);
    expect(pruneValue(value, schema, { isRoot: true }).pruned).toEqual([]);
  });

  const refused = (object: JsonObject) => {
    const [version = '', group = ''] = String(object.apiVersion).split('/').reverse();
    return validateValue(object, builtinSchema(group, version, String(object.kind))).map(({ reason, field }) => ({
      reason,
      field,
    }));
  };

  test.each<{ name: string; object: JsonObject; errors: { reason: string; field: string }[] }>([
    {
      name: 'a role reference without its group, which Kubernetes fills in',
      object: { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', roleRef: { kind: 'Role', name: 'r' } },
      errors: [],
    },
    {
      name: 'a role reference without a name',
      object: { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', roleRef: { kind: 'Role' } },
      errors: [{ reason: 'FieldValueRequired', field: 'roleRef.name' }],
    },
    {
      name: 'an empty secret value',
      object: { apiVersion: 'v1', kind: 'Secret', data: { a: '', b: 'YQ==\n' } },
      errors: [],
    },
    {
      name: 'a secret value that is no base64',
      object: { apiVersion: 'v1', kind: 'Secret', data: { a: 'a b' } },
      errors: expect.arrayContaining([expect.objectContaining({ field: 'data.a' })]) as never,
    },
    {
      name: 'a number in a config map',
      object: { apiVersion: 'v1', kind: 'ConfigMap', data: { a: 1 } },
      errors: [{ reason: 'FieldValueTypeInvalid', field: 'data.a' }],
    },
    {
      name: 'a failure policy that does not exist',
      object: {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'ValidatingAdmissionPolicy',
        spec: { failurePolicy: 'Maybe' },
      },
      errors: [{ reason: 'FieldValueNotSupported', field: 'spec.failurePolicy' }],
    },
    {
      name: 'quantities of all forms',
      object: {
        apiVersion: 'v1',
        kind: 'Node',
        status: { capacity: { cpu: 4, memory: '16Gi', 'example.com/share': 0.5 }, allocatable: { pods: '110' } },
      },
      errors: [],
    },
    {
      name: 'a status that only says {}',
      object: { apiVersion: 'autoscaling/v1', kind: 'Scale', spec: { replicas: 1 }, status: {} },
      errors: [],
    },
  ])('KA-38 judges $name', ({ object, errors }) => {
    expect(refused(object)).toEqual(errors);
  });
});

test('KA-24 no default is a zero value: it would make objects out of nothing', () => {
  const zeros = builtinKinds.flatMap(({ group, version, kind }) =>
    zeroDefaults(builtinSchema(group, version, kind), kind),
  );
  expect(zeros).toEqual([]);
});

function zeroDefaults(schema: StructuralSchema, path: string): string[] {
  // The metadata of every kind is another table's.
  if (schema.properties === objectMetaSchema.properties) return [];
  const { default: value, items, additionalProperties, properties = {} } = schema;
  return [
    ...(value === undefined || !isZero(value) ? [] : [path]),
    ...(items === undefined ? [] : zeroDefaults(items, `${path}[]`)),
    ...(typeof additionalProperties === 'object' ? zeroDefaults(additionalProperties, `${path}{}`) : []),
    ...Object.entries(properties).flatMap(([name, property]) =>
      name === 'metadata' ? [] : zeroDefaults(property, `${path}.${name}`),
    ),
  ];
}

function isZero(value: JsonValue): boolean {
  return value === '' || value === 0 || value === false || (isJsonObject(value) && Object.keys(value).length === 0);
}

function isDeeplyFrozen(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return Object.isFrozen(value) && Object.values(value).every(isDeeplyFrozen);
}
