import {
  type Condition,
  conditionType,
  findCondition,
  type MemberCluster,
  MemberClusterReason,
  type Stored,
  setCondition,
  Work,
  WorkReason,
} from '@quarterdeck/apis';
import type { EpochMs } from '@quarterdeck/machinery';
import { isTerminating } from '../../metadata.ts';
import { updateStatus, type Write } from '../../writes.ts';

export interface Seen {
  readonly work: Stored<Work>;
  /** Whose namespace the Work is in; undefined: nobody's. */
  readonly member: Stored<MemberCluster> | undefined;
}

export interface Decision {
  readonly writes: readonly Write[];
}

/**
 * Conditions of a Work of a lost member become Unknown; what the agent said of each manifest stays. WK-39, DL-24
 *
 * Once for each loss: only conditions that are older than it are touched. An agent that still gets its reports through, or
 * that came back a moment ago, has the last word, and the two never write in turns. Pure and total.
 */
export function decide({ work, member }: Seen, now: EpochMs): Decision {
  const lease = findCondition(member?.status?.conditions, conditionType.MemberCluster.HubLeaseCurrent);
  const isLost = lease?.status === 'False' && lease.reason === MemberClusterReason.LeaseNotRenewed;
  const before = work.status?.conditions ?? [];
  if (!isLost || isTerminating(work)) return { writes: [] };
  const stale = before.filter(
    ({ type, status, lastTransitionTime }) =>
      status !== 'Unknown' &&
      type in conditionType.Work &&
      Date.parse(lastTransitionTime) <= Date.parse(lease.lastTransitionTime),
  );
  if (stale.length === 0) return { writes: [] };
  const conditions = stale.reduce<readonly Condition[]>(
    (list, condition) => setCondition(list, unknown(condition), now),
    before,
  );
  return { writes: [updateStatus(Work, { ...work, status: { ...work.status, conditions: [...conditions] } })] };
}

/** The hub observes no generation: that of the last report stays. */
const unknown = ({ type, observedGeneration }: Condition) => ({
  type,
  status: 'Unknown' as const,
  reason: WorkReason.AgentUnreachable,
  message: 'the hub has lost contact with the member; what stands there stays',
  ...(observedGeneration === undefined ? {} : { observedGeneration }),
});
