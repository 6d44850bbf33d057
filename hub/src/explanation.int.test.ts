import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  apiVersionOf,
  ClusterSet,
  ClusterSetBinding,
  MemberCluster,
  Namespace,
  Placement,
  RoleBinding,
} from '@quarterdeck/apis';
import { createHttpClient, loadKubeconfig, silentLogger } from '@quarterdeck/machinery';
import { eventually } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import type { PlacementExplanation } from './explain.ts';
import { startHub } from './main.ts';

const frame = <K extends { readonly group: string; readonly version: string; readonly kind: string }>(kind: K) => ({
  apiVersion: apiVersionOf(kind),
  kind: kind.kind,
});

test('PL-34, PL-33 who may see a placement gets its explanation, of bound sets only, without a right to the fleet', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'qd-explanation-'));
  try {
    await using hub = await startHub({
      database: { type: 'memory' },
      listen: { host: '127.0.0.1', port: 0 },
      logger: silentLogger,
    });
    const admin = hub.adminClient;
    for (const name of ['apps', 'others']) await admin.create(Namespace, { ...frame(Namespace), metadata: { name } });
    await admin.create(ClusterSet, { ...frame(ClusterSet), metadata: { name: 'secret' }, spec: {} });
    for (const [name, clusterSet] of [
      ['m1', 'default'],
      ['m2', 'default'],
      ['hidden', 'secret'],
    ] as const) {
      await admin.create(MemberCluster, {
        ...frame(MemberCluster),
        metadata: { name, labels: { tier: name === 'm1' ? 'gold' : 'tin' } },
        spec: { acceptance: 'Accepted', clusterSet },
      });
    }
    await admin.create(ClusterSetBinding, {
      ...frame(ClusterSetBinding),
      metadata: { name: 'default', namespace: 'apps' },
      spec: { clusterSet: 'default' },
    });
    const gold = { labelSelector: { matchLabels: { tier: 'gold' } } };
    for (const namespace of ['apps', 'others']) {
      await admin.create(Placement, {
        ...frame(Placement),
        metadata: { name: 'two', namespace },
        spec: { numberOfClusters: 2, clusterSelectorTerms: [gold] },
      });
    }
    const subject = { kind: 'User' as const, apiGroup: 'rbac.authorization.k8s.io', name: 'ann' };
    await admin.create(RoleBinding, {
      ...frame(RoleBinding),
      metadata: { name: 'ann', namespace: 'apps' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
      subjects: [subject],
    });
    const kubeconfig = join(dir, 'kubeconfig');
    await writeFile(kubeconfig, await hub.adminKubeconfig(), { mode: 0o600 });
    await using ann = createHttpClient({
      ...(await loadKubeconfig({ path: kubeconfig })),
      impersonate: { user: 'ann' },
    });
    const ask = (namespace: string, rest: string) =>
      ann.getRaw(`/apis/${apiVersionOf(Placement)}/namespaces/${namespace}/placements/${rest}`);
    const outcomes = async (query = ''): Promise<unknown> => {
      const { clusters } = (await ask('apps', `two/explanation${query}`)) as PlacementExplanation;
      return clusters.map(({ clusterName, reason }) => [clusterName, reason]);
    };
    const codeOf = (asking: Promise<unknown>) =>
      asking.then(
        () => 200,
        ({ code }: { code: number }) => code,
      );

    await eventually(async () =>
      expect(await outcomes()).toEqual([
        ['m1', 'Unreachable'],
        ['m2', 'NoTermMatches'],
      ]),
    );
    expect(await ask('apps', 'two/explanation')).toMatchObject({
      kind: 'PlacementExplanation',
      metadata: { name: 'two', namespace: 'apps' },
      satisfied: false,
      reason: 'NoClusterMatches',
    });
    expect(await outcomes('?cluster=m2')).toEqual([['m2', 'NoTermMatches']]);
    expect(await codeOf(ask('apps', 'two/explanation?cluster=hidden'))).toBe(400);
    expect(await codeOf(ask('apps', 'none/explanation'))).toBe(404);
    expect(await codeOf(ask('others', 'two/explanation'))).toBe(403);
    await expect(ann.list(MemberCluster)).rejects.toMatchObject({ code: 403 });
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
});
