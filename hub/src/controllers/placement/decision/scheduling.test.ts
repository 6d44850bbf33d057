import {
  ClusterSetBinding,
  type MemberCluster,
  type Placement,
  PlacementDecision,
  type Stored,
  Work,
  type WorkSet,
} from '@quarterdeck/apis';
import { describe, expect, test } from 'vitest';
import type { FleetCaches } from '../../../fleet/caches.ts';
import { createExpressionCompiler } from '../../../scheduler/expressions.ts';
import type { Outcome } from '../../../scheduler/schedule.ts';
import { clusterSet, member, placement, profile, stored, workSet } from '../../../testing/builders.ts';
import { decide, type Scheduled } from './decide.ts';
import { createScheduling } from './scheduling.ts';

const now = Date.parse('2026-01-01T00:00:00Z');
const joined = { type: 'Joined', status: 'True' as const };
const current = { type: 'HubLeaseCurrent', status: 'True' as const };
const rest = { reason: 'R', message: '', lastTransitionTime: '2026-01-01T00:00:00Z' };
const healthy = (name: string, labels: Record<string, string> = {}): Stored<MemberCluster> => {
  const base = member(name, { status: { conditions: [joined, current].map((each) => ({ ...each, ...rest })) } });
  return { ...base, metadata: { ...base.metadata, labels } };
};

/** Caches as far as scheduling reads them, over maps that a test changes. */
function world(members: readonly Stored<MemberCluster>[], placements: readonly Stored<Placement>[]) {
  const at = {
    members: new Map(members.map((each) => [each.metadata.name, each])),
    placements: new Map(placements.map((each) => [`apps/${each.metadata.name}`, each])),
    slices: [] as Stored<PlacementDecision>[],
    workSets: new Map<string, Stored<WorkSet>>(),
    works: new Map<string, Stored<Work>>(),
    sets: new Map([['default', clusterSet('default')]]),
  };
  const none = { byIndex: () => [], get: () => undefined, list: () => [] };
  const caches = {
    members: { get: (name: string) => at.members.get(name), list: () => [...at.members.values()] },
    placements: {
      get: (key: string) => at.placements.get(key),
      list: () => [...at.placements.values()],
      byIndex: () => [...at.placements.values()],
    },
    decisions: {
      byIndex: (_index: string, uid: string) =>
        at.slices.filter(({ metadata }) => metadata.labels?.['multicluster.x-k8s.io/decision-key'] === uid),
    },
    bindings: {
      list: () => [
        stored(ClusterSetBinding, 'b', { spec: { clusterSet: 'default' }, metadata: { namespace: 'apps' } }),
      ],
    },
    profiles: { get: (key: string) => profile(key.slice(key.indexOf('/') + 1), 'clusterset-default') },
    sets: { get: (name: string) => at.sets.get(name), list: () => [...at.sets.values()] },
    scores: none,
    workSets: { byIndex: () => [...at.workSets.values()] },
    works: { byIndex: () => [], get: (key: string) => at.works.get(key) },
  } as unknown as FleetCaches;
  const woken: string[] = [];
  /** A process of the hub: what it knows beyond the caches ends with it. */
  const start = () => {
    const scheduling = createScheduling({
      caches,
      compileExpression: createExpressionCompiler(),
      wake: (key) => woken.push(key),
    });
    const outcomeOf = (key: string, at = now): Outcome | undefined => {
      const scheduled = scheduling.scheduledOf(key, at);
      return scheduled === undefined || 'held' in scheduled ? undefined : scheduled;
    };
    /** Decides and writes, as the controller does. */
    const visit = (key: string): readonly string[] | undefined => {
      const outcome = outcomeOf(key);
      if (outcome === undefined) return undefined;
      scheduling.written(key, outcome);
      return namesOf(outcome);
    };
    /** The same, and the slices are in the caches. */
    const store = (key: string): void => {
      const placed = at.placements.get(key);
      const scheduled = scheduling.scheduledOf(key, now);
      if (placed === undefined || scheduled === undefined) return;
      for (const write of decide({ placement: placed, slices: [], scheduled }, now).writes) {
        if (write.verb !== 'create') continue;
        const managedFields = [{ manager: 'quarterdeck-hub', time: '2026-01-01T00:00:00Z' }];
        at.slices.push({
          ...write.object,
          metadata: { ...write.object.metadata, managedFields },
        } as Stored<PlacementDecision>);
      }
    };
    return { scheduling, outcomeOf, visit, store };
  };
  return { at, woken, start, ...start() };
}

