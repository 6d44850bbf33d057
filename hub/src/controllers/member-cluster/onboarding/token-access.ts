import {
  type CertificateSigningRequest,
  type MemberCluster,
  memberTokenSignerName,
  readMemberUser,
  type Stored,
} from '@quarterdeck/apis';
import type { EpochMs } from '@quarterdeck/machinery';
import { subjectName } from '../../../registration/subject.ts';

/** Who may ask for tokens of the agent's account beside the agent itself. RG-7 */
export interface TokenAccess {
  /** User names of those whose request for this cluster was approved a moment ago, in order, each once. */
  readonly askers: readonly string[];
  /** When the first of them may no longer; undefined: there are none. */
  readonly until: EpochMs | undefined;
}

/** For how long who was let in may fetch the first token: an agent that died in between asks again. */
const fetchWithinMs = 10 * 60_000;

/** When a request was approved; undefined: it was not. */
export function approvedAt({ status }: CertificateSigningRequest): EpochMs | undefined {
  const approval = status?.conditions?.find(({ type, status: is }) => type === 'Approved' && is === 'True');
  const at = Date.parse(approval?.lastUpdateTime ?? approval?.lastTransitionTime ?? '');
  return Number.isNaN(at) ? undefined : at;
}

/**
 * Whom an approved request lets fetch a token: nothing signs such a request, the right to ask for the token is its answer.
 * Pure and total. RG-1, RG-7
 * @param requests those that name this member
 */
export function tokenAccess(
  member: Stored<MemberCluster>,
  requests: readonly CertificateSigningRequest[],
  now: EpochMs,
): TokenAccess {
  const open = requests.flatMap((request) => {
    const at = approvedAt(request);
    const { signerName, username } = request.spec;
    if (signerName !== memberTokenSignerName || username === undefined || at === undefined) return [];
    // Of another cluster, that this one replaced or that was refused: not its account. RG-4
    if (readMemberUser(subjectName(request) ?? '')?.clusterUID !== member.status?.clusterUID) return [];
    return at + fetchWithinMs > now ? [{ username, until: at + fetchWithinMs }] : [];
  });
  return {
    askers: [...new Set(open.map(({ username }) => username))].sort(),
    until: open.length === 0 ? undefined : Math.min(...open.map(({ until }) => until)),
  };
}
