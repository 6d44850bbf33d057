import { Lease, MemberCluster, membersGroup, memberUserName, Work } from '@quarterdeck/apis';
import { createHttpClient, loadKubeconfig, silentLogger, type WatchOptions } from '@quarterdeck/machinery';
import { eventually } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { startHub } from '../../main.ts';

test('RG-22 denying an accepted member ends the watches that its agent has open', async () => {
  await using hub = await startHub({
    database: { type: 'memory' },
    listen: { host: '127.0.0.1', port: 0 },
    logger: silentLogger,
  });
  const connection = await loadKubeconfig({ text: await hub.adminKubeconfig() });
  const impersonate = { user: memberUserName('m1', 'uid-1'), groups: [membersGroup] };
  await using agentClient = createHttpClient({ ...connection, impersonate });
  await hub.adminClient.create(MemberCluster, {
    apiVersion: 'quarterdeck.dev/v1alpha1',
    kind: 'MemberCluster',
    metadata: { name: 'm1' },
    spec: { acceptance: 'Accepted', clusterSet: 'default' },
  });
  const recorded = { status: { clusterUID: 'uid-1' } };
  await hub.adminClient.patch(
    MemberCluster,
    { name: 'm1' },
    { type: 'merge', body: recorded },
    { subresource: 'status' },
  );
  const namespace = 'member-m1';
  const ownCluster = { fieldSelector: 'metadata.name=m1' };
  await eventually(() => agentClient.list(Work, { namespace }));
  await eventually(() => agentClient.list(MemberCluster, ownCluster));
  /** Reads until the end; `open` when the first event, the bookmark after the initial ones at the latest, is there. */
  const watch = (type: typeof Work | typeof MemberCluster, options: WatchOptions) => {
    const open = Promise.withResolvers<void>();
    const ended = (async () => {
      const initial = {
        sendInitialEvents: true,
        resourceVersionMatch: 'NotOlderThan',
        allowWatchBookmarks: true,
      } as const;
      for await (const _event of agentClient.watch(type as typeof Work, {
        ...initial,
        timeoutSeconds: 3600,
        ...options,
      }))
        open.resolve();
    })();
    ended.catch(open.reject);
    return { open: open.promise, ended };
  };
  const watches = [watch(Work, { namespace }), watch(MemberCluster, ownCluster)];
  await Promise.all(watches.map(({ open }) => open));
  await eventually(async () => {
    const member = await hub.adminClient.get(MemberCluster, { name: 'm1' });
    await hub.adminClient.update(MemberCluster, { ...member, spec: { ...member.spec, acceptance: 'Denied' } });
    return true;
  });
  // They end by themselves, without an error, long before their time; what is asked after that is refused.
  await Promise.all(watches.map(({ ended }) => ended));
  await expect(agentClient.list(Work, { namespace })).rejects.toMatchObject({ code: 403 });
  await expect(agentClient.list(Lease, { namespace })).rejects.toMatchObject({ code: 403 });
}, 60_000);