const namesOf = ({ choices }: Outcome): string[] => choices.map(({ cluster }) => cluster.name);
const heldOf = (scheduled: Scheduled | undefined) =>
  scheduled !== undefined && 'held' in scheduled ? scheduled.held : undefined;
const gold = { clusterSelectorTerms: [{ labelSelector: { matchLabels: { tier: 'gold' } } }] };

describe('createScheduling', () => {
  test('PL-42 a label change wakes only the placements that it can affect', () => {
    const members = ['m1', 'm2', 'm3'].map((name) => healthy(name, { tier: 'gold' }));
    const { at, scheduling, visit } = world(members, [
      placement('all-gold', gold),
      placement('one-gold', { ...gold, numberOfClusters: 1 }),
      placement('everything'),
    ]);
    expect(['apps/all-gold', 'apps/one-gold', 'apps/everything'].map(visit)).toEqual([
      ['m1', 'm2', 'm3'],
      ['m1'],
      ['m1', 'm2', 'm3'],
    ]);
    at.members.set('m3', healthy('m3', { tier: 'tin' }));
    expect(scheduling.clusterChanged('m3')).toEqual(['apps/all-gold']);
    expect(visit('apps/all-gold')).toEqual(['m1', 'm2']);
    at.members.set('m1', healthy('m1', { tier: 'tin' }));
    expect(scheduling.clusterChanged('m1').toSorted()).toEqual(['apps/all-gold', 'apps/one-gold']);
    expect(visit('apps/one-gold')).toEqual(['m2']);
    expect(scheduling.clusterChanged('m1')).toEqual([]);
  });

  test('PL-21 of a set that is gone nobody is chosen anew, who is chosen stays, and all is as before when it is there again', () => {
    const { at, scheduling, visit } = world([healthy('m1')], [placement('all'), placement('later')]);
    expect(visit('apps/all')).toEqual(['m1']);
    at.sets.clear();
    at.members.set('m2', healthy('m2'));
    const changed = () => ['m1', 'm2'].flatMap((name) => scheduling.clusterChanged(name));
    changed();
    expect(['apps/all', 'apps/later'].map(visit)).toEqual([['m1'], []]);
    at.sets.set('default', clusterSet('default'));
    expect(new Set(changed())).toEqual(new Set(['apps/all', 'apps/later']));
    expect(['apps/all', 'apps/later'].map(visit)).toEqual([
      ['m1', 'm2'],
      ['m1', 'm2'],
    ]);
  });

  test('PL-21 a cluster that is put into a set that is not there stays chosen, is chosen by nobody anew, and goes to the set when that is made', () => {
    const { at, scheduling, visit, store, start } = world([healthy('m1')], [placement('all'), placement('later')]);
    expect(visit('apps/all')).toEqual(['m1']);
    store('apps/all');
    const { status, ...registered } = healthy('m1');
    const spec = { acceptance: 'Accepted' as const, clusterSet: 'defautl' };
    at.members.set('m1', { ...registered, spec, status: { ...status, clusterSet: 'default' } });
    scheduling.clusterChanged('m1');
    expect(['apps/all', 'apps/later'].map(visit)).toEqual([['m1'], []]);
    // A process that begins meanwhile finds what the one before chose.
    expect(['apps/all', 'apps/later'].map(start().visit)).toEqual([['m1'], []]);
    at.sets.set('defautl', clusterSet('defautl'));
    scheduling.clusterChanged('m1');
    expect(['apps/all', 'apps/later'].map(visit)).toEqual([[], []]);
  });

  test('PL-42 a cluster that comes or goes concerns who can use it', () => {
    const { at, scheduling, visit } = world(
      [healthy('m1')],
      [placement('one', { numberOfClusters: 1 }), placement('all')],
    );
    expect([visit('apps/one'), visit('apps/all')]).toEqual([['m1'], ['m1']]);
    at.members.set('m2', healthy('m2'));
    expect(scheduling.clusterChanged('m2')).toEqual(['apps/all']);
    expect(visit('apps/all')).toEqual(['m1', 'm2']);
    at.members.delete('m1');
    expect(scheduling.clusterChanged('m1').toSorted()).toEqual(['apps/all', 'apps/one']);
    expect([visit('apps/one'), visit('apps/all')]).toEqual([['m2'], ['m2']]);
  });

  test('PD-11, PL-25 a placement of another scheduler is left alone, and so are its slices', () => {
    const { scheduling } = world([healthy('m1')], [placement('theirs', { schedulerName: 'other' })]);
    expect(scheduling.scheduledOf('apps/theirs', now)).toBeUndefined();
  });

  test('PD-10 a placement that is gone or being deleted gets no decision; the garbage collector takes the slices', () => {
    const { at, scheduling, visit } = world([healthy('m1')], [placement('p')]);
    expect(visit('apps/p')).toEqual(['m1']);
    at.placements.set(
      'apps/p',
      placement('p', {}, { metadata: { ...placement('p').metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } }),
    );
    expect(scheduling.scheduledOf('apps/p', now)).toBeUndefined();
  });

  test('PD-14 slices that somebody deleted come back with the clusters that stood in them', () => {
    const { at, scheduling, visit } = world([healthy('m1'), healthy('m2')], [placement('p', { numberOfClusters: 1 })]);
    at.slices.push(
      stored(PlacementDecision, 'p-0', {
        decisions: [{ clusterProfileRef: { name: 'm2', namespace: 'clusterset-default' } }],
        metadata: { namespace: 'apps', labels: { 'multicluster.x-k8s.io/decision-key': 'uid-p' } },
      }),
    );
    expect(visit('apps/p')).toEqual(['m2']);
    at.slices.length = 0;
    scheduling.placementChanged('apps/p');
    expect(visit('apps/p')).toEqual(['m2']);
  });

  test('PL-18 who relates to a changed decision is woken; a cycle holds all of its members', () => {
    const follows = (name: string, of: string) => placement(name, { placementAffinity: { sameClustersAs: [of] } });
    const { at, scheduling, visit, woken } = world([healthy('m1')], [placement('db', gold), follows('app', 'db')]);
    expect([visit('apps/db'), visit('apps/app')]).toEqual([[], []]);
    at.members.set('m1', healthy('m1', { tier: 'gold' }));
    expect(scheduling.clusterChanged('m1')).toEqual(['apps/db']);
    expect(visit('apps/db')).toEqual(['m1']);
    expect(woken).toContain('apps/app');
    expect(visit('apps/app')).toEqual(['m1']);
    at.placements.set('apps/db', { ...follows('db', 'app'), metadata: { ...placement('db').metadata, generation: 2 } });
    expect(heldOf(scheduling.scheduledOf('apps/db', now))).toBe('RelationCycle');
  });

  test('PL-21, PL-25 what cannot be evaluated, or is suspended, is held', () => {
    const { scheduling } = world(
      [healthy('m1')],
      [
        placement('bad', { clusterSelectorTerms: [{ expression: 'cluster.name ==' }] }),
        placement('off', { suspend: true }),
      ],
    );
    expect(['apps/bad', 'apps/off'].map((key) => heldOf(scheduling.scheduledOf(key, now)))).toEqual([
      'SchedulingFailed',
      'Suspended',
    ]);
  });

  test('PL-42, PL-40 what was decided stands for the visits that our own writes bring, until something changes or its moment comes', () => {
    const tainted = (name: string): Stored<MemberCluster> => {
      const base = healthy(name);
      const taints = [{ key: 'fire', effect: 'NoExecute' as const, timeAdded: '2026-01-01T00:00:00Z' }];
      return { ...base, spec: { ...base.spec, taints } };
    };
    const tolerations = [
      { key: 'fire', operator: 'Exists' as const, effect: 'NoExecute' as const, tolerationSeconds: 60 },
    ];
    const { at, scheduling, visit, outcomeOf } = world(
      [healthy('m1'), healthy('m2')],
      [placement('p', { numberOfClusters: 1, tolerations })],
    );
    expect(visit('apps/p')).toEqual(['m1']);
    const first = outcomeOf('apps/p');
    expect(outcomeOf('apps/p')).toBe(first);
    at.members.set('m1', tainted('m1'));
    scheduling.clusterChanged('m1');
    const warned = outcomeOf('apps/p');
    expect([warned?.choices[0]?.cluster.name, warned?.nextMoment]).toEqual(['m1', now + 60_000]);
    expect(outcomeOf('apps/p', now + 59_999)).toBe(warned);
    expect(outcomeOf('apps/p', now + 60_000)?.choices[0]?.cluster.name).toBe('m2');
  });

  test('PL-24 one request for a fresh choice acts once', () => {
    const asking = placement(
      'p',
      { numberOfClusters: 1 },
      {
        metadata: {
          ...placement('p').metadata,
          annotations: { 'quarterdeck.dev/reschedule-at': '2026-01-01T00:00:00Z' },
        },
      },
    );
    const { at, scheduling, visit } = world([healthy('m1'), healthy('m2')], [asking]);
    at.slices.push(
      stored(PlacementDecision, 'p-0', {
        decisions: [{ clusterProfileRef: { name: 'm2', namespace: 'clusterset-default' } }],
        metadata: { namespace: 'apps', labels: { 'multicluster.x-k8s.io/decision-key': 'uid-p' } },
      }),
    );
    expect(visit('apps/p')).toEqual(['m1']);
    at.members.set('m0', healthy('m0'));
    scheduling.clusterChanged('m0');
    scheduling.placementChanged('apps/p');
    expect(visit('apps/p')).toEqual(['m1']);
  });

  test('PL-16 a reservation ends with a capacity report that is newer than the delivery, and not with one before', () => {
    const withRoom = (observed: string, requested: string) =>
      ({
        ...healthy('m1'),
        status: {
          ...healthy('m1').status,
          allocatable: { cpu: '10' },
          requested: { cpu: requested },
          capacityObservedTime: observed,
        },
      }) as Stored<MemberCluster>;
    const copies = { count: 4, requests: { cpu: '2' } };
    const { at, scheduling, visit } = world(
      [withRoom('2026-01-01T00:00:00Z', '0')],
      [
        placement('first', { numberOfClusters: 1, copies }),
        placement('second', { numberOfClusters: 1, copies: { ...copies, count: 1 } }),
      ],
    );
    const room = (): number | undefined => {
      scheduling.placementChanged('apps/second');
      const scheduled = scheduling.scheduledOf('apps/second', now);
      return scheduled === undefined || 'held' in scheduled ? undefined : scheduled.choices[0]?.copies;
    };
    expect(visit('apps/first')).toEqual(['m1']);
    // 8 of 10 are reserved, though the report says that all is free.
    const more = placement('second', { numberOfClusters: 1, copies: { ...copies, count: 2 } });
    at.placements.set('apps/second', { ...more, metadata: { ...more.metadata, generation: 2 } });
    expect(room()).toBe(1);
    // Delivered at 00:01; a report of 00:00:30 does not show it, one of 00:02 does: 8 requested, and not counted twice.
    at.workSets.set('shop', workSet('shop'));
    const conditions = [
      { ...rest, type: 'Applied', status: 'True' as const, lastTransitionTime: '2026-01-01T00:01:00Z' },
    ];
    at.works.set('member-m1/apps.shop', stored(Work, 'apps.shop', { status: { conditions } }));
    at.members.set('m1', withRoom('2026-01-01T00:00:30Z', '0'));
    scheduling.clusterChanged('m1');
    expect(room()).toBe(1);
    at.members.set('m1', withRoom('2026-01-01T00:02:00Z', '8'));
    scheduling.clusterChanged('m1');
    expect(room()).toBe(1);
    at.members.set('m1', withRoom('2026-01-01T00:03:00Z', '6'));
    scheduling.clusterChanged('m1');
    expect(room()).toBe(2);
  });

  describe('PL-16 a restart in the middle', () => {
    const withRoom = (name: string, cpu: string, observed = '2026-01-01T00:00:00Z') =>
      ({
        ...healthy(name),
        status: { ...healthy(name).status, allocatable: { cpu }, requested: {}, capacityObservedTime: observed },
      }) as Stored<MemberCluster>;
    const asking = (name: string, count: number, numberOfClusters = 2) =>
      placement(name, { numberOfClusters, copies: { count, requests: { cpu: '1' } } });
    const sharesOf = (outcome: Outcome | undefined) =>
      Object.fromEntries(outcome?.choices.map(({ cluster, copies }) => [cluster.name, copies]) ?? []);
    /** Room for eight and two: nine copies are divided unevenly, and nothing is delivered yet. */
    const decided = () => {
      const made = world([withRoom('m1', '8'), withRoom('m2', '2')], [asking('first', 9), asking('second', 3)]);
      made.store('apps/first');
      return made;
    };

    test('what stands in slices is reserved as it was counted, cluster by cluster', () => {
      const { at, start } = decided();
      expect(at.slices[0]?.metadata.annotations).toEqual({ 'quarterdeck.dev/decision-copies': '7,2' });
      const second = start().outcomeOf('apps/second');
      expect([second?.reason, sharesOf(second)]).toEqual(['InsufficientCapacity', { m1: 1 }]);
    });

    test('what a report shows, or was written too long ago, is not', () => {
      const { at, start } = decided();
      const later = now + 5 * 60_000;
      expect(sharesOf(start().outcomeOf('apps/second', later))).toEqual({ m1: 1, m2: 2 });
      at.workSets.set('shop', workSet('shop'));
      const conditions = [
        { ...rest, type: 'Applied', status: 'True' as const, lastTransitionTime: '2026-01-01T00:01:00Z' },
      ];
      at.works.set('member-m1/apps.shop', stored(Work, 'apps.shop', { status: { conditions } }));
      at.members.set('m1', withRoom('m1', '2', '2026-01-01T00:02:00Z'));
      expect(sharesOf(start().outcomeOf('apps/second'))).toEqual({ m1: 2 });
    });

    test('an annotation that somebody broke is no trap: the sum of the status is divided evenly', () => {
      const { at, start } = decided();
      const [slice] = at.slices;
      if (slice === undefined) throw new Error('a slice was made');
      at.slices[0] = {
        ...slice,
        metadata: { ...slice.metadata, annotations: { 'quarterdeck.dev/decision-copies': 'x' } },
      };
      at.placements.set('apps/first', { ...asking('first', 9), status: { numberOfCopies: 9 } });
      expect(sharesOf(start().outcomeOf('apps/first'))).toEqual({ m1: 5, m2: 4 });
    });

    test('its own decision is not counted against a placement', () => {
      const { start } = decided();
      const again = start().outcomeOf('apps/first');
      expect([again?.satisfied, sharesOf(again)]).toEqual([true, { m1: 7, m2: 2 }]);
    });
  });
});
