import {
  type ClusterProfile,
  type KubeObject,
  type MemberCluster,
  Namespace,
  RoleBinding,
  type Stored,
  Work,
} from '@quarterdeck/apis';
import { describe, expect, test } from 'vitest';
import { member, profile, stored } from '../../../testing/builders.ts';
import type { Write } from '../../writes.ts';
import { type Leaving, leave } from './leave.ts';
import { memberResources } from './resources.ts';

const now = Date.parse('2026-01-01T00:10:00Z');
const leavingMember = (spec: Partial<MemberCluster['spec']> = {}, annotations: Record<string, string> = {}) =>
  member('m1', {
    spec: { acceptance: 'Accepted', clusterSet: 'default', ...spec },
    metadata: {
      ...member('m1').metadata,
      finalizers: ['quarterdeck.dev/member-cleanup'],
      deletionTimestamp: '2026-01-01T00:00:00Z',
      annotations,
    },
  });
const work = (name: string, over: KubeObject['metadata'] = {}, status?: Work['status']) =>
  stored(Work, name, {
    ...(status === undefined ? {} : { status }),
    metadata: { namespace: 'member-m1', finalizers: ['multicluster.x-k8s.io/work-cleanup'], ...over },
  });
const everything = (of: Stored<MemberCluster>) =>
  memberResources(of, { hubUID: 'hub-1' }).map(
    ({ object }) => ({ ...object, metadata: { ...object.metadata, uid: `uid-${object.kind}` } }) as Stored<KubeObject>,
  );
const seen = (over: Partial<Leaving> = {}): Leaving => {
  const of = over.member ?? leavingMember();
  return { member: of, hubUID: 'hub-1', existing: everything(of), works: [], profiles: [], ...over };
};
const summary = (writes: readonly Write[]) =>
  writes.map((write) => `${write.verb} ${'ref' in write ? write.ref.name : write.object.metadata.name}`);
const told = ({ writes }: { readonly writes: readonly Write[] }) => {
  const [first] = writes;
  const status = first !== undefined && 'object' in first ? (first.object as MemberCluster).status : undefined;
  return status?.conditions?.find(({ type }) => type === 'Leaving');
};
const going = { deletionTimestamp: '2026-01-01T00:00:00Z' };

describe('leaving', () => {
  test('RG-42 Works of a lower cleanup priority go first, and the others wait for them', () => {
    const of = (value: string) => ({ annotations: { 'quarterdeck.dev/cleanup-priority': value } });
    const works = [work('base', of('100')), work('app'), work('web', of('0')), work('odd', of('soon'))];
    const first = leave(seen({ works }), now);
    expect(summary(first.writes)).toEqual(['changeStatus m1', 'delete app', 'delete web', 'delete odd']);
    const rest = leave(seen({ works: [work('base', of('100')), work('app', going)] }), now);
    expect(summary(rest.writes)).toEqual(['changeStatus m1']);
    expect(summary(leave(seen({ works: [work('base', of('100'))] }), now).writes)).toEqual([
      'changeStatus m1',
      'delete base',
    ]);
  });

  test('RG-40 what is awaited stands in the condition Leaving, with what to do about it', () => {
    const step = leave(seen({ works: [work('app', going)] }), now);
    expect(told(step)).toMatchObject({
      status: 'True',
      reason: 'WithdrawingWorks',
      message:
        'waiting for the agent to let go of 1 Works, now app; if the cluster will not answer again: kubectl annotate membercluster m1 quarterdeck.dev/force-removal=true',
    });
  });

  test('RG-41 no deadline means no force, however long it takes; a deadline is looked at when it is due', () => {
    expect(leave(seen({ works: [work('app')] }), now + 1e12).notices).toEqual([]);
    const inTime = seen({ member: leavingMember({ leaveDeadlineSeconds: 601 }), works: [work('app')] });
    expect(leave(inTime, now).requeueAfterMs).toBe(1_000);
    expect(told(leave(inTime, now))?.message).toContain('not later than 2026-01-01T00:10:01Z');
    expect(told(leave(inTime, now + 1_000))?.reason).toBe('RemovedByForce');
  });

  test('RG-41 by force: first the list of what may be left, as condition and event, then the Works go', () => {
    const forced = leavingMember({ deletionPolicy: 'Delete' }, { 'quarterdeck.dev/force-removal': 'true' });
    const identifier = { ordinal: 0, kind: 'ConfigMap', namespace: 'shop', name: 'settings' };
    const works = [
      work('app', {}, { conditions: [], manifestConditions: [{ identifier, conditions: [] }] }),
      work('silent', { ...going, finalizers: ['example.com/other', 'multicluster.x-k8s.io/work-cleanup'] }),
    ];
    const unforced = leavingMember({}, { 'quarterdeck.dev/force-removal': 'false' });
    expect(told(leave(seen({ member: unforced, works }), now))?.reason).toBe('WithdrawingWorks');
    const first = leave(seen({ member: forced, works }), now);
    const message =
      'removed without its agent; may be left on it: ConfigMap shop/settings; 1 Works never reported what they brought; they were to be deleted';
    expect(summary(first.writes)).toEqual(['changeStatus m1']);
    expect(first.notices).toEqual([{ type: 'Warning', reason: 'RemovedByForce', message }]);
    expect(told(first)).toMatchObject({ reason: 'RemovedByForce', message });
    const [write] = first.writes as unknown as [{ object: Stored<MemberCluster> }];
    const then = leave(seen({ member: write.object, works }), now);
    expect(summary(then.writes)).toEqual(['delete app', 'update silent']);
    expect(then.writes[1]).toMatchObject({ object: { metadata: { finalizers: ['example.com/other'] } } });
  });
});

