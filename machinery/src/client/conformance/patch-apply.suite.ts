import { ConfigMap } from '@quarterdeck/apis';
import { expect, test } from 'vitest';
import { type Bench, failureOf, settled, summaryOf } from './target.ts';

export function patchCases(bench: Bench): void {
  const { client, namespace } = bench;
  const ref = (name: string) => ({ namespace, name });

  test('KA-68 JSON patch applies its operations in order', async () => {
    await client.create(ConfigMap, bench.configMap('json', { a: '1', b: '2' }));
    const body = [
      { op: 'test', path: '/data/a', value: '1' },
      { op: 'replace', path: '/data/a', value: '3' },
      { op: 'remove', path: '/data/b' },
      { op: 'add', path: '/data/c', value: '4' },
    ];
    const patched = await client.patch(ConfigMap, ref('json'), { type: 'json', body });
    expect(patched.data).toEqual({ a: '3', c: '4' });
  });

  test('KA-68 a JSON patch whose test fails is invalid and changes nothing', async () => {
    const created = await client.create(ConfigMap, bench.configMap('json-test', { a: '1' }));
    const body = [
      { op: 'replace', path: '/data/a', value: '2' },
      { op: 'test', path: '/data/a', value: 'other' },
    ];
    const patch = client.patch(ConfigMap, ref('json-test'), { type: 'json', body });
    expect(await summaryOf(patch)).toEqual({ code: 422, reason: 'Invalid' });
    expect(await client.get(ConfigMap, ref('json-test'))).toEqual(created);
  });

  test('KA-68b merge patch: null deletes, the rest merges', async () => {
    await client.create(ConfigMap, bench.configMap('merge', { a: '1', b: '2' }, { labels: { x: 'y' } }));
    const body = { metadata: { labels: { z: 'w' } }, data: { a: null, c: '3' } };
    const patched = await client.patch(ConfigMap, ref('merge'), { type: 'merge', body });
    expect(settled(patched)).toEqual(bench.configMap('merge', { b: '2', c: '3' }, { labels: { x: 'y', z: 'w' } }));
  });

  test('KA-69 strategic merge patch merges finalizers as a set, and obeys its directives', async () => {
    await client.create(ConfigMap, bench.configMap('smp', { a: '1', b: '2' }, { finalizers: ['conf.test/a'] }));
    const add = { metadata: { finalizers: ['conf.test/b'] }, data: { c: '3' } };
    const merged = await client.patch(ConfigMap, ref('smp'), { type: 'strategic', body: add });
    expect(settled(merged)).toEqual(
      bench.configMap('smp', { a: '1', b: '2', c: '3' }, { finalizers: expect.anything() as unknown as string[] }),
    );
    expect([...(merged.metadata.finalizers ?? [])].sort()).toEqual(['conf.test/a', 'conf.test/b']);
    const replace = {
      metadata: { '$deleteFromPrimitiveList/finalizers': ['conf.test/a', 'conf.test/b'] },
      data: { $patch: 'replace', only: 'this' },
    };
    const replaced = await client.patch(ConfigMap, ref('smp'), { type: 'strategic', body: replace });
    expect(settled(replaced)).toEqual(bench.configMap('smp', { only: 'this' }));
  });

  test('KA-56 a patch that changes nothing leaves the revision', async () => {
    const created = await client.create(ConfigMap, bench.configMap('same', { a: '1' }));
    expect(await client.patch(ConfigMap, ref('same'), { type: 'merge', body: { data: { a: '1' } } })).toEqual(created);
  });

  test('KA-66 a patch that names an old revision conflicts', async () => {
    const created = await client.create(ConfigMap, bench.configMap('precondition', { a: '1' }));
    await client.update(ConfigMap, { ...created, data: { a: '2' } });
    const body = { metadata: { resourceVersion: created.metadata.resourceVersion }, data: { a: '3' } };
    const patch = client.patch(ConfigMap, ref('precondition'), { type: 'merge', body });
    expect(await summaryOf(patch)).toEqual({ code: 409, reason: 'Conflict' });
  });

  test('KA-66 patches that race without a revision all land', async () => {
    await client.create(ConfigMap, bench.configMap('busy'));
    const keys = ['a', 'b', 'c', 'd', 'e'];
    await Promise.all(
      keys.map((key) => client.patch(ConfigMap, ref('busy'), { type: 'merge', body: { data: { [key]: key } } })),
    );
    const { data } = await client.get(ConfigMap, ref('busy'));
    expect(data).toEqual({ a: 'a', b: 'b', c: 'c', d: 'd', e: 'e' });
  });

  test('KA-67b custom kinds refuse strategic merge patch', async () => {
    await client.create(bench.widgets, bench.widget('strategic'));
    const patch = client.patch(bench.widgets, ref('strategic'), { type: 'strategic', body: { spec: { size: 1 } } });
    expect(await summaryOf(patch)).toEqual({ code: 415, reason: 'UnsupportedMediaType' });
  });

  test('KA-61 a patch with an unknown field is refused under Strict', async () => {
    await client.create(ConfigMap, bench.configMap('strict'));
    const patch = { type: 'merge', body: { nonsense: 1 } } as const;
    const error = await failureOf(client.patch(ConfigMap, ref('strict'), patch, { fieldValidation: 'Strict' }));
    expect({ code: error.code, reason: error.reason }).toEqual({ code: 422, reason: 'Invalid' });
    expect(error.message).toContain('unknown field "nonsense"');
  });
}

