import {
  formatTime,
  type KubeObject,
  type MemberCluster,
  memberAccountName,
  Namespace,
  ServiceAccount,
  type Stored,
  Work,
} from '@quarterdeck/apis';
import { describe, expect, test } from 'vitest';
import { member, profile, stored } from '../../../testing/builders.ts';
import type { Write } from '../../writes.ts';
import { decide, type Seen } from './decide.ts';
import { memberResources } from './resources.ts';

const now = Date.parse('2026-01-01T00:00:00Z');
const finalizers = ['quarterdeck.dev/member-cleanup'];
const accepted = member('m1', {
  status: { clusterUID: 'uid-a' },
  metadata: { ...member('m1').metadata, finalizers, annotations: { 'quarterdeck.dev/hub-uid': 'hub-1' } },
});
const leaving = member('m1', { metadata: { ...accepted.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } });
const everything = (of: Stored<MemberCluster>) =>
  memberResources(of, { hubUID: 'hub-1' }).map(
    ({ object }) => ({ ...object, metadata: { ...object.metadata, uid: 'u' } }) as Stored<KubeObject>,
  );
const noneOfThem = memberResources(accepted, { hubUID: 'hub-1' }).map(() => undefined);
const seen = (of: Stored<MemberCluster>, over: Partial<Seen> = {}): Seen => ({
  member: of,
  hubUID: 'hub-1',
  existing: noneOfThem,
  works: [],
  profiles: [],
  heardOf: false,
  spentTokens: [],
  ...over,
});
const summary = (writes: readonly Write[]) => writes.map(({ verb, type }) => `${verb} ${type.kind}`);