const leavingText = (of: Stored<MemberCluster>, over: Partial<Leaving>): string | undefined =>
  told(leave(seen({ ...over, member: of }), now))?.message;

describe('what finalizers of others hold up is told, since neither agent nor force ends it', () => {
  const mine = (finalizers: string[]) => ({ ...going, finalizers });
  const held = work('held', mine(['example.com/mine']));
  const forced = leavingMember({}, { 'quarterdeck.dev/force-removal': 'true' });
  /** As it stands once the removal by force is told. */
  const afterTelling = (works: readonly Stored<Work>[]) => {
    const [write] = leave(seen({ member: forced, works }), now).writes;
    return (write as unknown as { object: Stored<MemberCluster> }).object;
  };
  const holdsUp = 'finalizers of others hold up Work member-m1/held (example.com/mine)';

  test('RG-40 a Work that the agent has let go of is not waited for by it', () => {
    expect(leavingText(leavingMember(), { works: [held] })).toBe(`waiting for Works to go; ${holdsUp}`);
    const both = leavingText(leavingMember(), { works: [held, work('app', going)] });
    expect(both).toContain('waiting for the agent to let go of 1 Works, now app; ');
    expect(both).toContain(`; ${holdsUp}`);
  });

  test('RG-41 by force, too, and what was left behind stays to be read; once said it is not said again', () => {
    const member = afterTelling([held]);
    const step = leave(seen({ member, works: [held] }), now);
    const list =
      'removed without its agent; nothing was reported to be on it; 1 Works never reported what they brought';
    expect([told(step)?.reason, told(step)?.message]).toEqual(['RemovedByForce', `${list}; ${holdsUp}`]);
    const [write] = step.writes as unknown as [{ object: Stored<MemberCluster> }];
    expect(leave(seen({ member: write.object, works: [held] }), now)).toMatchObject({ writes: [], notices: [] });
    const gone = leave(seen({ member: write.object, works: [], existing: [] }), now);
    expect(summary(gone.writes)).toEqual(['update m1']);
  });

  test.each([false, true])(
    'RG-40 so are profiles, and the namespace with what is left in it (by force: %s)',
    (byForce) => {
      const member = byForce ? afterTelling([held]) : leavingMember();
      const profiles = [profile('m1', 'argocd', { metadata: mine(['example.com/mine']) })];
      expect(leavingText(member, { profiles })).toContain(
        'finalizers of others hold up ClusterProfile argocd/m1 (example.com/mine)',
      );
      const remains = { type: 'NamespaceContentRemaining', reason: 'SomeResourcesRemain', message: 'pods: 1' };
      const namespace = stored(Namespace, 'member-m1', {
        metadata: mine(['example.com/ns']),
        status: { conditions: [{ ...remains, status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' }] },
      });
      const text = '; finalizers of others hold up Namespace member-m1 (example.com/ns); its namespace stays: pods: 1';
      const step = leave(seen({ member, existing: [namespace] }), now);
      expect(told(step)?.message).toMatch(byForce ? /^removed without its agent/ : /^waiting for the rights/);
      expect(told(step)?.message?.endsWith(text)).toBe(true);
      const [write] = step.writes as unknown as [{ object: Stored<MemberCluster> }];
      expect(leave(seen({ member: write.object, existing: [namespace] }), now).writes).toEqual([]);
    },
  );

  test('RG-40 and the MemberCluster itself, when all that is ours is gone', () => {
    const of = member('m1', { metadata: { ...member('m1').metadata, ...mine(['example.com/mine']) } });
    expect(leavingText(of, { existing: [] })).toBe(
      'nothing of the cluster is left here; finalizers of others hold up MemberCluster m1 (example.com/mine)',
    );
  });
});

/** Everything that leaving can meet, as a value: what exists on the hub. Undefined member: gone. */
interface World {
  readonly member: Stored<MemberCluster> | undefined;
  readonly existing: readonly (Stored<KubeObject> | undefined)[];
  readonly works: readonly Stored<Work>[];
  readonly profiles: readonly Stored<ClusterProfile>[];
}

/** A server's answer to one write: objects with finalizers wait for them, others are gone. */
function written(world: World, write: Write): World {
  const same = (object: KubeObject) =>
    'ref' in write ? write.uid === object.metadata.uid : write.object.metadata.uid === object.metadata.uid;
  const after = <T extends KubeObject>(object: Stored<T>): Stored<T> | undefined => {
    if (!same(object)) return object;
    const next =
      'ref' in write ? { ...object, metadata: { ...object.metadata, ...going } } : (write.object as Stored<T>);
    const isGone = next.metadata.deletionTimestamp !== undefined && (next.metadata.finalizers ?? []).length === 0;
    return isGone ? undefined : next;
  };
  return {
    member: world.member === undefined ? undefined : after(world.member),
    existing: world.existing.map((object) => (object === undefined ? undefined : after(object))),
    works: world.works.flatMap((object) => after(object) ?? []),
    profiles: world.profiles.flatMap((object) => after(object) ?? []),
  };
}

const has = (world: World, kind: string) => world.existing.some((object) => object?.kind === kind);

/** The agent's part: it may finish a Work that is going, as long as it has rights. */
function finishedByAgent(world: World): World[] {
  if (!has(world, RoleBinding.kind)) return [];
  return world.works
    .filter(({ metadata }) => metadata.deletionTimestamp !== undefined)
    .map((done) => ({ ...world, works: world.works.filter((each) => each !== done) }));
}

/** Every world reachable when the hub may die before and after each single write, and the agent acts at any time. */
function reachable(first: World): World[] {
  const found = new Map<string, World>();
  const waiting = [first];
  for (let world = waiting.pop(); world !== undefined; world = waiting.pop()) {
    const key = JSON.stringify(world);
    if (found.has(key)) continue;
    found.set(key, world);
    waiting.push(...finishedByAgent(world));
    if (world.member === undefined) continue;
    let next = world;
    for (const write of leave({ ...world, member: world.member, hubUID: 'hub-1' }, now).writes) {
      next = written(next, write);
      waiting.push(next); // dead right after this write: the next hub starts from here
    }
  }
  return [...found.values()];
}

const startOf = (of: Stored<MemberCluster>): World => ({
  member: of,
  existing: everything(of),
  works: [work('app'), work('base', { annotations: { 'quarterdeck.dev/cleanup-priority': '9' } })],
  profiles: ['clusterset-default', 'argocd'].map((place) =>
    profile('m1', place, { metadata: { uid: `profile-${place}` } }),
  ),
});

test('RG-40 interrupted at any point, nothing of a leaving member goes before its turn, and the end is always reached', () => {
  const worlds = reachable(startOf(leavingMember()));
  expect(worlds.length).toBeGreaterThan(15);
  for (const world of worlds) {
    const touched =
      world.works.length < 2 || world.works.some(({ metadata }) => metadata.deletionTimestamp !== undefined);
    if (touched) expect(world.profiles).toEqual([]);
    if (world.works.length > 0) {
      expect([has(world, RoleBinding.kind), has(world, 'ClusterRoleBinding'), has(world, Namespace.kind)]).toEqual([
        true,
        true,
        true,
      ]);
    }
    if (!has(world, Namespace.kind)) expect(world.existing.every((object) => object === undefined)).toBe(true);
    if (world.member === undefined) {
      expect(world).toEqual({
        member: undefined,
        existing: world.existing.map(() => undefined),
        works: [],
        profiles: [],
      });
    }
    // From each of them the end is near: the hub goes on, and the agent does.
    expect(reachable(world).some((each) => each.member === undefined)).toBe(true);
  }
});

test('RG-41 by force, too: interrupted at any point, what may be left is told before the first Work goes without its agent', () => {
  const worlds = reachable(startOf(leavingMember({}, { 'quarterdeck.dev/force-removal': 'true' })));
  for (const world of worlds) {
    const reasons = (world.member?.status?.conditions ?? []).map(({ reason }) => reason);
    if (world.member !== undefined && world.works.length < 2) expect(reasons).toContain('RemovedByForce');
    expect(reachable(world).some((each) => each.member === undefined)).toBe(true);
  }
});
