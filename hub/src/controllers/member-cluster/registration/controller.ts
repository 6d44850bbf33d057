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
import { cacheKey } from '../../../fleet/caches.ts';
import type { Fleet } from '../../../fleet/fleet.ts';
import { readJoinToken, tokenNamespace, tokenSecretName } from '../../../registration/join-token.ts';
import { commit } from '../../writes.ts';
import { decide, type Seen, subjectName } from './decide.ts';

/** Certificate requests of agents -> approved, denied, or waiting. RG-1 to RG-6 */
export function memberClusterRegistration(fleet: Fleet): Controller {
  const { caches, hubClient, clock } = fleet;
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
        const { writes, verdict, reason } = decide(await observe(fleet, request), clock.now());
        await commit(hubClient, writes, context.signal);
        if (writes.length > 0) context.logger.info({ verdict, reason }, 'judged a certificate request');
        return Result.done;
      },
    },
  });
}

/** Members and tokens are read live: a denial is for ever, so it must not rest on a stale cache. */
async function observe({ hubClient, caches }: Fleet, request: Stored<CertificateSigningRequest>): Promise<Seen> {
  const clusterName = clusterNameOfUser(subjectName(request) ?? '');
  const identity = request.metadata.annotations?.[annotation.clusterUID];
  const member =
    clusterName === undefined ? undefined : await ignoreNotFound(hubClient.get(MemberCluster, { name: clusterName }));
  const twin =
    identity === undefined
      ? undefined
      : caches.members
          .list()
          .find(({ metadata, status }) => status?.clusterUID === identity && metadata.name !== clusterName);
  return { request, member, twin, token: await readToken(hubClient, request.spec.username ?? '') };
}

async function readToken(hubClient: Fleet['hubClient'], username: string): Promise<Seen['token']> {
  const [, id] = /^system:bootstrap:([a-z0-9]{6})$/.exec(username) ?? [];
  if (id === undefined) return undefined;
  const secret = await ignoreNotFound(hubClient.get(Secret, { namespace: tokenNamespace, name: tokenSecretName(id) }));
  const token = secret === undefined ? undefined : readJoinToken(secret);
  return secret === undefined || token === undefined ? undefined : { secret, token };
}
