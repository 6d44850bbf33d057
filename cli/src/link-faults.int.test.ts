import { ConfigMap, conditionType, MemberCluster, Work } from '@quarterdeck/apis';
import { eventually } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { isAvailable, startTestFleet, type TestFleet } from './testing/fleet.ts';
import { startOneWayLink } from './testing/one-way-link.ts';

/** A whole hub and real agents, with a network between them that fails. Lengths of time are those of the product. */

const names = ['mute', 'deaf'] as const;

async function bring(fleet: TestFleet, name: string): Promise<void> {
  const ref = { name: 'kept', namespace: `member-${name}` };
  const manifest = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'kept', namespace: 'default' } };
  await fleet.admin.create(Work, {
    apiVersion: 'multicluster.x-k8s.io/v1alpha1',
    kind: 'Work',
    metadata: ref,
    spec: { workload: { manifests: [manifest] } },
  });
  await eventually(() => fleet.memberClient(name).get(ConfigMap, { namespace: 'default', name: 'kept' }), {
    timeoutMs: 30_000,
  });
}

/** Every status of Available that a member had, in order. */
function history(fleet: TestFleet, signal: AbortSignal): Record<string, string[]> {
  const seen: Record<string, string[]> = Object.fromEntries(names.map((name) => [name, []]));
  const follow = async () => {
    for await (const event of fleet.admin.watch(MemberCluster, { signal })) {
      if (event.type === 'BOOKMARK') continue;
      const { metadata, status } = event.object;
      const found = status?.conditions?.find(({ type }) => type === conditionType.MemberCluster.Available);
      const of = seen[metadata.name];
      if (found !== undefined && of !== undefined && of.at(-1) !== found.status) of.push(found.status);
    }
  };
  follow().catch(() => {});
  return seen;
}

test('F-15, F-13 a network that fails one way is a lost cluster once, whichever way, and what runs there stays', async () => {
  await using fleet = await startTestFleet(names);
  await using mute = await startOneWayLink(fleet.hub.url);
  await using deaf = await startOneWayLink(fleet.hub.url);
  await fleet.join('mute', { hubUrl: mute.url });
  await fleet.join('deaf', { hubUrl: deaf.url });
  for (const name of names) await isAvailable(fleet.admin, name);
  for (const name of names) await bring(fleet, name);
  const watching = new AbortController();
  const seen = history(fleet, watching.signal);
  await eventually(() => names.every((name) => seen[name]?.at(-1) === 'True'), { timeoutMs: 30_000 });
  const before = { mute: [...(seen.mute ?? [])], deaf: [...(seen.deaf ?? [])] };

  mute.lose('toHub');
  deaf.lose('toAgent');
  await eventually(() => names.every((name) => seen[name]?.at(-1) === 'Unknown'), { timeoutMs: 150_000 });
  for (const name of names) {
    const kept = await fleet.memberClient(name).get(ConfigMap, { namespace: 'default', name: 'kept' });
    expect(kept.metadata.name).toBe('kept');
  }

  mute.lose('nothing');
  deaf.lose('nothing');
  await eventually(() => names.every((name) => seen[name]?.at(-1) === 'True'), { timeoutMs: 120_000 });
  for (const name of names) expect(seen[name]).toEqual([...before[name], 'Unknown', 'True']);
  watching.abort();
}, 360_000);
