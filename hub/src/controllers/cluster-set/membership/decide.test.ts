import { type ClusterSet, Namespace, type Stored } from '@quarterdeck/apis';
import { describe, expect, test } from 'vitest';
import { clusterSet, member, profile, stored } from '../../../testing/builders.ts';
import type { Write } from '../../writes.ts';
import { decide, type Seen } from './decide.ts';

const now = Date.parse('2026-01-01T00:00:00Z');
const blue = clusterSet('blue', {
  metadata: { ...clusterSet('blue').metadata, finalizers: ['quarterdeck.dev/clusterset-cleanup'] },
});
const leaving: Stored<ClusterSet> = {
  ...blue,
  metadata: { ...blue.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' },
};
const both = {
  'clusterset.multicluster.x-k8s.io': 'blue',
  'multicluster.x-k8s.io/clusterset': 'blue',
  'app.kubernetes.io/managed-by': 'quarterdeck',
};
const home = (labels: Record<string, string> = both) => stored(Namespace, 'clusterset-blue', { metadata: { labels } });
const seen = (over: Partial<Seen> = {}): Seen => ({
  set: blue,
  namespace: home(),
  members: [],
  profiles: [],
  missingNamespaces: [],
  ...over,
});
const only = (over: Partial<Seen>): Write => {
  const { writes } = decide(seen(over), now);
  expect(writes).toHaveLength(1);
  return writes[0] as Write;
};
const statusOf = (over: Partial<Seen>) => (only(over) as unknown as { object: ClusterSet }).object.status;
/** What is told of a deletion, and what is deleted next. */
const deletions = (over: Partial<Seen>) =>
  decide(seen(over), now).writes.map((write) =>
    'ref' in write ? write.ref : (write.object as ClusterSet).status?.conditions?.[0]?.message,
  );
const ready = (status: 'True' | 'False', reason: string, message = '') => ({
  type: 'Ready',
  status,
  reason,
  message,
  observedGeneration: 1,
  lastTransitionTime: '2026-01-01T00:00:00Z',
});

describe('clusterset.membership', () => {
  test('RG-12 the finalizer comes before the namespace', () => {
    expect(only({ set: clusterSet('blue'), namespace: undefined })).toMatchObject({
      verb: 'update',
      object: { metadata: { finalizers: ['quarterdeck.dev/clusterset-cleanup'] } },
    });
  });

  test('CI-11, CI-12 the namespace carries both labels', () => {
    expect(only({ namespace: undefined })).toEqual({
      verb: 'create',
      type: Namespace,
      object: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'clusterset-blue', labels: both } },
    });
  });

  test('CI-12 a label that was taken off comes back', () => {
    const { 'multicluster.x-k8s.io/clusterset': _gone, ...rest } = both;
    expect(only({ namespace: home({ ...rest, own: 'x' }) })).toMatchObject({
      verb: 'update',
      object: { metadata: { labels: { ...both, own: 'x' } } },
    });
  });

  test('CI-11 the status counts accepted members, and those available', () => {
    const available = member('a', {
      status: {
        conditions: [
          { type: 'Available', status: 'True', reason: 'R', message: '', lastTransitionTime: '2026-01-01T00:00:00Z' },
        ],
      },
    });
    const pending = member('c', { spec: { acceptance: 'Pending', clusterSet: 'blue' } });
    expect(statusOf({ members: [available, member('b'), pending] })).toEqual({
      namespace: 'clusterset-blue',
      members: { total: 2, available: 1 },
      conditions: [ready('True', 'Ready')],
    });
  });

  test('CI-12 a namespace of another set is left alone, and nothing is published there', () => {
    expect(statusOf({ namespace: home({ ...both, 'multicluster.x-k8s.io/clusterset': 'red' }) })).toEqual({
      members: { total: 0, available: 0 },
      conditions: [
        ready(
          'False',
          'NamespaceConflict',
          'namespace clusterset-blue is labelled multicluster.x-k8s.io/clusterset=red',
        ),
      ],
    });
  });

  test.each(['clusterset.multicluster.x-k8s.io', 'multicluster.x-k8s.io/clusterset'])(
    'CI-12 a namespace that was given to the set by the label %s is taken',
    (key) => {
      expect(only({ namespace: home({ [key]: 'blue', own: 'x' }) })).toMatchObject({
        verb: 'update',
        object: { metadata: { labels: { ...both, own: 'x' } } },
      });
    },
  );

  test('CI-12 a namespace that somebody made for something else is left alone', () => {
    const status = statusOf({ namespace: home({}) });
    expect([status?.namespace, status?.conditions?.[0]?.reason]).toEqual([undefined, 'NamespaceConflict']);
  });

  test('PL-20 a conflict that arises later moves no profile: the namespace in use stays named', () => {
    const published = { ...blue, status: { namespace: 'clusterset-blue' } };
    expect(
      statusOf({ set: published, namespace: home({ ...both, 'multicluster.x-k8s.io/clusterset': 'red' }) })?.namespace,
    ).toBe('clusterset-blue');
  });

  test('CI-9 a namespace for copies that is missing is said', () => {
    expect(statusOf({ missingNamespaces: ['argocd'] })?.conditions).toEqual([
      ready('False', 'ProfileNamespaceNotFound', 'spec.profileNamespaces: argocd not found'),
    ]);
  });

  test('RG-12 a set with members waits and says so', () => {
    expect(statusOf({ set: leaving, members: [member('a')] })?.conditions).toEqual([
      ready('False', 'MembersRemain', '1 members remain: a; move or delete them first'),
    ]);
  });

  test('RG-12 then profiles, namespace and finalizer go, in this order', () => {
    const left = profile('a', 'clusterset-blue');
    expect(deletions({ set: leaving, profiles: [left] })).toEqual([
      'waiting for its ClusterProfiles to go',
      { namespace: 'clusterset-blue', name: 'a' },
    ]);
    expect(deletions({ set: leaving })).toEqual([
      'waiting for namespace clusterset-blue to go',
      { name: 'clusterset-blue' },
    ]);
    expect(only({ set: leaving, namespace: undefined })).toMatchObject({
      verb: 'update',
      object: { metadata: { finalizers: [] } },
    });
    expect(only({ set: leaving, namespace: home({}) })).toMatchObject({
      verb: 'update',
      object: { metadata: { finalizers: [] } },
    });
  });

  test('RG-12 what finalizers of others hold up is told, and is not deleted twice', () => {
    const held = { ...leaving.metadata, finalizers: ['example.com/mine'] };
    const kept = profile('a', 'clusterset-blue', { metadata: { ...held, name: 'a', namespace: 'clusterset-blue' } });
    expect(deletions({ set: leaving, profiles: [kept] })).toEqual([
      'waiting for its ClusterProfiles to go; finalizers of others hold up ClusterProfile clusterset-blue/a (example.com/mine)',
    ]);
    const namespace = stored(Namespace, 'clusterset-blue', {
      metadata: { ...held, name: 'clusterset-blue', labels: both },
    });
    expect(deletions({ set: leaving, namespace })).toEqual([
      'waiting for namespace clusterset-blue to go; finalizers of others hold up Namespace clusterset-blue (example.com/mine)',
    ]);
    expect(deletions({ set: { ...leaving, metadata: held }, namespace: undefined })).toEqual([
      'finalizers of others hold up ClusterSet blue (example.com/mine)',
    ]);
  });

  test('PD-9 a settled set is not written', () => {
    const status = statusOf({});
    expect(
      decide(seen({ set: { ...blue, ...(status === undefined ? {} : { status }) } }), now + 60_000).writes,
    ).toEqual([]);
  });
});
