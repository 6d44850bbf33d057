import {
  annotation,
  type CertificateSigningRequest,
  clusterNameOfUser,
  ignoreNotFound,
  MemberCluster,
  memberSignerName,
  Secret,
  type Stored,
} from '@quarterdeck/apis';
import { type Controller, createController, Result, watching } from '@quarterdeck/machinery';
import { cacheKey, type FleetCaches } from '../../../fleet/caches.ts';
import type { Fleet } from '../../../fleet/fleet.ts';
import { readJoinToken, tokenNamespace, tokenSecretName } from '../../../registration/join-token.ts';
import { announce, type Notice } from '../../announce.ts';
import { commit } from '../../writes.ts';
import { type Decision, decide, type Seen, subjectName } from './decide.ts';

/** Certificate requests of agents -> approved, denied, or waiting. RG-1 to RG-6 */
export function memberClusterRegistration(fleet: Fleet): Controller {
  const { caches, hubClient, clock } = fleet;
  const recorded = new Map<string, string>();
  const pending = () =>
    caches.requests
      .list()
      .filter(({ status }) => (status?.conditions ?? []).length === 0)
      .map(cacheKey);
  return createController({
    ...fleet,
    name: 'membercluster.registration',
    primary: caches.requests,
    watches: [
      // Acceptance, denial and a recorded identity decide what waits.
      watching(caches.members, (now, old) => (old?.spec.acceptance === now.spec.acceptance ? [] : pending())),
    ],
    reconciler: {
      async reconcile(key, context) {
        const request = caches.requests.get(key);
        if (request === undefined || request.spec.signerName !== memberSignerName) return Result.done;
        const seen = await observe(fleet, request, recorded);
        const { writes, verdict, reason } = decide(seen, clock.now());
        await commit(hubClient, writes, context.signal);
        if (verdict === 'Approved' && seen.member !== undefined) remember(recorded, request, seen.member.metadata.name);
        if (writes.length > 0) context.logger.info({ verdict, reason }, 'judged a certificate request');
        if (seen.member !== undefined) {
          const about = { ...fleet, ...context, now: clock.now(), controller: 'member-cluster' };
          await announce(about, seen.member, noticesOf(verdict, reason));
        }
        return Result.done;
      },
    },
  });
}

function noticesOf(verdict: Decision['verdict'], message: string): Notice[] {
  switch (verdict) {
    case 'Approved':
      return [{ type: 'Normal', reason: 'CertificateApproved', message }];
    case 'Denied':
      return [{ type: 'Warning', reason: 'JoinRefused', message }];
    case 'Waiting':
    case 'NotOurs':
      return [];
  }
}

/**
 * Members and tokens are read live: a denial is for ever, so it must not rest on a stale cache.
 * @param recorded cluster identities approved by this process, by member name: newer than the cache
 */
async function observe(
  { hubClient, caches }: Fleet,
  request: Stored<CertificateSigningRequest>,
  recorded: ReadonlyMap<string, string>,
): Promise<Seen> {
  const clusterName = clusterNameOfUser(subjectName(request) ?? '');
  const identity = request.metadata.annotations?.[annotation.clusterUID];
  const read = (name: string) => ignoreNotFound(hubClient.get(MemberCluster, { name }));
  const cached =
    identity === undefined
      ? undefined
      : caches.members.byIndex('identity', identity).find(({ metadata }) => metadata.name !== clusterName);
  const twinName = cached?.metadata.name ?? recorded.get(identity ?? '');
  const found = twinName === undefined || twinName === clusterName ? undefined : await read(twinName);
  return {
    request,
    member: clusterName === undefined ? undefined : await read(clusterName),
    twin: found?.status?.clusterUID === identity ? found : undefined,
    token: await readToken(hubClient, request.spec.username ?? ''),
    waiting: waitingBefore(caches, request),
  };
}

/** Requests of agents that came earlier and are not judged yet. RG-5 */
function waitingBefore({ requests }: FleetCaches, request: Stored<CertificateSigningRequest>): Seen['waiting'] {
  const age = ({ metadata }: Stored<CertificateSigningRequest>) => `${metadata.creationTimestamp} ${metadata.name}`;
  const older = requests
    .list()
    .filter(
      ({ spec, status, ...other }) =>
        spec.signerName === memberSignerName &&
        (status?.conditions ?? []).length === 0 &&
        age({ spec, ...other }) < age(request),
    );
  const wanted = subjectName(request);
  return {
    forName: older.filter((other) => subjectName(other) === wanted).length,
    byRequester: older.filter(({ spec }) => spec.username === request.spec.username).length,
  };
}

function remember(recorded: Map<string, string>, { metadata }: CertificateSigningRequest, clusterName: string): void {
  const identity = metadata.annotations?.[annotation.clusterUID];
  if (identity === undefined) return;
  if (recorded.size >= maxRecorded) recorded.clear(); // the cache has caught up long since
  recorded.set(identity, clusterName);
}

const maxRecorded = 1_000;

async function readToken(hubClient: Fleet['hubClient'], username: string): Promise<Seen['token']> {
  const [, id] = /^system:bootstrap:([a-z0-9]{6})$/.exec(username) ?? [];
  if (id === undefined) return undefined;
  const secret = await ignoreNotFound(hubClient.get(Secret, { namespace: tokenNamespace, name: tokenSecretName(id) }));
  const token = secret === undefined ? undefined : readJoinToken(secret);
  return secret === undefined || token === undefined ? undefined : { secret, token };
}
