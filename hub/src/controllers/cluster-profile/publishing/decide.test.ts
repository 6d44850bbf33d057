import type { ClusterProfile, Condition, MemberCluster, Stored } from '@quarterdeck/apis';
import { describe, expect, test } from 'vitest';
import { clusterSet, member, profile } from '../../../testing/builders.ts';
import { decide, type Seen } from './decide.ts';

const now = Date.parse('2026-01-01T00:00:00Z');
const set = clusterSet('default', { status: { namespace: 'clusterset-default' } });
const labels = { 'x-k8s.io/cluster-manager': 'quarterdeck', 'quarterdeck.dev/member-cluster': 'm1' };
const published = (over: Partial<ClusterProfile> = {}, namespace = 'clusterset-default') =>
  profile('m1', namespace, { ...over, metadata: { namespace, labels, ...over.metadata } });
const copyOf = (setName: string, namespace: string) =>
  published({ metadata: { labels: { ...labels, 'quarterdeck.dev/profile-copy-of': setName } } }, namespace);
const seen = (over: Partial<Seen> = {}): Seen => ({
  member: member('m1'),
  clusterSet: 'default',
  set,
  copyNamespaces: [],
  profiles: [],
  takenBy: new Map(),
  hub: undefined,
  ...over,
});
const condition = (type: string, status: Condition['status'], reason: string): Condition => ({
  type,
  status,
  reason,
  message: `${type} message`,
  lastTransitionTime: '2025-12-31T00:00:00Z',
});
const reported = member('m1', {
  status: {
    conditions: [
      condition('Joined', 'True', 'Joined'),
      condition('ControlPlaneHealthy', 'True', 'Healthy'),
      condition('quarterdeck.dev/PropertiesComplete', 'True', 'AllMirrored'),
    ],
    version: { kubernetes: '1.35.4' },
    properties: [{ name: 'zone', value: 'a', lastObservedTime: '2025-12-31T00:00:00Z' }],
  },
});
const places = (over: Partial<Seen>) =>
  decide(seen(over), now).writes.map(
    (write) => `${write.verb} ${write.verb === 'delete' ? write.ref.namespace : write.object.metadata.namespace}`,
  );
const statusOf = (of: Stored<MemberCluster>, over: Partial<Seen> = {}) => {
  const [write] = decide(seen({ member: of, profiles: [published()], ...over }), now).writes;
  return write?.verb === 'updateSubresource' ? (write.object as ClusterProfile).status : undefined;
};

