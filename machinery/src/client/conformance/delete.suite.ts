import { ConfigMap, Namespace, type Stored } from '@quarterdeck/apis';
import { expect, test } from 'vitest';
import { eventually } from '../../testing/eventually.ts';
import { type Bench, failureOf, revisionOf, summaryOf, uniqueSuffix } from './target.ts';

const finalizer = 'conformance.quarterdeck.dev/hold';

export function deleteCases(bench: Bench): void {
  const { client, namespace } = bench;
  const ref = (name: string) => ({ namespace, name });
  const gone = async (name: string) =>
    expect(await summaryOf(client.get(ConfigMap, ref(name)))).toEqual({ code: 404, reason: 'NotFound' });

  test('KA-57 delete removes, and resolves with nothing', async () => {
    await client.create(ConfigMap, bench.configMap('plain'));
    expect(await client.delete(ConfigMap, ref('plain'))).toBeUndefined();
    await gone('plain');
    expect(await summaryOf(client.delete(ConfigMap, ref('plain')))).toEqual({ code: 404, reason: 'NotFound' });
  });

  test('KA-57b preconditions must hold', async () => {
    const created = await client.create(ConfigMap, bench.configMap('guarded', { k: '1' }));
    const updated = await client.update(ConfigMap, { ...created, data: { k: '2' } });
    const attempts = [
      { uid: '00000000-0000-4000-8000-000000000000' },
      { resourceVersion: created.metadata.resourceVersion },
    ];
    for (const preconditions of attempts) {
      const attempt = client.delete(ConfigMap, ref('guarded'), { preconditions });
      expect(await summaryOf(attempt)).toEqual({ code: 409, reason: 'Conflict' });
    }
    const { uid, resourceVersion } = updated.metadata;
    expect(await client.delete(ConfigMap, ref('guarded'), { preconditions: { uid, resourceVersion } })).toBeUndefined();
    await gone('guarded');
  });

  test('KA-49 KA-57 an object waits for its finalizers', async () => {
    const created = await client.create(ConfigMap, bench.configMap('held', {}, { finalizers: [finalizer] }));
    const waiting = await client.delete(ConfigMap, ref('held'));
    expect(waiting?.metadata.deletionTimestamp).toMatch(/^\d{4}-.*Z$/);
    expect(waiting?.metadata.deletionGracePeriodSeconds).toBe(0);
    expect(revisionOf(waiting as Stored<ConfigMap>) > revisionOf(created)).toBe(true);
    expect(await client.get(ConfigMap, ref('held'))).toEqual(waiting);
    // Once more changes nothing.
    expect(await client.delete(ConfigMap, ref('held'))).toEqual(waiting);
    const released = await client.patch(ConfigMap, ref('held'), {
      type: 'merge',
      body: { metadata: { finalizers: null } },
    });
    expect(released.metadata.uid).toBe(created.metadata.uid);
    await gone('held');
  });

  test('KA-49 BI-21 no finalizer can be added once deletion began', async () => {
    await client.create(ConfigMap, bench.configMap('late', {}, { finalizers: [finalizer] }));
    await client.delete(ConfigMap, ref('late'));
    const body = { metadata: { finalizers: [finalizer, 'conformance.quarterdeck.dev/more'] } };
    const error = await failureOf(client.patch(ConfigMap, ref('late'), { type: 'merge', body }));
    const causes = error.status.details?.causes ?? [];
    // A real server says it twice.
    expect({ code: error.code, cause: causes[0]?.reason, field: causes[0]?.field }).toEqual({
      code: 422,
      cause: 'FieldValueForbidden',
      field: 'metadata.finalizers',
    });
    await client.patch(ConfigMap, ref('late'), { type: 'merge', body: { metadata: { finalizers: null } } });
    await gone('late');
  });

  test.each([
    { propagationPolicy: 'Foreground', finalizers: ['foregroundDeletion', finalizer] },
    { propagationPolicy: 'Orphan', finalizers: [finalizer, 'orphan'] },
    { propagationPolicy: 'Background', finalizers: [finalizer] },
  ] as const)('KA-58 propagation $propagationPolicy leaves $finalizers', async ({ propagationPolicy, finalizers }) => {
    const name = propagationPolicy.toLowerCase();
    await client.create(ConfigMap, bench.configMap(name, {}, { finalizers: [finalizer] }));
    const waiting = await client.delete(ConfigMap, ref(name), { propagationPolicy });
    expect([...(waiting?.metadata.finalizers ?? [])].sort()).toEqual([...finalizers].sort());
    await client.patch(ConfigMap, ref(name), { type: 'merge', body: { metadata: { finalizers: null } } });
    await gone(name);
  });

  test('KA-59 deleteCollection removes what its selector matches, and only that', async () => {
    for (const name of ['d1', 'd2'])
      await client.create(ConfigMap, bench.configMap(name, {}, { labels: { sweep: 'yes' } }));
    await client.create(ConfigMap, bench.configMap('d3', {}, { labels: { sweep: 'no' } }));
    await client.deleteCollection(ConfigMap, { namespace, labelSelector: 'sweep=yes' });
    const left = await client.list(ConfigMap, { namespace, labelSelector: 'sweep' });
    expect(left.items.map(({ metadata }) => metadata.name)).toEqual(['d3']);
  });

  test('KA-109 KA-111 a namespace is active, then terminating, and takes nothing new', async () => {
    const name = `${namespace}-${uniqueSuffix()}`;
    const created = await client.create(Namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    expect({ labels: created.metadata.labels, spec: created.spec, status: created.status }).toEqual({
      labels: { 'kubernetes.io/metadata.name': name },
      spec: { finalizers: ['kubernetes'] },
      status: { phase: 'Active' },
    });
    // Keeps the namespace while the test looks, where a controller empties it.
    await client.create(ConfigMap, bench.configMap('hold', {}, { namespace: name, finalizers: [finalizer] }));
    const terminating = await client.delete(Namespace, { name });
    expect(terminating?.metadata.deletionTimestamp).toMatch(/^\d{4}-.*Z$/);
    expect(terminating?.status?.phase).toBe('Terminating');
    const refusal = await failureOf(client.create(ConfigMap, bench.configMap('new', {}, { namespace: name })));
    expect({ code: refusal.code, reason: refusal.reason, causes: refusal.status.details?.causes }).toEqual({
      code: 403,
      reason: 'Forbidden',
      causes: [
        {
          reason: 'NamespaceTerminating',
          message: `namespace ${name} is being terminated`,
          field: 'metadata.namespace',
        },
      ],
    });
    const release = { type: 'merge', body: { metadata: { finalizers: null } } } as const;
    await eventually(() => client.patch(ConfigMap, { namespace: name, name: 'hold' }, release));
  });
}
