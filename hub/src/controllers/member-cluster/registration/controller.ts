import {
  type CertificateSigningRequest,
  ignoreNotFound,
  MemberCluster,
  memberSignerName,
  memberTokenSignerName,
  readMemberUser,
  Secret,
  type Stored,
} from '@quarterdeck/apis';
import { type Controller, createController, Result, watching } from '@quarterdeck/machinery';
import { cacheKey, type FleetCaches } from '../../../fleet/caches.ts';
import type { Fleet } from '../../../fleet/fleet.ts';
import { ruleSource } from '../../../registration/acceptance-rules.ts';
import { readJoinToken, tokenNamespace, tokenSecretName, tokenSource } from '../../../registration/join-token.ts';
import { subjectName } from '../../../registration/subject.ts';
import { announce, type Notice } from '../../announce.ts';
import { createTurns } from '../../turns.ts';
import { commit } from '../../writes.ts';
import { isRefusal, lacksRights } from './creation-refusal.ts';
import { type Decision, decide, makesMember, refuse } from './decide.ts';
import { createRecent } from './recent.ts';
import type { Seen } from './seen.ts';

/** Requests of different clusters have nothing to do with each other. */
const concurrency = 8;

/** Certificate requests of agents -> approved, denied, or waiting. RG-1 to RG-6 */
export function memberClusterRegistration(fleet: Fleet): Controller {
  const { caches, clock } = fleet;
  const recent = createRecent();
  const turns = createTurns();
  /** Requests of which people were told why they wait. RG-5 */
  const told = new Set<string>();
  const isOpen = ({ status }: CertificateSigningRequest) => (status?.conditions ?? []).length === 0;
  const pending = () => caches.requests.list().filter(isOpen).map(cacheKey);
  return createController({
    ...fleet,
    name: 'membercluster.registration',
    primary: caches.requests,
    concurrency,
    watches: [
      // Acceptance, denial and a recorded identity decide what waits; rules too.
      watching(caches.members, (now, old) => {
        if (old?.spec.acceptance === now.spec.acceptance) return [];
        return caches.requests.byIndex('cluster', now.metadata.name).filter(isOpen).map(cacheKey);
      }),
      watching(caches.acceptanceRules, pending),
    ],
    reconciler: {
      async reconcile(key, context) {
        const request = caches.requests.get(key);
        if (request === undefined || !isOpen(request) || !isOurSigner(caches, request)) return Result.done;
        const claim = claimOf(request);
        // Two requests for one name, or by one cluster, are judged one after the other.
        const inTurn = claim === undefined ? [] : [claim.clusterName, claim.clusterUID];
        await turns.take(inTurn, async () => {
          const seen = await observe(fleet, request, recent);
          const decided = decide(seen, clock.now());
          if (claim !== undefined && decided.rule !== undefined) recent.accepted(claim.clusterName, decided.rule);
          const notice = { ...fleet, ...context, now: clock.now(), controller: 'member-cluster' };
          /** Once, of what is tried again and again. */
          const tellOnce = async (message: string, reason: string): Promise<boolean> => {
            if (told.has(request.metadata.uid)) return false;
            if (told.size >= maxTold) told.clear();
            told.add(request.metadata.uid);
            await announce(notice, request, [{ type: 'Warning', reason, message }]);
            return true;
          };
          const refused = await carryOut(fleet, decided, context.signal).catch(async (error: unknown) => {
            if (lacksRights(error))
              await tellOnce(`the hub may not register the cluster: ${error.message}`, 'NotAllowed');
            throw error;
          });
          if (claim !== undefined && refused !== undefined) recent.notMade(claim.clusterName);
          const decision = refused === undefined ? decided : refuse(request, refused, clock.now());
          if (refused !== undefined) await commit(fleet, decision.writes, context.signal);
          const { writes, verdict, reason } = decision;
          if (claim !== undefined && verdict === 'Approved') recent.approved(claim.clusterName, claim.clusterUID);
          if (writes.length > 0) context.logger.info({ verdict, reason }, 'judged a certificate request');
          // Of a refusal for a name that is not registered nothing else would tell: `describe` of a request shows no reason.
          const about = seen.member ?? (verdict === 'Denied' ? request : undefined);
          if (about !== undefined) await announce(notice, about, noticesOf(decision, seen));
          if (verdict === 'Unknown' && (await tellOnce(reason, 'NotExpected'))) {
            context.logger.info({ verdict, reason }, 'a certificate request is not judged');
          }
        });
        return Result.done;
      },
    },
  });
}

const maxTold = 1_000;

/**
 * @returns why the hub makes no such MemberCluster: what a token gives is not valid, or admission does not take it. It ends no
 * other way if it is tried again, so the cluster is to be told. Undefined: it is done
 */
