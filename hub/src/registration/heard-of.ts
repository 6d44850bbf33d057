import { conditionType, isConditionTrue, type MemberCluster } from '@quarterdeck/apis';

/**
 * Whether an agent of the cluster has ever used an identity of its own here. Joined is False for a while where the member was
 * denied, or waits for something; what its agent told of itself stays.
 */
export const hasBeenHeardOf = ({ status }: MemberCluster): boolean =>
  status?.agent !== undefined || isConditionTrue(status?.conditions, conditionType.MemberCluster.Joined);
