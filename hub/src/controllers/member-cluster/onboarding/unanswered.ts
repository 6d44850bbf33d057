import {
  type CertificateSigningRequest,
  formatTime,
  type MemberCluster,
  MemberClusterReason,
  memberTokenSignerName,
  readMemberUser,
  type Stored,
} from '@quarterdeck/apis';
import type { EpochMs } from '@quarterdeck/machinery';
import { subjectName } from '../../../registration/subject.ts';
import { approvedAt } from './token-access.ts';

/** A request of this cluster that was approved and that nothing came of. */
export interface Unanswered {
  readonly awaits: 'certificate' | 'token';
  readonly since: EpochMs;
}

/** Signers take a moment, and so do agents. */
const patienceMs = 60_000;

/** The latest approved request of the recorded cluster, where it has no certificate; undefined: none, or it has one. RG-7 */
export function unansweredOf(
  member: Stored<MemberCluster>,
  requests: readonly CertificateSigningRequest[],
): Unanswered | undefined {
  const approved = requests.flatMap((request) => {
    const at = approvedAt(request);
    const isOurs = readMemberUser(subjectName(request) ?? '')?.clusterUID === member.status?.clusterUID;
    return at === undefined || !isOurs ? [] : [{ request, at }];
  });
  const latest = approved.sort((a, b) => b.at - a.at)[0];
  if (latest === undefined || latest.request.status?.certificate !== undefined) return undefined;
  const isFailed = latest.request.status?.conditions?.some(({ type }) => type === 'Failed') === true;
  if (isFailed) return undefined; // the agent is told, and asks again
  return {
    awaits: latest.request.spec.signerName === memberTokenSignerName ? 'token' : 'certificate',
    since: latest.at,
  };
}

/** When it is said that nothing comes of it; undefined: there is nothing to say. */
export const judgedAt = (unanswered: Unanswered | undefined): EpochMs | undefined =>
  unanswered === undefined ? undefined : unanswered.since + patienceMs;

export const isUnansweredLong = (unanswered: Unanswered | undefined, now: EpochMs): boolean =>
  unanswered !== undefined && now - unanswered.since >= patienceMs;

/** What is wrong, and what to do. */
export function unansweredText({ awaits, since }: Unanswered): { readonly reason: string; readonly message: string } {
  const approved = `the request of the agent was approved at ${formatTime(since)}`;
  if (awaits === 'certificate') {
    return {
      reason: MemberClusterReason.CertificateNotIssued,
      message: `${approved}, and no certificate was issued: nothing on this hub signs client certificates; start the hub with --agent-identity token`,
    };
  }
  return {
    reason: MemberClusterReason.TokenNotUsed,
    message: `${approved}, and it was not heard of with a token: see its log; it may have stopped, or this hub gives no tokens of service accounts`,
  };
}
