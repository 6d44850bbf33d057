import type { WorkSet } from '@quarterdeck/apis';

/** Whether nothing is delivered to, nor withdrawn from, a cluster for now. DL-11 */
export function isSuspended({ spec: { suspend } }: WorkSet, clusterName: string): boolean {
  if (suspend === undefined) return false;
  return suspend.clusterNames === undefined || suspend.clusterNames.includes(clusterName);
}