describe('membercluster.onboarding', () => {
  test('RG-40 the finalizer comes before anything is made', () => {
    const { writes } = decide(seen(member('m1', { status: { clusterUID: 'uid-a' } })), now);
    expect(summary(writes)).toEqual([
      'update MemberCluster',
      'create Namespace',
      'create Role',
      'create RoleBinding',
      'create RoleBinding',
      'create ClusterRole',
      'create ClusterRoleBinding',
    ]);
    expect(writes[0]).toMatchObject({ object: { metadata: { finalizers } } });
  });

  test('RG-21 an accepted member gets a namespace, one role and one binding each, then its status', () => {
    expect(summary(decide(seen(accepted), now).writes)).toEqual([
      'create Namespace',
      'create Role',
      'create RoleBinding',
      'create RoleBinding',
      'create ClusterRole',
      'create ClusterRoleBinding',
      'changeStatus MemberCluster',
    ]);
  });

  test('RG-20, SEC-3 the roles name the member, its own objects, and nothing with a wildcard', () => {
    const roles = memberResources(accepted, { hubUID: 'hub-1' }).filter(({ type }) => type.kind.endsWith('Role'));
    const rules = roles.flatMap(
      ({ object }) =>
        (object as KubeObject & { rules: { resources: string[]; verbs: string[]; resourceNames?: string[] }[] }).rules,
    );
    expect(rules.flatMap(({ resources, verbs }) => [...resources, ...verbs])).not.toContain('*');
    expect(rules.flatMap(({ resources }) => resources)).not.toContain('secrets');
    const onMembers = rules.filter(({ resources }) => resources.some((name) => name.startsWith('memberclusters')));
    expect(new Set(onMembers.map(({ resourceNames }) => resourceNames?.join()))).toEqual(new Set(['m1']));
  });

  test('RG-4 nobody is given rights before it is recorded which cluster it is', () => {
    const unknown = { ...accepted, status: {} };
    expect(summary(decide(seen(unknown), now).writes)).toEqual([
      'create Namespace',
      'create Role',
      'create ClusterRole',
      'changeStatus MemberCluster',
    ]);
  });

  test('RG-4 the rights of a member move with the cluster that it is', () => {
    const replaced = { ...accepted, status: { ...accepted.status, clusterUID: 'uid-b' } };
    const { writes } = decide(seen(replaced, { existing: everything(accepted) }), now);
    const bound = writes.flatMap((write) =>
      write.verb === 'update' ? (write.object as { subjects?: { name: string }[] }).subjects : [],
    );
    expect(new Set(bound.map((subject) => subject?.name))).toEqual(new Set(['quarterdeck:member:m1:uid-b']));
    expect(bound).toHaveLength(3);
  });

  test('RG-3 who accepted stands in the condition, and no longer when a person took it back', () => {
    const by = { 'quarterdeck.dev/hub-uid': 'hub-1', 'quarterdeck.dev/accepted-by': 'AcceptanceRule/edge' };
    const ruled = member('m1', { ...accepted, metadata: { ...accepted.metadata, annotations: by } });
    const said = decide(seen(ruled), now).writes.at(-1) as unknown as { object: MemberCluster };
    expect(said.object.status?.conditions?.find(({ type }) => type === 'Accepted')).toMatchObject({
      status: 'True',
      message: 'accepted by the AcceptanceRule edge',
    });
    const denied = { ...ruled, spec: { ...ruled.spec, acceptance: 'Denied' as const } };
    const taken = decide(seen(denied), now).writes[0] as unknown as { object: MemberCluster };
    expect(taken.object.metadata.annotations).toEqual({ 'quarterdeck.dev/hub-uid': 'hub-1' });
  });

  test('RG-3 a pending member gets nothing but a status', () => {
    const pending = member('m1', { ...accepted, spec: { ...accepted.spec, acceptance: 'Pending' } });
    expect(summary(decide(seen(pending), now).writes)).toEqual(['changeStatus MemberCluster']);
  });

  test('RG-22 denial takes the bindings at once and keeps namespace and roles', () => {
    const denied = member('m1', { ...accepted, spec: { ...accepted.spec, acceptance: 'Denied' } });
    expect(summary(decide(seen(denied, { existing: everything(accepted) }), now).writes)).toEqual([
      'delete RoleBinding',
      'delete RoleBinding',
      'delete ClusterRoleBinding',
      'changeStatus MemberCluster',
    ]);
  });

  test('RG-22 a denied member with Works keeps the right to withdraw them, and no other', () => {
    const denied = member('m1', { ...accepted, spec: { ...accepted.spec, acceptance: 'Denied' } });
    const work = stored(Work, 'w', { metadata: { namespace: 'member-m1' } });
    const { writes } = decide(seen(denied, { existing: everything(accepted), works: [work] }), now);
    expect(summary(writes)).toEqual([
      'update Role',
      'update RoleBinding',
      'update ClusterRole',
      'changeStatus MemberCluster',
    ]);
    expect(
      [writes[0], writes[2]].map((write) => (write as unknown as { object: { rules: unknown } }).object.rules),
    ).toEqual([
      [
        {
          apiGroups: ['multicluster.x-k8s.io'],
          resources: ['works'],
          verbs: ['get', 'list', 'watch', 'update', 'patch'],
        },
      ],
      [
        {
          apiGroups: ['quarterdeck.dev'],
          resources: ['memberclusters'],
          resourceNames: ['m1'],
          verbs: ['get', 'list', 'watch'],
        },
      ],
    ]);
  });

  test('RG-22 one that is denied while it leaves is cut down to that at once', () => {
    const denied = { ...leaving, spec: { ...leaving.spec, acceptance: 'Denied' as const } };
    const work = stored(Work, 'w', { metadata: { namespace: 'member-m1' } });
    const cut = decide(seen(denied, { existing: everything(accepted), works: [work] }), now);
    expect(summary(cut.writes)).toEqual(
      expect.arrayContaining(['update Role', 'update RoleBinding', 'update ClusterRole']),
    );
  });

  test('RG-40 a namespace that somebody made for something else is neither used nor deleted', () => {
    const [, ...others] = everything(accepted);
    const annotations = { 'quarterdeck.dev/default-executor': 'kube-system/theirs' };
    const theirs = stored(Namespace, 'member-m1', { metadata: { annotations } });
    const { writes } = decide(seen(accepted, { existing: [theirs] }), now);
    expect(summary(writes)).toEqual(['changeStatus MemberCluster']);
    const conditions = (writes[0] as unknown as { object: MemberCluster }).object.status?.conditions;
    expect(conditions?.find(({ type }) => type === 'Joined')).toMatchObject({
      status: 'False',
      reason: 'NamespaceConflict',
    });
    const gone = decide(seen(leaving, { existing: [theirs, ...others] }), now);
    expect(summary(gone.writes)).not.toContain('delete Namespace');
    const end = decide(seen(leaving, { existing: [theirs] }), now);
    expect(end.writes).toMatchObject([{ verb: 'update', object: { metadata: { finalizers: [] } } }]);
  });

  test('RG-10 the epoch of the hub is told, and since when where another one was known', () => {
    const told = (of: Stored<MemberCluster>) => {
      const [write] = decide(seen(of, { hubEpoch: 'epoch-2' }), now).writes as unknown as [{ object: MemberCluster }];
      return write.object.metadata.annotations?.['quarterdeck.dev/hub-epoch'];
    };
    const knew = (epoch: string) => {
      const annotations = { ...accepted.metadata.annotations, 'quarterdeck.dev/hub-epoch': epoch };
      return member('m1', { ...accepted, metadata: { ...accepted.metadata, annotations } });
    };
    expect([told(accepted), told(knew('epoch-1')), told(knew('epoch-1 2025-12-31T00:00:00Z'))]).toEqual([
      'epoch-2',
      `epoch-2 ${formatTime(now)}`,
      `epoch-2 ${formatTime(now)}`,
    ]);
  });

  test('RG-20 rules that somebody widened are put back', () => {
    const existing = everything(accepted).map((object) =>
      object.kind === 'Role' ? { ...object, rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }] } : object,
    );
    expect(summary(decide(seen(accepted, { existing }), now).writes)).toContain('update Role');
  });

  test('RG-2 tokens bound to the cluster are spent once it is heard of', () => {
    const secret = stored(
      { group: '', version: 'v1', kind: 'Secret', plural: 'secrets', scope: 'Namespaced' },
      'bootstrap-token-abcdef',
      {},
    );
    const before = decide(seen(accepted, { spentTokens: [secret] }), now);
    const after = decide(seen(accepted, { spentTokens: [secret], heardOf: true }), now);
    expect(summary(before.writes)).not.toContain('delete Secret');
    // Before the status says Joined: a crash between the two must not leave the token behind.
    expect(summary(after.writes).slice(-2)).toEqual(['delete Secret', 'changeStatus MemberCluster']);
  });

  test('RG-40 a leaving member is closed to placement and withdrawn from first', () => {
    const work = stored(Work, 'w', { metadata: { namespace: 'member-m1' } });
    const { writes } = decide(
      seen(leaving, { existing: everything(leaving), works: [work], profiles: [profile('m1', 'clusterset-default')] }),
      now,
    );
    // Works wait until nothing can choose the cluster any more.
    expect(summary(writes)).toEqual(['changeStatus MemberCluster', 'delete ClusterProfile']);
  });

  test('RG-40 bindings and namespace wait for the last Work', () => {
    const work = stored(Work, 'w', { metadata: { namespace: 'member-m1', deletionTimestamp: '2026-01-01T00:00:00Z' } });
    const { writes } = decide(seen(leaving, { existing: everything(leaving), works: [work] }), now);
    expect(summary(writes)).toEqual(['changeStatus MemberCluster']);
  });

  test('RG-40 then roles and bindings, the namespace last, and at the end the finalizer', () => {
    const { writes } = decide(seen(leaving, { existing: everything(leaving) }), now);
    expect(summary(writes)).toEqual([
      'changeStatus MemberCluster',
      'delete Role',
      'delete RoleBinding',
      'delete RoleBinding',
      'delete ClusterRole',
      'delete ClusterRoleBinding',
    ]);
    const [namespace] = everything(leaving);
    const last = decide(seen(leaving, { existing: [namespace] }), now);
    expect(summary(last.writes)).toEqual(['changeStatus MemberCluster', 'delete Namespace']);
    expect(decide(seen(leaving), now).writes).toMatchObject([
      { verb: 'update', object: { metadata: { finalizers: [] } } },
    ]);
  });

  test('RG-40 a member that asked to leave is deleted as if a person had done it', () => {
    const asked = member('m1', { ...accepted, status: { leaveRequestedTime: '2026-01-01T00:00:00Z' } });
    const { writes, notices } = decide(seen(asked, { existing: everything(asked) }), now);
    expect(writes).toMatchObject([{ verb: 'delete', ref: { name: 'm1' }, uid: 'uid-m1' }]);
    expect(notices.map(({ reason }) => reason)).toEqual(['LeaveRequested']);
  });

  test('RG-3 people are told once of each change that concerns them', () => {
    const first = decide(seen(accepted), now);
    expect(first.notices.map(({ reason }) => reason)).toEqual(['Accepted']);
    const [status] = first.writes.filter(({ verb }) => verb === 'changeStatus') as unknown as [
      { object: Stored<MemberCluster> },
    ];
    expect(decide(seen(status.object), now).notices).toEqual([]);
    const heard = decide(seen(status.object, { heardOf: true }), now);
    expect(heard.notices.map(({ reason }) => reason)).toEqual(['Joined']);
  });
});

