import {
  type KubeObject,
  type MemberCluster,
  memberAccountName,
  memberLeaseName,
  memberNamespaceName,
  readMemberUser,
  type Stored,
} from '@quarterdeck/apis';
import { type Controller, createController, type Informer, Result, watching } from '@quarterdeck/machinery';
import { cacheKey, type FleetCaches, memberOfProfile, membersOf } from '../../../fleet/caches.ts';
import type { Fleet } from '../../../fleet/fleet.ts';
import { subjectName } from '../../../registration/subject.ts';
import { announce, type Notice } from '../../announce.ts';
import { isTerminating } from '../../metadata.ts';
import { commit } from '../../writes.ts';
import { isMoreThanRoom } from '../room.ts';
import { decide, type Seen } from './decide.ts';
import { memberResources } from './resources.ts';
import { createTokenSearch } from './spent-tokens.ts';
import { tokenAccess } from './token-access.ts';
import { unansweredOf } from './unanswered.ts';

/** Members have nothing to do with each other. */
const concurrency = 8;

/** MemberClusters -> namespace, roles and bindings on the hub; and all of it back again. RG-20 to RG-22, RG-40 */
export function memberClusterOnboarding(fleet: Fleet): Controller {
  const { caches, clock } = fleet;
  const byLabel = (object: Stored<KubeObject>) => membersOf(caches, object);
  const tokens = createTokenSearch(fleet);
  return createController({
    ...fleet,
    name: 'membercluster.onboarding',
    primary: caches.members,
    // Not what it reports of its nodes and pods, in most minutes nothing else.
    concerns: (now, old) => isMoreThanRoom(now as Stored<MemberCluster>, old as Stored<MemberCluster>),
    concurrency,
    watches: [
      watching(caches.namespaces, byLabel),
      watching(caches.roles, byLabel),
      watching(caches.roleBindings, byLabel),
      watching(caches.clusterRoles, byLabel),
      watching(caches.clusterRoleBindings, byLabel),
      // Only of members that leave, or are denied, is it awaited that Works go, and that they are marked to go.
      watching(caches.works, (now, old) =>
        now.metadata.deletionTimestamp !== undefined || old === undefined
          ? membersIn(caches, now.metadata.namespace).filter((key) => isWithdrawing(caches, key))
          : [],
      ),
      // What was approved lets its requester fetch a token; what is approved and unanswered is told. RG-7
      watching(caches.requests, (request) => {
        const claim = readMemberUser(subjectName(request) ?? '');
        return claim === undefined ? [] : [claim.clusterName];
      }),
      ...(caches.accounts === undefined ? [] : [watching(caches.accounts, byLabel)]),
      // One that somebody else's finalizer holds up is told of.
      watching(caches.profiles, (now, old) =>
        old === undefined || isTerminating(now) ? memberOfProfile(caches, now) : [],
      ),
      watching(caches.leases, ({ metadata }, old) => (old === undefined ? membersIn(caches, metadata.namespace) : [])),
    ],
    reconciler: {
      async reconcile(key, context) {
        const member = caches.members.get(key);
        if (member === undefined) return Result.done;
        const { spentTokens, lookAgainMs } = await tokens.spentBy(member);
        const { writes, notices, requeueAfterMs } = decide({ ...observe(fleet, member), spentTokens }, clock.now());
        const tell = (about: readonly Notice[]) =>
          announce({ ...fleet, ...context, now: clock.now(), controller: 'member-cluster' }, member, about);
        // A warning comes before what it warns of, which may be the end of the object; good news when it is true.
        await tell(notices.filter(({ type }) => type === 'Warning'));
        await commit(fleet, writes, context.signal);
        await tell(notices.filter(({ type }) => type === 'Normal'));
        const waits = [requeueAfterMs, lookAgainMs].filter((ms) => ms !== undefined);
        return waits.length === 0 ? Result.done : Result.after(Math.min(...waits));
      },
    },
  });
}

function isWithdrawing({ members }: FleetCaches, key: string): boolean {
  const member = members.get(key);
  return member === undefined || isTerminating(member) || member.spec.acceptance !== 'Accepted';
}

function membersIn(caches: FleetCaches, namespace: string | undefined): string[] {
  return caches.members.byIndex('namespace', namespace ?? '').map(cacheKey);
}

function observe(
  { caches, hubUID, hubEpoch, agentIdentity, clock }: Fleet,
  member: Stored<MemberCluster>,
): Omit<Seen, 'spentTokens'> {
  const namespace = memberNamespaceName(member.metadata.name);
  const requests = caches.requests.byIndex('cluster', member.metadata.name);
  const tokens = agentIdentity === 'token' ? tokenAccess(member, requests, clock.now()) : undefined;
  const informers: Readonly<Record<string, Informer<KubeObject>>> = {
    Namespace: caches.namespaces,
    Role: caches.roles,
    RoleBinding: caches.roleBindings,
    ClusterRole: caches.clusterRoles,
    ClusterRoleBinding: caches.clusterRoleBindings,
    ...(caches.accounts === undefined ? {} : { ServiceAccount: caches.accounts }),
  };
  const account = memberAccountName(member.status?.clusterUID ?? '');
  const accounts = caches.accounts?.byIndex('namespace', namespace) ?? [];
  return {
    member,
    hubUID,
    ...(hubEpoch === undefined ? {} : { hubEpoch: hubEpoch() }),
    existing: memberResources(member, { hubUID, tokens }).map(({ type, object }) =>
      informers[type.kind]?.get(cacheKey(object as Stored<KubeObject>)),
    ),
    works: caches.works.byIndex('namespace', namespace),
    profiles: caches.profiles.byIndex('member', member.metadata.name),
    tokens,
    strayAccounts: accounts.filter(({ metadata }) => metadata.name !== account),
    unanswered: unansweredOf(member, requests),
    lastAsked: lastAsked(caches, member.metadata.name),
    heardOf: caches.leases.get(`${namespace}/${memberLeaseName}`) !== undefined,
  };
}

function lastAsked({ requests }: FleetCaches, clusterName: string): number | undefined {
  const times = requests.byIndex('cluster', clusterName).map(({ metadata }) => Date.parse(metadata.creationTimestamp));
  return times.length === 0 ? undefined : Math.max(...times);
}
