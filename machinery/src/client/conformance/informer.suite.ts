import { ConfigMap, type Stored } from '@quarterdeck/apis';
import { expect, test } from 'vitest';
import { eventually } from '../../testing/eventually.ts';
import { createInformer } from '../informer.ts';
import type { Bench } from './target.ts';

/** Our own informer over this client and server: what all controllers stand on. */
export function informerCases(bench: Bench): void {
  const { client, namespace } = bench;

  test.each([true, false])('KA-87 KA-90 an informer follows what happens (WatchList: %s)', async (watchList) => {
    const labels = { informed: watchList ? 'by-stream' : 'by-list' };
    const name = (suffix: string) => `${labels.informed}-${suffix}`;
    const before = await client.create(ConfigMap, bench.configMap(name('before'), {}, { labels }));
    const labelSelector = `informed=${labels.informed}`;
    const informer = createInformer(client, ConfigMap, { namespace, labelSelector, watchList });
    const told: string[] = [];
    informer.subscribe(({ type, object }) => told.push(`${type} ${object.metadata.name}`));
    const controller = new AbortController();
    const ended = informer.start(controller.signal);
    try {
      await informer.synced;
      expect(informer.list()).toEqual([known(before)]);
      const created = await client.create(ConfigMap, bench.configMap(name('new'), { k: '1' }, { labels }));
      const updated = await client.update(ConfigMap, { ...created, data: { k: '2' } });
      await client.delete(ConfigMap, { namespace, name: name('before') });
      const want = ['added before', 'added new', 'modified new', 'deleted before'].map((line) => {
        const [verb = '', suffix = ''] = line.split(' ');
        return `${verb} ${name(suffix)}`;
      });
      await eventually(() => {
        expect(told).toEqual(want);
        return true;
      });
      expect(informer.list()).toEqual([known(updated)]);
      expect(informer.get(`${namespace}/${name('new')}`)).toEqual(known(updated));
    } finally {
      controller.abort(new Error('the test is over'));
      await ended;
    }
  });
}

/** As an informer has it. */
function known(object: Stored<ConfigMap>): Stored<ConfigMap> {
  const { managedFields: _fields, ...metadata } = object.metadata;
  return { ...object, metadata };
}
