import type { ClusterProfile, ClusterSet, MemberCluster, Stored } from '@quarterdeck/apis';
import { describe, expect, test } from 'vitest';
import type { FleetCaches } from '../../../fleet/caches.ts';
import { isBraked } from '../../../scheduler/brake.ts';
import { clusterSet, member, profile } from '../../../testing/builders.ts';
import { createFleetView } from './fleet-view.ts';

const home = 'clusterset-default';
const rest = { reason: 'R', message: '', lastTransitionTime: '2026-01-01T00:00:00Z' };
const foreign = (name: string, over: Partial<ClusterProfile> = {}) =>
  profile(name, home, { spec: { clusterManager: { name: 'other' } }, ...over });

function world() {
  const at = {
    members: new Map<string, Stored<MemberCluster>>(),
    profiles: new Map<string, Stored<ClusterProfile>>(),
    set: clusterSet('default'),
  };
  const caches = {
    members: { get: (name: string) => at.members.get(name), list: () => [...at.members.values()] },
    profiles: {
      get: (key: string) => at.profiles.get(key),
      byIndex: (_index: string, namespace: string) =>
        [...at.profiles.values()].filter(({ metadata }) => metadata.namespace === namespace),
    },
    sets: { get: () => at.set, list: () => [at.set] },
    scores: { byIndex: () => [] },
  } as unknown as FleetCaches;
  const put = (...profiles: Stored<ClusterProfile>[]) => {
    for (const each of profiles) at.profiles.set(`${home}/${each.metadata.name}`, each);
  };
  return { at, put, view: createFleetView(caches) };
}

const include: Partial<ClusterSet> = { spec: { profilesOfOtherManagers: 'Include' } };
const namesIn = (view: ReturnType<typeof createFleetView>) => view.current().clusters.map(({ name }) => name);

describe("PL-1 another manager's clusters", () => {
  test('are not there unless the set says so, and are as reachable as their control plane is healthy', () => {
    const { at, put, view } = world();
    const conditions = [{ ...rest, type: 'ControlPlaneHealthy', status: 'True' as const }];
    put(foreign('luna', { status: { conditions, properties: [{ name: 'gpus', value: '2' }] } }), foreign('selene'));
    expect(namesIn(view)).toEqual([]);
    at.set = clusterSet('default', include);
    expect(['luna', 'selene'].map((name) => view.refresh(name).type)).toEqual(['presence', 'presence']);
    expect(
      view.current().clusters.map(({ name, clusterSet: set, profileNamespace, reachable, properties }) => ({
        name,
        set,
        profileNamespace,
        reachable,
        properties,
      })),
    ).toEqual([
      { name: 'luna', set: 'default', profileNamespace: home, reachable: true, properties: { gpus: '2' } },
      { name: 'selene', set: 'default', profileNamespace: home, reachable: false, properties: {} },
    ]);
    at.set = clusterSet('default');
    expect(['luna', 'selene'].map((name) => view.refresh(name).type)).toEqual(['presence', 'presence']);
    expect(namesIn(view)).toEqual([]);
  });

  test('are there from the start, beside members; ours, copies and names of members are not taken for theirs', () => {
    const { at, put, view } = world();
    at.set = clusterSet('default', include);
    at.members.set('m1', member('m1'));
    const copy = { metadata: { ...foreign('copy').metadata, labels: { 'quarterdeck.dev/profile-copy-of': home } } };
    put(foreign('luna'), foreign('m1'), foreign('copy', copy), profile('gone-member', home));
    expect(namesIn(view)).toEqual(['luna', 'm1']);
    expect(view.refresh('m1')).toEqual({ type: 'none' });
  });

  test('go with their profile, and change with it', () => {
    const { at, put, view } = world();
    at.set = clusterSet('default', include);
    put(foreign('luna'));
    expect(namesIn(view)).toEqual(['luna']);
    const labels = { tier: 'gold' };
    put(foreign('luna', { metadata: { ...foreign('luna').metadata, labels } }));
    expect(view.refresh('luna')).toEqual({ type: 'aspects', aspects: ['label:tier', 'any'] });
    at.profiles.clear();
    expect(view.refresh('luna')).toEqual({ type: 'presence' });
    expect(namesIn(view)).toEqual([]);
  });
});

test('PL-23 the brake that is counted along is the brake that is counted anew', () => {
  const { at, view } = world();
  const heard = (name: string, isHeard: boolean) => {
    const conditions = [
      { ...rest, type: 'Joined', status: 'True' as const },
      { ...rest, type: 'HubLeaseCurrent', status: isHeard ? ('True' as const) : ('Unknown' as const) },
    ];
    at.members.set(name, member(name, { status: { conditions } }));
    view.refresh(name);
  };
  const names = Array.from({ length: 8 }, (_, index) => `m${index}`);
  const braked = () => [view.isBraked(), isBraked(view.current().clusters)];
  for (const name of names) heard(name, true);
  expect(braked()).toEqual([false, false]);
  for (const name of names.slice(0, 5)) heard(name, false);
  expect(braked()).toEqual([true, true]);
  heard('m0', true);
  expect(braked()).toEqual([false, false]);
  for (const name of names.slice(5)) {
    at.members.delete(name);
    view.refresh(name);
  }
  expect(braked()).toEqual([true, true]);
});
