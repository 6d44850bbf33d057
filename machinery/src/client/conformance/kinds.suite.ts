import { ConfigMap, Lease, Role, RoleBinding, Secret } from '@quarterdeck/apis';
import { expect, test } from 'vitest';
import { type Bench, failureOf, revisionOf, settled, summaryOf } from './target.ts';

const causesOf = async (promise: Promise<unknown>) => {
  const { code, status } = await failureOf(promise);
  return { code, causes: status.details?.causes?.map(({ reason, field }) => ({ reason, field })) };
};

/** Rules of built-in kinds that controllers lean on. */
export function builtInKindCases(bench: Bench): void {
  const { client, namespace } = bench;

  test('KA-116 an immutable ConfigMap keeps its data, not its labels', async () => {
    const created = await client.create(ConfigMap, { ...bench.configMap('fixed', { k: '1' }), immutable: true });
    expect(await causesOf(client.update(ConfigMap, { ...created, data: { k: '2' } }))).toEqual({
      code: 422,
      causes: [{ reason: 'FieldValueForbidden', field: 'data' }],
    });
    const labelled = { ...created, metadata: { ...created.metadata, labels: { a: 'b' } } };
    expect((await client.update(ConfigMap, labelled)).metadata.labels).toEqual({ a: 'b' });
  });

  test('KA-116 a Secret folds stringData into data and is Opaque by default', async () => {
    const created = await client.create(Secret, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { namespace, name: 'folded' },
      data: { a: 'MQ==' },
      stringData: { b: '2' },
    });
    expect(settled(created)).toEqual({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { namespace, name: 'folded' },
      type: 'Opaque',
      data: { a: 'MQ==', b: 'Mg==' },
    });
  });

  test('KA-51 KA-55 KA-142 a Lease is updated by revision only, and keeps microseconds', async () => {
    const created = await client.create(Lease, {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { namespace, name: 'lease' },
      spec: { holderIdentity: 'a', leaseDurationSeconds: 15, renewTime: '2026-01-01T00:00:00.123456Z' },
    });
    expect(created.spec?.renewTime).toBe('2026-01-01T00:00:00.123456Z');
    const taken = await client.update(Lease, { ...created, spec: { ...created.spec, holderIdentity: 'b' } });
    const late = client.update(Lease, { ...created, spec: { ...created.spec, holderIdentity: 'c' } });
    expect(await summaryOf(late)).toEqual({ code: 409, reason: 'Conflict' });
    const { resourceVersion, ...metadata } = taken.metadata;
    expect(await causesOf(client.update(Lease, { ...taken, metadata }))).toEqual({
      code: 422,
      causes: [{ reason: 'FieldValueInvalid', field: 'metadata.resourceVersion' }],
    });
    expect(resourceVersion).toBe(taken.metadata.resourceVersion);
  });

  test('KA-127 KA-128 roles and bindings are stored; a binding keeps its role', async () => {
    const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get'] }];
    const role = await client.create(Role, {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { namespace, name: 'reader' },
      rules,
    });
    expect(role.rules).toEqual(rules);
    const binding = await client.create(RoleBinding, {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { namespace, name: 'reader' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' },
      subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'somebody' }],
    });
    const moved = { ...binding, roleRef: { ...binding.roleRef, name: 'other' } };
    expect(await causesOf(client.update(RoleBinding, moved))).toEqual({
      code: 422,
      causes: [{ reason: 'FieldValueInvalid', field: 'roleRef' }],
    });
  });
}

