import type { MemberCluster } from '@quarterdeck/apis';
import { equalParts } from '../equal.ts';
import { isMoreThanStatus } from '../metadata.ts';

/**
 * Whether anything but the room on a member has changed: its nodes, and what they can give and have given away. That is nearly
 * all that a member which lives reports, and scheduling alone reads it. RG-32, CI-27
 */
export function isMoreThanRoom(now: MemberCluster, old: MemberCluster): boolean {
  return isMoreThanStatus(now, old) || !equalParts(withoutRoom(now), withoutRoom(old));
}

function withoutRoom({ status = {} }: MemberCluster) {
  const { nodes, capacity, allocatable, requested, nodeGroups, capacityObservedTime, ...others } = status;
  return others;
}