describe('a hub that gives tokens', () => {
  const tokens = { askers: ['system:bootstrap:abcdef'], until: now + 60_000 };
  const hub = { hubUID: 'hub-1', tokens };
  const account = memberAccountName('uid-a');
  const objects = memberResources(accepted, hub);
  const named = (kind: string, name: string) =>
    objects.find(({ object }) => object.kind === kind && object.metadata.name === name)?.object as unknown as
      | { rules?: unknown; subjects?: { kind: string; name: string }[] }
      | undefined;
  const subjectsOf = (kind: string, name: string) =>
    named(kind, name)?.subjects?.map((each) => `${each.kind} ${each.name}`);
  const both = ['User quarterdeck:member:m1:uid-a', `ServiceAccount ${account}`];

  test('RG-7, RG-21 the account of an agent has what its certificate would give it, and its own token for a request', () => {
    expect(subjectsOf('RoleBinding', 'quarterdeck:member')).toEqual(both);
    expect(subjectsOf('RoleBinding', 'quarterdeck:member-secrets')).toEqual(both);
    expect(subjectsOf('ClusterRoleBinding', 'quarterdeck:member:m1')).toEqual(both);
    expect(named('Role', 'quarterdeck:member-token')?.rules).toEqual([
      { apiGroups: [''], resources: ['serviceaccounts/token'], resourceNames: [account], verbs: ['create'] },
    ]);
    expect(JSON.stringify(named('ClusterRole', 'quarterdeck:member:m1'))).not.toContain('certificatesigningrequests');
  });

  test('RG-7, RG-1 who was let in may fetch a token until that passes; then everything is looked at again', () => {
    expect(subjectsOf('RoleBinding', 'quarterdeck:member-token')).toEqual([...both, 'User system:bootstrap:abcdef']);
    const existing = objects.map(() => undefined);
    expect(decide(seen(accepted, { tokens, existing }), now).requeueAfterMs).toBe(60_000);
  });

  test('RG-7, RG-4 before a cluster is recorded there is no account; the one of a cluster that was replaced goes', () => {
    const unknown = member('m1', { metadata: accepted.metadata });
    expect(memberResources(unknown, hub).map(({ type }) => type.kind)).not.toContain('ServiceAccount');
    const stray = stored(ServiceAccount, 'quarterdeck-agent-old', { metadata: { namespace: 'member-m1' } });
    const { writes } = decide(
      seen(accepted, { tokens, existing: objects.map(() => undefined), strayAccounts: [stray] }),
      now,
    );
    expect(writes.filter(({ verb }) => verb === 'delete')).toMatchObject([{ ref: { name: 'quarterdeck-agent-old' } }]);
  });

  test('RG-7, RG-22 a denied member that still has Works renews no token', () => {
    const limited = memberResources(accepted, hub, 'withdraw').find(
      ({ object }) => object.kind === 'RoleBinding' && object.metadata.name === 'quarterdeck:member-token',
    );
    expect(limited?.object).toMatchObject({ subjects: [] });
  });
});