async function carryOut(fleet: Fleet, { writes }: Decision, signal: AbortSignal): Promise<string | undefined> {
  const at = writes.findIndex((write) => makesMember([write]));
  if (at < 0) {
    await commit(fleet, writes, signal);
    return undefined;
  }
  await commit(fleet, writes.slice(0, at), signal);
  try {
    await commit(fleet, writes.slice(at, at + 1), signal);
  } catch (error) {
    if (isRefusal(error)) return error.message;
    throw error;
  }
  await commit(fleet, writes.slice(at + 1), signal);
  return undefined;
}

/** The signer of agents' certificates, and those that a rule names. RG-3 */
function isOurSigner({ acceptanceRules }: FleetCaches, { spec }: CertificateSigningRequest): boolean {
  return (
    spec.signerName === memberSignerName ||
    spec.signerName === memberTokenSignerName ||
    acceptanceRules.list().some((rule) => rule.spec.signerNames.includes(spec.signerName))
  );
}

const claimOf = (request: CertificateSigningRequest) => readMemberUser(subjectName(request) ?? '');

function noticesOf({ verdict, reason }: Decision, { member, request }: Seen): Notice[] {
  switch (verdict) {
    case 'Approved': {
      const approved: Notice = { type: 'Normal', reason: 'CertificateApproved', message: reason };
      const before = member?.status?.clusterUID;
      const uid = claimOf(request)?.clusterUID;
      if (before === undefined || before === uid) return [approved];
      const message = `the cluster ${uid} took the name over from ${before}, whose certificate or token is good for nothing now`;
      return [{ type: 'Warning', reason: 'Replaced', message }, approved];
    }
    case 'Denied':
      return [{ type: 'Warning', reason: 'JoinRefused', message: reason }];
    case 'Waiting':
    case 'OtherMake':
    case 'Unknown':
    case 'NotOurs':
      return [];
  }
}

/**
 * Members and tokens are read live: a denial is for ever, so it must not rest on a stale cache.
 * @param recent what this process has written: newer than the cache
 */
async function observe(
  { hubClient, caches, hubUID, hubEpoch, agentIdentity }: Fleet,
  request: Stored<CertificateSigningRequest>,
  recent: ReturnType<typeof createRecent>,
): Promise<Seen> {
  const claim = claimOf(request);
  const read = (name: string) => ignoreNotFound(hubClient.get(MemberCluster, { name }));
  const twinName =
    claim === undefined
      ? undefined
      : (caches.members
          .byIndex('identity', claim.clusterUID)
          .find(({ metadata }) => metadata.name !== claim.clusterName)?.metadata.name ??
        recent.nameOf(claim.clusterUID));
  const found = twinName === undefined || twinName === claim?.clusterName ? undefined : await read(twinName);
  const token = await readToken(hubClient, request.spec.username ?? '');
  const member = claim === undefined ? undefined : await read(claim.clusterName);
  const rules = caches.acceptanceRules.list().map((rule) => {
    const { name } = rule.metadata;
    const accepted = caches.members.byIndex('acceptedBy', ruleSource(name)).map(({ metadata }) => metadata.name);
    return { rule, clusters: recent.countOf(name, accepted, (member) => caches.members.get(member) !== undefined) };
  });
  return {
    request,
    member,
    twin: found?.status?.clusterUID === claim?.clusterUID ? found : undefined,
    token,
    rules,
    hubUID,
    gives: agentIdentity,
    hubEpoch: hubEpoch?.(),
    waiting: waitingBefore(caches, request, token),
  };
}

/** Requests of agents that came earlier and are not judged yet, and clusters that came the same way. RG-5 */
function waitingBefore(
  { requests, members }: FleetCaches,
  request: Stored<CertificateSigningRequest>,
  token: Seen['token'],
): Seen['waiting'] {
  const age = ({ metadata }: Stored<CertificateSigningRequest>) => `${metadata.creationTimestamp} ${metadata.name}`;
  const isOlder = (other: Stored<CertificateSigningRequest>) =>
    other.spec.signerName === request.spec.signerName &&
    (other.status?.conditions ?? []).length === 0 &&
    age(other) < age(request);
  const source = token === undefined ? undefined : tokenSource(token.token.id);
  const clusterName = claimOf(request)?.clusterName ?? '';
  return {
    forName: requests.byIndex('cluster', clusterName).filter(isOlder).length,
    byRequester: requests.byIndex('requester', request.spec.username ?? '').filter(isOlder).length,
    pending:
      source === undefined
        ? 0
        : members.byIndex('requestedBy', source).filter(({ spec }) => spec.acceptance === 'Pending').length,
  };
}

async function readToken(hubClient: Fleet['hubClient'], username: string): Promise<Seen['token']> {
  const [, id] = /^system:bootstrap:([a-z0-9]{6})$/.exec(username) ?? [];
  if (id === undefined) return undefined;
  const secret = await ignoreNotFound(hubClient.get(Secret, { namespace: tokenNamespace, name: tokenSecretName(id) }));
  const token = secret === undefined ? undefined : readJoinToken(secret);
  return secret === undefined || token === undefined ? undefined : { secret, token };
}
