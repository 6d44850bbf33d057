import { ApiError, ConfigMap, Namespace } from '@quarterdeck/apis';
import { expect, test } from 'vitest';
import { type Bench, failureOf, revisionOf, settled, summaryOf, uniqueSuffix } from './target.ts';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

export function createReadUpdateCases(bench: Bench): void {
  createCases(bench);
  readCases(bench);
  updateCases(bench);
  dryRunCases(bench);
}

function createCases(bench: Bench): void {
  test('KA-42 KA-53 create returns the stored object with what the server sets', async () => {
    const before = Date.now();
    const created = await bench.client.create(
      ConfigMap,
      bench.configMap('created', { k: 'v' }, { labels: { a: 'b' } }),
    );
    expect(settled(created)).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'created', namespace: bench.namespace, labels: { a: 'b' } },
      data: { k: 'v' },
    });
    expect(created.metadata.uid).toMatch(uuid);
    expect(created.metadata.resourceVersion).toMatch(/^[1-9][0-9]*$/);
    expect(created.metadata.creationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    // Whole seconds, rounded down; the clocks of test and server may differ a little.
    expect(Math.abs(Date.parse(created.metadata.creationTimestamp) - before)).toBeLessThan(60_000);
  });

  test('KA-42b system fields that a client sends are dropped', async () => {
    const forged = {
      uid: 'mine',
      creationTimestamp: '2001-01-01T00:00:00Z',
      deletionTimestamp: '2001-01-01T00:00:00Z',
    };
    const created = await bench.client.create(ConfigMap, bench.configMap('forged', {}, forged));
    expect(created.metadata.uid).toMatch(uuid);
    expect(created.metadata.creationTimestamp > '2020').toBe(true);
    expect(created.metadata.deletionTimestamp).toBeUndefined();
  });

  test('KA-42c a create with a resourceVersion is refused', async () => {
    const { code } = await failureOf(
      bench.client.create(ConfigMap, bench.configMap('rv', {}, { resourceVersion: '1' })),
    );
    expect([400, 500]).toContain(code);
  });

  test('KA-36 KA-53 creating what exists fails with AlreadyExists', async () => {
    await bench.client.create(ConfigMap, bench.configMap('twice'));
    const { status } = await failureOf(bench.client.create(ConfigMap, bench.configMap('twice')));
    expect(status).toEqual({
      apiVersion: 'v1',
      kind: 'Status',
      metadata: {},
      status: 'Failure',
      message: 'configmaps "twice" already exists',
      reason: 'AlreadyExists',
      details: { name: 'twice', kind: 'configmaps' },
      code: 409,
    });
  });

  test('KA-45 generateName gives names of its own', async () => {
    const send = bench.configMap('', {}, { generateName: 'gen-' });
    const names = new Set<string>();
    for (let round = 0; round < 3; round++) names.add((await bench.client.create(ConfigMap, send)).metadata.name);
    expect(names.size).toBe(3);
    for (const name of names) expect(name).toMatch(/^gen-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  });

  test('KA-45c neither name nor generateName is invalid', async () => {
    const error = await failureOf(bench.client.create(ConfigMap, bench.configMap('')));
    expect({ code: error.code, reason: error.reason }).toEqual({ code: 422, reason: 'Invalid' });
    expect(error.status.details?.causes?.map(({ reason, field }) => ({ reason, field }))).toEqual([
      { reason: 'FieldValueRequired', field: 'metadata.name' },
    ]);
  });

  test('KA-38 KA-46 a bad name is invalid, with its path', async () => {
    const { status } = await failureOf(bench.client.create(ConfigMap, bench.configMap('Not_A_Name')));
    expect({ ...status, message: undefined, details: { ...status.details, causes: undefined } }).toEqual({
      apiVersion: 'v1',
      kind: 'Status',
      metadata: {},
      status: 'Failure',
      message: undefined,
      reason: 'Invalid',
      details: { name: 'Not_A_Name', kind: 'ConfigMap', causes: undefined },
      code: 422,
    });
    expect(status.message).toMatch(/^ConfigMap "Not_A_Name" is invalid: metadata\.name: Invalid value: "Not_A_Name": /);
    expect(status.details?.causes?.map(({ reason, field }) => ({ reason, field }))).toEqual([
      { reason: 'FieldValueInvalid', field: 'metadata.name' },
    ]);
  });

  test('KA-47 bad labels are invalid', async () => {
    const error = await failureOf(
      bench.client.create(ConfigMap, bench.configMap('labels', {}, { labels: { k: '-' } })),
    );
    expect({ code: error.code, fields: error.status.details?.causes?.map(({ field }) => field) }).toEqual({
      code: 422,
      fields: ['metadata.labels'],
    });
  });

  test('KA-110 create in a missing namespace fails with NotFound of the namespace', async () => {
    const namespace = `missing-${uniqueSuffix()}`;
    const { status } = await failureOf(bench.client.create(ConfigMap, bench.configMap('a', {}, { namespace })));
    expect(status).toEqual({
      apiVersion: 'v1',
      kind: 'Status',
      metadata: {},
      status: 'Failure',
      message: `namespaces "${namespace}" not found`,
      reason: 'NotFound',
      details: { name: namespace, kind: 'namespaces' },
      code: 404,
    });
  });

  test('KA-61 unknown fields: Strict refuses, Ignore drops', async () => {
    const odd = { ...bench.configMap('odd', { k: 'v' }), nonsense: 1 };
    const error = await failureOf(bench.client.create(ConfigMap, odd, { fieldValidation: 'Strict' }));
    expect({ code: error.code, reason: error.reason }).toEqual({ code: 400, reason: 'BadRequest' });
    expect(error.message).toContain('unknown field "nonsense"');
    const created = await bench.client.create(ConfigMap, odd, { fieldValidation: 'Ignore' });
    expect('nonsense' in created).toBe(false);
  });
}