/** Rules of custom kinds. */
export function customKindCases(bench: Bench): void {
  const { client, namespace, widgets } = bench;
  const ref = (name: string) => ({ namespace, name });

  test('KA-44 the generation counts changes of the spec, not of labels or status', async () => {
    const created = await client.create(widgets, bench.widget('counted', { size: 1 }));
    expect(created.metadata.generation).toBe(1);
    const patch = async (body: object, subresource?: string) => {
      const options = subresource === undefined ? {} : { subresource };
      return (await client.patch(widgets, ref('counted'), { type: 'merge', body }, options)).metadata.generation;
    };
    expect(await patch({ spec: { size: 2 } })).toBe(2);
    expect(await patch({ metadata: { labels: { a: 'b' } } })).toBe(2);
    expect(await patch({ status: { ready: true } }, 'status')).toBe(2);
  });

  test('KA-64 spec and status are written apart, on one revision', async () => {
    const created = await client.create(widgets, { ...bench.widget('parts', { size: 1 }), status: { ready: true } });
    expect(created.status).toBeUndefined();
    const both = { ...created, spec: { size: 2, color: 'green' }, status: { ready: true } };
    const status = await client.update(widgets, both, { subresource: 'status' });
    expect({ spec: status.spec, status: status.status }).toEqual({
      spec: { size: 1, color: 'red' },
      status: { ready: true },
    });
    expect(revisionOf(status) > revisionOf(created)).toBe(true);
    expect(await summaryOf(client.update(widgets, both))).toEqual({ code: 409, reason: 'Conflict' });
    const spec = await client.update(widgets, { ...status, spec: { size: 3, color: 'red' }, status: { ready: false } });
    expect({ spec: spec.spec, status: spec.status }).toEqual({
      spec: { size: 3, color: 'red' },
      status: { ready: true },
    });
    expect(await client.get(widgets, ref('parts'), { subresource: 'status' })).toEqual(spec);
  });

  test('KA-52 integers beyond 2^53 survive', async () => {
    const created = await client.create(widgets, bench.widget('long', { serial: 9007199254740993n }));
    expect(created.spec?.serial).toBe(9007199254740993n);
    expect((await client.get(widgets, ref('long'))).spec?.serial).toBe(9007199254740993n);
  });

  test('KA-98 KA-99 unknown fields are pruned, defaults filled in', async () => {
    const widget = bench.widget('pruned', { size: 1, nonsense: { a: 1 } });
    const created = await client.create(widgets, widget, { fieldValidation: 'Ignore' });
    expect(created.spec).toEqual({ size: 1, color: 'red' });
    const strict = await failureOf(client.create(widgets, bench.widget('strict', { nonsense: 1 })));
    expect({ code: strict.code, reason: strict.reason }).toEqual({ code: 400, reason: 'BadRequest' });
    expect(strict.message).toContain('unknown field "spec.nonsense"');
  });

  test('KA-38 KA-97 values against the schema are invalid, with their paths', async () => {
    const error = await failureOf(client.create(widgets, bench.widget('bad', { size: -1, color: 'blue' })));
    expect(error.code).toBe(422);
    expect(error.status.details?.kind).toBe('Widget');
    const causes = error.status.details?.causes?.map(({ reason, field }) => ({ reason, field }));
    expect(causes).toHaveLength(2);
    expect(causes).toEqual(
      expect.arrayContaining([
        { reason: 'FieldValueInvalid', field: 'spec.size' },
        { reason: 'FieldValueNotSupported', field: 'spec.color' },
      ]),
    );
  });

  test('KA-55b an update without revision is invalid', async () => {
    await client.create(widgets, bench.widget('unconditional'));
    expect(await causesOf(client.update(widgets, bench.widget('unconditional', { size: 2 })))).toEqual({
      code: 422,
      causes: [{ reason: 'FieldValueInvalid', field: 'metadata.resourceVersion' }],
    });
  });

  test('KA-65 scale reads and writes the replicas', async () => {
    const created = await client.create(widgets, bench.widget('scaled', { replicas: 2 }));
    const scale = await client.get(widgets, ref('scaled'), { subresource: 'scale' });
    expect({ ...scale, metadata: scale.metadata.name }).toEqual({
      apiVersion: 'autoscaling/v1',
      kind: 'Scale',
      metadata: 'scaled',
      spec: { replicas: 2 },
      status: { replicas: 0 },
    });
    expect(scale.metadata.uid).toBe(created.metadata.uid);
    await client.patch(
      widgets,
      ref('scaled'),
      { type: 'merge', body: { spec: { replicas: 5 } } },
      { subresource: 'scale' },
    );
    expect((await client.get(widgets, ref('scaled'))).spec).toEqual({ replicas: 5, color: 'red' });
  });

  test('KA-86 KA-87 custom objects are watched like any other', async () => {
    const { resourceVersion = '' } = (await client.list(widgets, { namespace })).metadata;
    const created = await client.create(widgets, bench.widget('watched', { serial: 9007199254740993n }));
    for await (const event of client.watch(widgets, { namespace, resourceVersion })) {
      expect(event).toEqual({ type: 'ADDED', object: created });
      break;
    }
  });
}

/** Requests beside objects. */
export function rawCases(bench: Bench): void {
  test('KA-18 the version is served', async () => {
    const version = await bench.client.getRaw('/version');
    expect(version).toMatchObject({ major: '1', minor: expect.stringMatching(/^\d+$/) });
  });

  test('KA-19 readiness is served', async () => {
    expect(await bench.client.getRaw('/readyz')).toBe('ok');
  });

  test('KA-10 the versions of the core group are served', async () => {
    expect(await bench.client.getRaw('/api')).toMatchObject({ kind: 'APIVersions', versions: ['v1'] });
  });

  test('KA-7 an unknown path is NotFound', async () => {
    expect(await summaryOf(bench.client.getRaw('/apis/nonsense.example.com/v1'))).toEqual({
      code: 404,
      reason: 'NotFound',
    });
  });
}
