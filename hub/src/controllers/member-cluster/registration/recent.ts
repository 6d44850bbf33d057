/** What this process has just written, as long as the cache may not show it. */
export interface Recent {
  /** The certificate of a cluster was approved under this name. */
  approved(clusterName: string, clusterUID: string): void;
  /** The name under which a cluster was approved; undefined: not lately. RG-4 */
  nameOf(clusterUID: string): string | undefined;
  /** A rule is about to accept a cluster. */
  accepted(clusterName: string, rule: string): void;
  /** It did not come to that: no MemberCluster was made. */
  notMade(clusterName: string): void;
  /** How many clusters a rule has accepted: those that the cache shows, and those that it does not show yet. RG-3 */
  countOf(rule: string, shown: readonly string[], isShown: (clusterName: string) => boolean): number;
}

const maxKept = 10_000;

export function createRecent(): Recent {
  const names = new Map<string, string>();
  const rules = new Map<string, string>();
  const keep = (map: Map<string, string>, key: string, value: string) => {
    if (map.size >= maxKept) map.clear(); // the cache has caught up long since
    map.set(key, value);
  };
  return {
    approved: (clusterName, clusterUID) => keep(names, clusterUID, clusterName),
    nameOf: (clusterUID) => names.get(clusterUID),
    accepted: (clusterName, rule) => keep(rules, clusterName, rule),
    notMade: (clusterName) => void rules.delete(clusterName),
    countOf(rule, shown, isShown) {
      const counted = new Set(shown);
      for (const [clusterName, by] of rules) {
        if (isShown(clusterName)) rules.delete(clusterName);
        else if (by === rule) counted.add(clusterName);
      }
      return counted.size;
    },
  };
}
