import type { KubeObject, Stored } from '@quarterdeck/apis';
import type { Client } from '@quarterdeck/machinery';
import { stored } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { appliedWork } from '../../testing/builders.ts';
import { foreignContent } from './foreign-content.ts';

const pod = { group: '', version: 'v1', kind: 'Pod', plural: 'pods', scope: 'Namespaced' as const };
const podOf = (name: string, mark: string): Stored<KubeObject> =>
  stored({ apiVersion: 'v1', kind: 'Pod', metadata: { name, labels: { 'quarterdeck.dev/applied-work': mark } } });

test('WK-36, DL-6 a container is looked through page by page, to the end or to the first foreign object', async () => {
  const limits: (number | undefined)[] = [];
  const foreignAmong = (pods: readonly Stored<KubeObject>[]) => {
    const list = (_type: unknown, options: { limit?: number; continue?: string }) => {
      limits.push(options.limit);
      const [from, size] = [Number(options.continue ?? 0), options.limit ?? pods.length];
      const rest = from + size < pods.length ? { continue: `${from + size}` } : {};
      return Promise.resolve({ items: pods.slice(from, from + size), metadata: { resourceVersion: '1', ...rest } });
    };
    const context = {
      memberClient: { list } as unknown as Client,
      discovery: { resourceOf: () => Promise.resolve(undefined), namespaced: () => Promise.resolve([pod]) },
      applied: appliedWork('mine'),
      signal: new AbortController().signal,
    };
    const namespace = stored({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
    return foreignContent(context, namespace);
  };
  const ours = Array.from({ length: 1_001 }, (_, index) => podOf(`p${index}`, 'mine'));
  expect(await foreignAmong(ours)).toBeUndefined();
  expect(limits.every((limit) => limit !== undefined && limit <= 500)).toBe(true);
  expect(await foreignAmong([...ours, podOf('theirs', 'other')])).toBe('Pod theirs');
  limits.length = 0;
  expect(await foreignAmong([podOf('first', 'other'), ...ours])).toBe('Pod first');
  expect(limits).toHaveLength(1);
});