describe('clusterprofile.publishing', () => {
  test('CI-4, CI-5 a profile is made with its manager in spec and label', () => {
    expect(decide(seen(), now).writes).toMatchObject([
      {
        verb: 'create',
        object: {
          metadata: { name: 'm1', namespace: 'clusterset-default', labels },
          spec: { clusterManager: { name: 'quarterdeck' } },
        },
      },
    ]);
  });

  test.each<{ name: string; over: Partial<Seen>; want: string[] }>([
    {
      name: 'CI-9 copies stand where the set asks for them',
      over: { copyNamespaces: ['argocd'] },
      want: ['create argocd', 'create clusterset-default'],
    },
    {
      name: 'CI-11 a member of another set leaves no profile behind',
      over: { profiles: [published({}, 'clusterset-old')] },
      want: ['create clusterset-default', 'delete clusterset-old'],
    },
    {
      name: 'RG-3 a pending member is in no inventory',
      over: {
        member: member('m1', { spec: { acceptance: 'Pending', clusterSet: 'default' } }),
        profiles: [published()],
      },
      want: ['delete clusterset-default'],
    },
    { name: 'CI-11 without a set there is no inventory', over: { set: undefined }, want: [] },
    {
      name: 'PL-21 a set that was taken away under its members takes no profile along, and no copy',
      over: { set: undefined, profiles: [published(), copyOf('default', 'argocd')] },
      want: ['updateSubresource clusterset-default', 'updateSubresource argocd'],
    },
    {
      name: 'PL-21 nor does one that is made again, before its namespace is known',
      over: { set: clusterSet('default'), profiles: [published(), copyOf('default', 'argocd')] },
      want: ['updateSubresource clusterset-default', 'updateSubresource argocd'],
    },
    {
      name: 'CI-11 a member that is in no set has no profile in any, nor a copy',
      over: { set: undefined, profiles: [published({}, 'clusterset-old'), copyOf('old', 'argocd')] },
      want: ['delete clusterset-old', 'delete argocd'],
    },
    {
      name: 'PL-21, CI-11 a member that is put into a set that is not there keeps its profile and copies in the one it is in',
      over: {
        member: member('m1', { spec: { acceptance: 'Accepted', clusterSet: 'defautl' } }),
        copyNamespaces: ['argocd'],
        profiles: [published(), copyOf('default', 'argocd')],
      },
      want: ['updateSubresource argocd', 'updateSubresource clusterset-default'],
    },
    {
      name: 'RG-40 a member that leaves takes its profile along, whatever became of its set',
      over: {
        set: undefined,
        member: member('m1', { metadata: { ...member('m1').metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } }),
        profiles: [published()],
      },
      want: ['delete clusterset-default'],
    },
    {
      name: 'CI-12 a set without a namespace of its own publishes nothing',
      over: { set: clusterSet('default') },
      want: [],
    },
  ])('$name', ({ over, want }) => {
    expect(places(over)).toEqual(want);
  });

  test('CI-5 labels that were taken off come back; others stay', () => {
    const before = published({ metadata: { labels: { mine: 'x' } } });
    expect(decide(seen({ profiles: [before] }), now).writes).toMatchObject([
      { verb: 'update', object: { metadata: { labels: { ...labels, mine: 'x' } } } },
    ]);
  });

  test('CI-9 what was a copy and is at home now is no copy any more', () => {
    const before = published({ metadata: { labels: { ...labels, 'quarterdeck.dev/profile-copy-of': 'old' } } });
    const [write] = decide(seen({ profiles: [before] }), now).writes;
    expect(write?.verb === 'update' && write.object.metadata.labels).toEqual(labels);
  });

  test('CI-15, CI-16 what the member reported is copied byte for byte', () => {
    expect(statusOf(reported)).toEqual({
      conditions: [
        { ...condition('Joined', 'True', 'Joined'), observedGeneration: 1, lastTransitionTime: '2026-01-01T00:00:00Z' },
        {
          ...condition('ControlPlaneHealthy', 'True', 'Healthy'),
          observedGeneration: 1,
          lastTransitionTime: '2026-01-01T00:00:00Z',
        },
        {
          ...condition('quarterdeck.dev/PropertiesComplete', 'True', 'AllMirrored'),
          observedGeneration: 1,
          lastTransitionTime: '2026-01-01T00:00:00Z',
        },
        expect.objectContaining({ type: 'quarterdeck.dev/ClusterSetConsistent', status: 'Unknown' }),
      ],
      version: { kubernetes: '1.35.4' },
      properties: [{ name: 'zone', value: 'a', lastObservedTime: '2025-12-31T00:00:00Z' }],
    });
  });

  test('CI-20, CI-24 before the first report every condition is Unknown, with a reason', () => {
    expect(statusOf(member('m1'))?.conditions?.map(({ type, status, reason }) => [type, status, reason])).toEqual([
      ['Joined', 'Unknown', 'NotReported'],
      ['ControlPlaneHealthy', 'Unknown', 'NotReported'],
      ['quarterdeck.dev/PropertiesComplete', 'Unknown', 'NotReported'],
      ['quarterdeck.dev/ClusterSetConsistent', 'Unknown', 'ClusterSetNotReported'],
    ]);
  });

  test.each([
    { name: 'AB-36 a member that says to be of the set is', said: 'default', want: 'True ClusterSetAgrees' },
    { name: 'AB-36 one that says to be of another is reported', said: 'edge', want: 'False ClusterSetDiffers' },
  ])('$name', ({ said, want }) => {
    const properties = [{ name: 'clusterset.k8s.io', value: said, lastObservedTime: '2025-12-31T00:00:00Z' }];
    const status = statusOf(member('m1', { status: { properties } }));
    const found = status?.conditions?.find(({ type }) => type === 'quarterdeck.dev/ClusterSetConsistent');
    expect(`${found?.status} ${found?.reason}`).toBe(want);
    expect(status?.properties).toEqual(properties);
  });

  test('AB-36 what the member says is quoted without half a character, which no server takes', () => {
    const properties = [{ name: 'clusterset.k8s.io', value: `${'a'.repeat(79)}\u{1f6a2}` }];
    const status = statusOf(member('m1', { status: { properties } }));
    const found = status?.conditions?.find(({ type }) => type === 'quarterdeck.dev/ClusterSetConsistent');
    expect(found?.message).toContain(`says "${'a'.repeat(79)}\ufffd", and it is registered in "default"`);
  });

  test('CP-45, CI-27 what an agent reports at every heartbeat writes no profile', () => {
    const settled = published({ status: statusOf(reported) ?? {} });
    const beat = member('m1', {
      status: {
        ...reported.status,
        requested: { cpu: '7' },
        capacityObservedTime: '2026-02-01T00:00:00Z',
        agent: { version: '1.2.3', certificateExpires: '2026-03-01T00:00:00Z' },
        conditions: [
          ...(reported.status?.conditions ?? []),
          condition('HubLeaseCurrent', 'True', 'LeaseRenewed'),
          condition('ClockInSync', 'False', 'ClockDiffers'),
        ],
      },
    });
    expect(decide(seen({ member: beat, profiles: [settled] }), now + 3_600_000).writes).toEqual([]);
  });

  test('CI-21, CI-22, CI-23 conditions are the two that are predefined, and ours with a domain', () => {
    const types = statusOf(reported)?.conditions?.map(({ type }) => type) ?? [];
    const own = types.filter((type) => type.startsWith('quarterdeck.dev/'));
    expect(types.filter((type) => !own.includes(type))).toEqual(['Joined', 'ControlPlaneHealthy']);
    expect(own.length).toBe(2);
  });

  test('CI-17, CI-26 properties are those of the member and no others; the version is that of its Kubernetes', () => {
    const status = statusOf(reported);
    expect(status?.properties).toEqual(reported.status?.properties);
    expect(status?.version).toEqual({ kubernetes: '1.35.4' });
  });

  test('AB-33, AB-35 a property that is gone from the member is gone from its profile', () => {
    const before = published({ status: statusOf(reported) ?? {} });
    const fewer = member('m1', { status: { ...reported.status, properties: [] } });
    const [write] = decide(seen({ member: fewer, profiles: [before] }), now).writes;
    expect(write).toMatchObject({ verb: 'updateSubresource', object: { status: { properties: [] } } });
  });

  test('CI-25 lost contact makes health Unknown and keeps version, properties and access', () => {
    const accessProviders = [{ name: 'own', cluster: { server: 'https://x' } }];
    const before = published({ status: { ...statusOf(reported), accessProviders } });
    const lost = member('m1', {
      status: {
        ...reported.status,
        conditions: [
          condition('Joined', 'True', 'Joined'),
          condition('ControlPlaneHealthy', 'Unknown', 'LeaseExpired'),
        ],
      },
    });
    const status = statusOf(lost, { profiles: [before] });
    expect(status?.conditions?.find(({ type }) => type === 'ControlPlaneHealthy')).toMatchObject({
      status: 'Unknown',
      reason: 'LeaseExpired',
    });
    expect(status).toMatchObject({
      version: { kubernetes: '1.35.4' },
      properties: [{ name: 'zone' }],
      accessProviders,
    });
  });

  test('RG-51, CI-25 the tunnel is a way of access, beside those of others, while the agent carries one', () => {
    const others = [{ name: 'own', cluster: { server: 'https://x' } }];
    const hub = { url: 'https://hub:6443', caPem: 'PEM' };
    const carrying = member('m1', { status: { agent: { tunnel: true } } });
    const providers = (over: Partial<Seen>, before = published({ status: { accessProviders: others } })) => {
      const [write] = decide(seen({ profiles: [before], ...over }), now).writes;
      return write?.verb === 'updateSubresource' ? (write.object as ClusterProfile).status?.accessProviders : undefined;
    };
    const tunnel = {
      name: 'quarterdeck-tunnel',
      cluster: {
        server: 'https://hub:6443/apis/quarterdeck.dev/v1alpha1/memberclusters/m1/proxy',
        'certificate-authority-data': 'UEVN',
        extensions: [{ name: 'client.authentication.k8s.io/exec', extension: { clusterName: 'm1' } }],
      },
    };
    expect(providers({ member: carrying, hub })).toEqual([...others, tunnel]);
    const before = published({ status: { accessProviders: [tunnel, ...others] } });
    const moved = providers({ member: carrying, hub: { ...hub, url: 'https://other' } }, before);
    expect(moved?.map(({ name, cluster }) => [name, cluster?.server.split('/')[2]])).toEqual([
      ['quarterdeck-tunnel', 'other'],
      ['own', 'x'],
    ]);
    expect(providers({ member: member('m1'), hub }, before)).toEqual(others);
    expect(providers({ member: carrying, hub: undefined }, before)).toEqual(others);
    const api = { server: 'https://m1:6443', certificateAuthorityData: 'Q0E=' };
    const reachable = member('m1', { status: { agent: { tunnel: true, api } } });
    const { extensions } = tunnel.cluster;
    const direct = {
      name: 'token-request',
      cluster: { server: 'https://m1:6443', 'certificate-authority-data': 'Q0E=', extensions },
    };
    const withBoth = providers({ member: reachable, hub }, before);
    expect(withBoth).toEqual([tunnel, ...others, direct]);
    expect(providers({ member: carrying, hub }, published({ status: { accessProviders: withBoth ?? [] } }))).toEqual([
      tunnel,
      ...others,
    ]);
    expect(providers({ member: member('m1', { status: { agent: { api } } }), hub }, before)).toEqual(others);
  });

  test('CP-45, CI-27 a heartbeat, or anything else that a profile does not show, writes nothing', () => {
    const status = statusOf(reported);
    const before = published(status === undefined ? {} : { status });
    const beaten = member('m1', {
      status: {
        ...reported.status,
        nodes: { total: 5, ready: 4 },
        capacity: { cpu: '100' },
        conditions: [...(reported.status?.conditions ?? []), condition('HubLeaseCurrent', 'True', 'LeaseRenewed')],
      },
    });
    expect(decide(seen({ member: beaten, profiles: [before] }), now + 600_000).writes).toEqual([]);
  });

  test('CI-10 a cluster is in one set, and in as many inventories as the set asks for', () => {
    expect(places({ copyNamespaces: ['argocd', 'kueue-system'] })).toEqual([
      'create argocd',
      'create kueue-system',
      'create clusterset-default',
    ]);
  });

  test('CI-6 a profile has the name of its MemberCluster, of which there is one', () => {
    const writes = ['m1', 'm2'].flatMap((name) => decide(seen({ member: member(name) }), now).writes);
    expect(writes.map((write) => (write.verb === 'delete' ? 'none' : write.object.metadata.name))).toEqual([
      'm1',
      'm2',
    ]);
  });

  test('CI-30, CI-32, CI-33 ways of access are the same for every consumer, with nothing secret and no path; without a tunnel there are none', () => {
    const hub = { url: 'https://hub:6443', caPem: 'PEM' };
    const api = { server: 'https://m1:6443', certificateAuthorityData: 'Q0E=' };
    const carrying = member('m1', { status: { agent: { tunnel: true, api } } });
    const status = statusOf(carrying, { hub });
    expect(status?.accessProviders?.flatMap(({ cluster }) => Object.keys(cluster ?? {}))).toEqual([
      ...['server', 'certificate-authority-data', 'extensions'],
      ...['server', 'certificate-authority-data', 'extensions'],
    ]);
    const extensions = status?.accessProviders?.flatMap(({ cluster }) => cluster?.extensions ?? []);
    expect(new Set(extensions?.map(({ extension }) => JSON.stringify(extension)))).toEqual(
      new Set(['{"clusterName":"m1"}']),
    );
    // Its Works are fetched by its agent, which needs nobody to reach the member.
    expect(statusOf(member('m1'), { hub })?.accessProviders).toBeUndefined();
  });

  test('CI-13 the display name is not ours to write', () => {
    const before = published({ spec: { clusterManager: { name: 'quarterdeck' }, displayName: 'Paris' } });
    const [write] = decide(seen({ member: reported, profiles: [before] }), now).writes;
    expect(write?.verb === 'updateSubresource' && (write.object as ClusterProfile).spec.displayName).toBe('Paris');
  });
});
