import {
  conditionType,
  findCondition,
  type MemberCluster,
  MemberClusterReason,
  memberLeaseDurationSeconds,
  type Stored,
  setCondition,
} from '@quarterdeck/apis';
import type { EpochMs } from '@quarterdeck/machinery';
import type { Notice } from '../../announce.ts';
import { changeMemberStatus, type Write } from '../../writes.ts';

/** An agent that waits while another one of its cluster acts, as far as its Lease tells. */
export interface Standby {
  /** How it calls itself: host, process. */
  readonly holder: string;
  /** For how long its Lease has not been seen to change, milliseconds, by a clock that does not jump. */
  readonly silentMs: number;
  /** Whether its Lease was seen to change at all: one that is only there may be of long ago. */
  readonly isAlive: boolean;
}

export interface Seen {
  readonly member: Stored<MemberCluster>;
  readonly standby: Standby | undefined;
}

export interface Decision {
  readonly writes: readonly Write[];
  readonly notices: readonly Notice[];
  readonly requeueAfterMs: number | undefined;
}

const type = conditionType.MemberCluster.OneAgent;
const nothing: Decision = { writes: [], notices: [], requeueAfterMs: undefined };

/**
 * Whether one agent alone speaks for a cluster. Said when a second one is heard of, taken back when it has been silent for as
 * long as a lost member; written on change only, though the second one goes on renewing its Lease. Pure and total. RG-11
 */
export function decide({ member, standby }: Seen, now: EpochMs): Decision {
  const before = findCondition(member.status?.conditions, type);
  const leftMs = standby === undefined ? 0 : memberLeaseDurationSeconds * 1000 - standby.silentMs;
  if (leftMs > 0 && standby !== undefined) {
    const wait = { ...nothing, requeueAfterMs: leftMs };
    if (!standby.isAlive || before?.status === 'False') return wait;
    const message = `a second agent of this cluster runs: ${standby.holder}. It does nothing and takes over when the one that acts ends, which the Lease quarterdeck-system/quarterdeck-agent of the cluster names. An update passes by itself; else stop one of them`;
    const notices: Notice[] = [{ type: 'Warning', reason: MemberClusterReason.SecondAgent, message }];
    return { ...wait, notices, writes: said(member, { status: 'False', reason: 'SecondAgent', message }, now) };
  }
  if (before?.status !== 'False') return nothing;
  const notices: Notice[] = [{ type: 'Normal', reason: 'OneAgent', message: 'the second agent is gone' }];
  return { ...nothing, notices, writes: said(member, { status: 'True', reason: 'OneAgent', message: '' }, now) };
}

interface Verdict {
  readonly status: 'True' | 'False';
  readonly reason: keyof Pick<typeof MemberClusterReason, 'OneAgent' | 'SecondAgent'>;
  readonly message: string;
}

function said(member: Stored<MemberCluster>, { reason, ...rest }: Verdict, now: EpochMs): Write[] {
  const observedGeneration = member.metadata.generation ?? 0;
  const change = { type, reason: MemberClusterReason[reason], ...rest, observedGeneration };
  const conditions = setCondition(member.status?.conditions, change, now);
  return changeMemberStatus(member, { ...member.status, conditions });
}