describe('a request that nothing comes of', () => {
  const minute = 60_000;
  const saidOf = (unanswered: NonNullable<Seen['unanswered']>, heardOf = false) => {
    const { writes } = decide(seen(accepted, { unanswered, heardOf, existing: everything(accepted) }), now);
    const last = writes.at(-1);
    const object = last === undefined || last.verb === 'delete' ? undefined : (last.object as MemberCluster);
    const found = object?.status?.conditions?.find(({ type }) => type === 'Joined');
    return [found?.reason, found?.message];
  };

  test('RG-7 shows in the condition Joined, with what to do', () => {
    expect(saidOf({ awaits: 'certificate', since: now - minute })).toEqual([
      'CertificateNotIssued',
      'the request of the agent was approved at 2025-12-31T23:59:00Z, and no certificate was issued: nothing on this hub signs client certificates; start the hub with --agent-identity token',
    ]);
    expect(saidOf({ awaits: 'token', since: now - minute })[0]).toBe('TokenNotUsed');
  });

  test('RG-7 after a minute, and not of an agent that was heard of', () => {
    const unanswered = { awaits: 'certificate', since: now - minute / 2 } as const;
    expect(saidOf(unanswered)[0]).toBe('AwaitingAgent');
    expect(decide(seen(accepted, { unanswered }), now).requeueAfterMs).toBe(minute / 2);
    expect(saidOf({ awaits: 'token', since: now - minute }, true)[0]).toBe('Joined');
  });
});
