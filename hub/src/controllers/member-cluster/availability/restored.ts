import {
  annotation,
  type Condition,
  type ConditionChange,
  conditionType,
  findCondition,
  type MemberCluster,
  MemberClusterReason,
} from '@quarterdeck/apis';

const type = conditionType.MemberCluster.FollowsHub;

/**
 * Whether the agent may follow this hub, by what both go by: the annotations that the hub wrote as it found itself restored, and
 * that `hub confirm-restore` wrote. RG-10
 * @returns undefined when the hub did not come back from a backup since the member came, or nothing new is to be said
 */
export function restoreVerdict(
  { metadata }: MemberCluster,
  conditions: readonly Condition[] | undefined,
): ConditionChange | undefined {
  const [epoch, since] = (metadata.annotations?.[annotation.hubEpoch] ?? '').split(' ');
  if (!epoch || !since) return undefined;
  const [, confirmed] = (metadata.annotations?.[annotation.restoreConfirmed] ?? '').split(' ');
  if (confirmed === epoch) {
    const isSaid = findCondition(conditions, type)?.status === 'True';
    return isSaid ? undefined : { type, status: 'True', reason: MemberClusterReason.RestoreConfirmed, message: '' };
  }
  const message = `the data of this hub came back from a backup at ${since}: the agent takes nothing off its cluster, and follows no Work that is older than what it delivered (reason HubRestored); deliver again what the backup does not know, then: quarterdeck hub confirm-restore`;
  return { type, status: 'False', reason: MemberClusterReason.HubRestored, message };
}
