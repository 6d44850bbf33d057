import { ConfigMap, type KubeObject, type Stored } from '@quarterdeck/apis';
import { beforeAll, expect, test } from 'vitest';
import type { ListOptions } from '../client.ts';
import { type Bench, settled, summaryOf } from './target.ts';

const names = (list: { items: Stored<KubeObject>[] }) => list.items.map(({ metadata }) => metadata.name);

export function listCases(bench: Bench): void {
  const { client, namespace } = bench;
  const labelled: Record<string, Record<string, string>> = {
    l1: { tier: 'gold', zone: 'a', size: '3' },
    l2: { tier: 'gold', zone: 'b', size: '7' },
    l3: { tier: 'silver', zone: 'a' },
    l4: {},
    l5: { tier: '' },
  };
  // Whatever a controller puts into each namespace (KA-112) stays out of sight by this label.
  const own = { own: 'yes' };

  beforeAll(async () => {
    for (const [name, labels] of Object.entries(labelled)) {
      await client.create(ConfigMap, bench.configMap(name, {}, { labels: { ...labels, ...own } }));
    }
  });

  test('KA-80 a list has its kind, a revision, and typed items in the order of their names', async () => {
    const list = await client.list(ConfigMap, { namespace, labelSelector: 'own=yes' });
    expect({ ...list, items: list.items.map(settled) }).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMapList',
      metadata: { resourceVersion: expect.stringMatching(/^[1-9][0-9]*$/) },
      items: Object.entries(labelled).map(([name, labels]) => ({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name, namespace, labels: { ...labels, ...own } },
        ...(list.items[0]?.data === undefined ? {} : { data: {} }),
      })),
    });
  });

  test('KA-80 a list without matches has an empty list of items', async () => {
    const list = await client.list(ConfigMap, { namespace, labelSelector: 'own=no' });
    expect(list.items).toEqual([]);
  });

  test.each([
    { selector: 'tier=gold', want: ['l1', 'l2'] },
    { selector: 'tier==gold', want: ['l1', 'l2'] },
    { selector: 'tier!=gold', want: ['l3', 'l4', 'l5'] },
    { selector: 'tier in (gold, silver)', want: ['l1', 'l2', 'l3'] },
    { selector: 'tier notin (gold,silver)', want: ['l4', 'l5'] },
    { selector: 'tier', want: ['l1', 'l2', 'l3', 'l5'] },
    { selector: '!tier', want: ['l4'] },
    { selector: 'tier=', want: ['l5'] },
    { selector: 'size>3', want: ['l2'] },
    { selector: 'size<7', want: ['l1'] },
    { selector: 'zone=a,tier=gold', want: ['l1'] },
  ])('KA-81 label selector $selector', async ({ selector, want }) => {
    expect(names(await client.list(ConfigMap, { namespace, labelSelector: `own=yes,${selector}` }))).toEqual(want);
  });

  test.each(['tier in gold', 'tier=gold,', '!', 'a=b=c', 'size>many', '-bad=x'])(
    'KA-81 BI-9 the label selector %s is refused',
    async (labelSelector) => {
      const list = client.list(ConfigMap, { namespace, labelSelector });
      expect(await summaryOf(list)).toEqual({ code: 400, reason: 'BadRequest' });
    },
  );

  test('KA-81 field selectors on metadata', async () => {
    const list = async (fieldSelector: string) =>
      names(await client.list(ConfigMap, { namespace, labelSelector: 'own=yes', fieldSelector }));
    expect(await list('metadata.name=l2')).toEqual(['l2']);
    expect(await list('metadata.name!=l2')).toEqual(['l1', 'l3', 'l4', 'l5']);
    expect(await list(`metadata.namespace=${namespace},metadata.name=l3`)).toEqual(['l3']);
    expect(await list('metadata.namespace=elsewhere')).toEqual([]);
  });

  test('KA-81 BI-10 a field selector on another field is refused', async () => {
    const list = client.list(ConfigMap, { namespace, fieldSelector: 'data.k=v' });
    expect(await summaryOf(list)).toEqual({ code: 400, reason: 'BadRequest' });
  });

  test('KA-5 a list without namespace covers all', async () => {
    const list = await client.list(ConfigMap, {
      labelSelector: 'own=yes',
      fieldSelector: `metadata.namespace=${namespace}`,
    });
    expect(names(list)).toEqual(['l1', 'l2', 'l3', 'l4', 'l5']);
  });

  test('KA-82 pages show one snapshot, whatever is written between them', async () => {
    const labels = { page: 'yes' };
    for (const name of ['p1', 'p2', 'p3', 'p5']) await client.create(ConfigMap, bench.configMap(name, {}, { labels }));
    const first = await client.list(ConfigMap, { namespace, labelSelector: 'page=yes', limit: 2 });
    expect(names(first)).toEqual(['p1', 'p2']);
    expect(first.metadata.continue).toMatch(/^[A-Za-z0-9_=-]+$/);
    await client.create(ConfigMap, bench.configMap('p4', {}, { labels }));
    await client.delete(ConfigMap, { namespace, name: 'p5' });
    const token = first.metadata.continue ?? '';
    const second = await client.list(ConfigMap, { namespace, labelSelector: 'page=yes', limit: 2, continue: token });
    expect(names(second)).toEqual(['p3', 'p5']);
    expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
    expect(second.metadata.continue ?? '').toBe('');
    expect(names(await client.list(ConfigMap, { namespace, labelSelector: 'page=yes' }))).toEqual([
      'p1',
      'p2',
      'p3',
      'p4',
    ]);
  });

  test('KA-82 remainingItemCount tells how many are left, without selectors only', async () => {
    const all = (await client.list(ConfigMap, { namespace })).items.length;
    const page = await client.list(ConfigMap, { namespace, limit: 2 });
    expect(page.metadata.remainingItemCount).toBe(all - 2);
    const selected = await client.list(ConfigMap, { namespace, limit: 2, labelSelector: 'own=yes' });
    expect(selected.metadata.remainingItemCount).toBeUndefined();
  });

  test('KA-82 BI-12 a bad continue token is refused', async () => {
    const list = client.list(ConfigMap, { namespace, limit: 2, continue: 'bm9uc2Vuc2U' });
    expect(await summaryOf(list)).toEqual({ code: 400, reason: 'BadRequest' });
  });

  test('KA-83 a list at an exact revision shows that revision', async () => {
    const labelSelector = 'exact=yes';
    await client.create(ConfigMap, bench.configMap('e1', {}, { labels: { exact: 'yes' } }));
    const { resourceVersion } = (await client.list(ConfigMap, { namespace, labelSelector })).metadata;
    await client.create(ConfigMap, bench.configMap('e2', {}, { labels: { exact: 'yes' } }));
    const at = { namespace, labelSelector, ...(resourceVersion === undefined ? {} : { resourceVersion }) };
    expect(names(await client.list(ConfigMap, { ...at, resourceVersionMatch: 'Exact' }))).toEqual(['e1']);
    expect(names(await client.list(ConfigMap, { ...at, resourceVersionMatch: 'NotOlderThan' }))).toEqual(['e1', 'e2']);
  });

  test('KA-83 combinations of revision and match that mean nothing are invalid', async () => {
    const combinations: ListOptions[] = [
      { resourceVersionMatch: 'Exact' },
      { resourceVersionMatch: 'NotOlderThan' },
      { resourceVersion: '0', resourceVersionMatch: 'Exact' },
    ];
    for (const combination of combinations) {
      const list = client.list(ConfigMap, { namespace, ...combination });
      expect(await summaryOf(list)).toEqual({ code: 422, reason: 'Invalid' });
    }
  });

  test('KA-84 a list shows every write that was acknowledged before', async () => {
    for (let round = 0; round < 10; round++) {
      const { metadata } = await client.create(
        ConfigMap,
        bench.configMap(`fresh-${round}`, {}, { labels: { fresh: 'yes' } }),
      );
      const list = await client.list(ConfigMap, { namespace, labelSelector: 'fresh=yes' });
      expect(names(list)).toContain(metadata.name);
    }
  });
}