function readCases(bench: Bench): void {
  test('KA-54 get returns what create returned, for every kind of resourceVersion', async () => {
    const created = await bench.client.create(ConfigMap, bench.configMap('read', { k: 'v' }));
    const ref = { namespace: bench.namespace, name: 'read' };
    expect(await bench.client.get(ConfigMap, ref)).toEqual(created);
    const { resourceVersion } = created.metadata;
    expect(await bench.client.get(ConfigMap, ref, { resourceVersion })).toEqual(created);
    expect((await bench.client.get(ConfigMap, ref, { resourceVersion: '0' })).metadata.uid).toBe(created.metadata.uid);
  });

  test('KA-36 get of what is not there fails with the whole Status', async () => {
    const { status } = await failureOf(bench.client.get(ConfigMap, { namespace: bench.namespace, name: 'nobody' }));
    expect(status).toEqual({
      apiVersion: 'v1',
      kind: 'Status',
      metadata: {},
      status: 'Failure',
      message: 'configmaps "nobody" not found',
      reason: 'NotFound',
      details: { name: 'nobody', kind: 'configmaps' },
      code: 404,
    });
  });

  test('KA-7 an unknown resource is NotFound', async () => {
    const unknown = { ...ConfigMap, plural: 'nonsenses' };
    const ref = { namespace: bench.namespace, name: 'a' };
    expect(await summaryOf(bench.client.get(unknown, ref))).toEqual({ code: 404, reason: 'NotFound' });
  });

  test('results are frozen or fresh: changing one changes nothing else', async () => {
    const created = await bench.client.create(ConfigMap, bench.configMap('mine', { k: 'v' }));
    const ref = { namespace: bench.namespace, name: 'mine' };
    const first = await bench.client.get(ConfigMap, ref);
    try {
      if (first.data !== undefined) first.data.k = 'changed';
    } catch (error) {
      expect(error).toBeInstanceOf(TypeError);
    }
    expect(await bench.client.get(ConfigMap, ref)).toEqual(created);
  });

  test('an aborted call rejects with the reason', async () => {
    const reason = new Error('enough');
    const call = bench.client.get(Namespace, { name: bench.namespace }, { signal: AbortSignal.abort(reason) });
    await expect(call).rejects.toBe(reason);
  });

  test('a namespaced kind without namespace is refused', async () => {
    const call = Promise.resolve().then(() => bench.client.get(ConfigMap, { name: 'a' }));
    await expect(call).rejects.toBeInstanceOf(ApiError);
  });
}

