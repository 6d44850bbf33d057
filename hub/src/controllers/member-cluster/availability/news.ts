import { conditionType, isConditionTrue, type MemberCluster } from '@quarterdeck/apis';
import { clockVerdict } from './clock-skew.ts';

/**
 * Whether a heartbeat says anything that the member's conditions do not say already. The next visit of one that is heard of
 * is set for the moment when it will have been silent for too long, so that a heartbeat which is no news needs none. RG-30, CP-45
 * @param skewMs as for {@link clockVerdict}
 */
export function isNews({ status }: MemberCluster, skewMs: number | undefined): boolean {
  const { HubLeaseCurrent } = conditionType.MemberCluster;
  return (
    !isConditionTrue(status?.conditions, HubLeaseCurrent) || clockVerdict(status?.conditions, skewMs) !== undefined
  );
}