export function applyCases(bench: Bench): void {
  const { client, namespace } = bench;
  const ref = (name: string) => ({ namespace, name });

  test('KA-71 KA-72 apply creates what is missing and records its manager', async () => {
    const applied = await client.apply(ConfigMap, bench.configMap('new', { k: 'v' }), { fieldManager: 'one' });
    expect(settled(applied)).toEqual(bench.configMap('new', { k: 'v' }));
    expect(applied.metadata.managedFields?.map(({ time, ...entry }) => entry)).toEqual([
      {
        manager: 'one',
        operation: 'Apply',
        apiVersion: 'v1',
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:data': { 'f:k': {} } },
      },
    ]);
  });

  test('KA-72 KA-75 an update records its manager', async () => {
    const created = await client.create(ConfigMap, bench.configMap('by-update', { k: 'v' }), { fieldManager: 'two' });
    expect(created.metadata.managedFields?.map(({ time, ...entry }) => entry)).toEqual([
      {
        manager: 'two',
        operation: 'Update',
        apiVersion: 'v1',
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:data': { '.': {}, 'f:k': {} } },
      },
    ]);
  });

  test('KA-76 fields that a manager leaves out are removed, those of others stay', async () => {
    await client.apply(ConfigMap, bench.configMap('less', { a: '1', b: '2' }), { fieldManager: 'one' });
    await client.apply(ConfigMap, bench.configMap('less', { c: '3' }), { fieldManager: 'two' });
    const applied = await client.apply(ConfigMap, bench.configMap('less', { a: '1' }), { fieldManager: 'one' });
    expect(applied.data).toEqual({ a: '1', c: '3' });
  });

  test('KA-76b KA-76c a field of another manager conflicts, naming it; force takes it over', async () => {
    await client.apply(ConfigMap, bench.configMap('fight', { k: '1' }), { fieldManager: 'one' });
    const { status } = await failureOf(
      client.apply(ConfigMap, bench.configMap('fight', { k: '2' }), { fieldManager: 'two' }),
    );
    expect({ code: status.code, reason: status.reason, causes: status.details?.causes }).toEqual({
      code: 409,
      reason: 'Conflict',
      causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.data.k' }],
    });
    const same = await client.apply(ConfigMap, bench.configMap('fight', { k: '1' }), { fieldManager: 'two' });
    expect(same.data).toEqual({ k: '1' });
    const forced = await client.apply(ConfigMap, bench.configMap('fight', { k: '2' }), {
      fieldManager: 'two',
      force: true,
    });
    expect(forced.data).toEqual({ k: '2' });
  });

  test('KA-56 KA-79 an apply that changes nothing leaves the object as it was', async () => {
    const first = await client.apply(ConfigMap, bench.configMap('again', { k: '1' }), { fieldManager: 'one' });
    expect(await client.apply(ConfigMap, bench.configMap('again', { k: '1' }), { fieldManager: 'one' })).toEqual(first);
  });

  test('KA-71b apply without a field manager is invalid', async () => {
    const apply = client.apply(ConfigMap, bench.configMap('anonymous'), { fieldManager: '' });
    expect(await summaryOf(apply)).toEqual({ code: 422, reason: 'Invalid' });
  });

  test('KA-71b apply refuses managedFields', async () => {
    const config = bench.configMap('managed', {}, { managedFields: [{ manager: 'x', operation: 'Apply' }] });
    const apply = client.apply(ConfigMap, config, { fieldManager: 'one' });
    expect(await summaryOf(apply)).toEqual({ code: 400, reason: 'BadRequest' });
  });

  test('KA-74 KA-76 managers share a keyed list, each with its items', async () => {
    const { widgets } = bench;
    await client.apply(widgets, bench.widget('shared', { parts: [{ name: 'a', count: 1 }] }), { fieldManager: 'one' });
    const both = await client.apply(widgets, bench.widget('shared', { parts: [{ name: 'b' }] }), {
      fieldManager: 'two',
    });
    expect(both.spec?.parts).toEqual([{ name: 'a', count: 1 }, { name: 'b' }]);
    const left = await client.apply(widgets, bench.widget('shared', {}), { fieldManager: 'one' });
    expect(left.spec?.parts).toEqual([{ name: 'b' }]);
    expect(await client.get(widgets, ref('shared'))).toEqual(left);
  });

  test('KA-60 a dry-run apply stores nothing', async () => {
    const shown = await client.apply(ConfigMap, bench.configMap('dry', { k: '1' }), {
      fieldManager: 'one',
      dryRun: true,
    });
    expect(shown.data).toEqual({ k: '1' });
    expect(await summaryOf(client.get(ConfigMap, ref('dry')))).toEqual({ code: 404, reason: 'NotFound' });
  });
}