function updateCases(bench: Bench): void {
  const { client } = bench;

  test('KA-55 KA-43 update replaces the whole object and raises its revision', async () => {
    const created = await client.create(
      ConfigMap,
      bench.configMap('whole', { a: '1', b: '2' }, { labels: { x: 'y' } }),
    );
    const { labels, ...metadata } = created.metadata;
    const updated = await client.update(ConfigMap, { ...created, metadata, data: { c: '3' } });
    expect(settled(updated)).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'whole', namespace: bench.namespace },
      data: { c: '3' },
    });
    expect(labels).toEqual({ x: 'y' });
    expect(revisionOf(updated) > revisionOf(created)).toBe(true);
    expect(updated.metadata.uid).toBe(created.metadata.uid);
    expect(await client.get(ConfigMap, { namespace: bench.namespace, name: 'whole' })).toEqual(updated);
  });

  test('KA-55 KA-66 update of an old revision conflicts and changes nothing', async () => {
    const created = await client.create(ConfigMap, bench.configMap('stale', { k: '1' }));
    const updated = await client.update(ConfigMap, { ...created, data: { k: '2' } });
    const { status } = await failureOf(client.update(ConfigMap, { ...created, data: { k: '3' } }));
    expect(status).toEqual({
      apiVersion: 'v1',
      kind: 'Status',
      metadata: {},
      status: 'Failure',
      message:
        'Operation cannot be fulfilled on configmaps "stale": the object has been modified; please apply your changes to the latest version and try again',
      reason: 'Conflict',
      details: { name: 'stale', kind: 'configmaps' },
      code: 409,
    });
    expect(await client.get(ConfigMap, { namespace: bench.namespace, name: 'stale' })).toEqual(updated);
  });

  test('KA-55b update without revision: the last write wins for core kinds', async () => {
    await client.create(ConfigMap, bench.configMap('last', { k: '1' }));
    const updated = await client.update(ConfigMap, bench.configMap('last', { k: '2' }));
    expect(updated.data).toEqual({ k: '2' });
  });

  test('KA-55c update of what is not there is NotFound', async () => {
    const update = client.update(ConfigMap, bench.configMap('absent'));
    expect(await summaryOf(update)).toEqual({ code: 404, reason: 'NotFound' });
  });

  test('KA-50 update with another uid conflicts', async () => {
    const created = await client.create(ConfigMap, bench.configMap('uid', { k: '1' }));
    const other = { ...created, metadata: { ...created.metadata, uid: '00000000-0000-4000-8000-000000000000' } };
    expect(await summaryOf(client.update(ConfigMap, other))).toEqual({ code: 409, reason: 'Conflict' });
  });

  test('KA-56 an update that changes nothing leaves the revision', async () => {
    const created = await client.create(ConfigMap, bench.configMap('noop', { k: '1' }));
    expect(await client.update(ConfigMap, created)).toEqual(created);
  });

  test('KA-66 of racing updates on one revision exactly one wins', async () => {
    const created = await client.create(ConfigMap, bench.configMap('race', { k: '0' }));
    const outcomes = await Promise.allSettled(
      Array.from({ length: 8 }, (_, index) => client.update(ConfigMap, { ...created, data: { k: `by ${index}` } })),
    );
    const won = outcomes.filter((outcome) => outcome.status === 'fulfilled');
    expect(won).toHaveLength(1);
    expect(await client.get(ConfigMap, { namespace: bench.namespace, name: 'race' })).toEqual(won[0]?.value);
  });
}

function dryRunCases(bench: Bench): void {
  test('KA-60 a dry run shows the result and stores nothing', async () => {
    const { client, namespace } = bench;
    const ref = { namespace, name: 'dry' };
    const shown = await client.create(ConfigMap, bench.configMap('dry', { k: '1' }), { dryRun: true });
    expect(settled(shown)).toEqual({ ...bench.configMap('dry', { k: '1' }) });
    expect(shown.metadata.uid).toMatch(uuid);
    expect(await summaryOf(client.get(ConfigMap, ref))).toEqual({ code: 404, reason: 'NotFound' });

    const created = await client.create(ConfigMap, bench.configMap('dry', { k: '1' }));
    const changed = await client.update(ConfigMap, { ...created, data: { k: '2' } }, { dryRun: true });
    expect(changed.data).toEqual({ k: '2' });
    await client.delete(ConfigMap, ref, { dryRun: true });
    expect(await client.get(ConfigMap, ref)).toEqual(created);
  });
}
