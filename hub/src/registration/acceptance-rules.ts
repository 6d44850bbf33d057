import type { AcceptanceRule, MemberCluster, Stored } from '@quarterdeck/apis';
import { matchesName } from './name-pattern.ts';

/** A rule, and how many clusters that it accepted are registered now. */
export interface RuleInUse {
  readonly rule: Stored<AcceptanceRule>;
  readonly clusters: number;
}

/** What a rule is asked about: one certificate request. */
export interface Asked {
  readonly username: string;
  readonly groups: readonly string[];
  readonly clusterName: string;
  readonly signerName: string;
}

/** How an AcceptanceRule is named as what accepted a MemberCluster. RG-3 */
export const ruleSource = (name: string): string => `AcceptanceRule/${name}`;

/** The rules that let this request in, by name, full ones among them. None: nothing lets it in. RG-3 */
export function matchingRules(rules: readonly RuleInUse[], asked: Asked): RuleInUse[] {
  return rules
    .filter(({ rule: { metadata, spec } }) => {
      if (metadata.deletionTimestamp !== undefined) return false;
      const isRequester = spec.requesters.some(({ kind, name }) =>
        kind === 'User' ? name === asked.username : asked.groups.includes(name),
      );
      return (
        isRequester &&
        spec.signerNames.includes(asked.signerName) &&
        spec.clusterNames.some((pattern) => matchesName(pattern, asked.clusterName))
      );
    })
    .sort((a, b) => (a.rule.metadata.name < b.rule.metadata.name ? -1 : 1));
}

/** Whether the rule may accept one cluster more. */
export const hasRoom = ({ rule, clusters }: RuleInUse): boolean => clusters < rule.spec.maxClusters;

/** What a rule gives, on top of what a MemberCluster has already: its own labels and taints stay. */
export function acceptedBy({ rule }: RuleInUse, member: Pick<MemberCluster, 'metadata' | 'spec'>) {
  const { clusterSet, labels, taints = [] } = rule.spec;
  const own = member.spec.taints ?? [];
  const isOwn = (key: string, effect: string) => own.some((taint) => taint.key === key && taint.effect === effect);
  const all = [...own, ...taints.filter(({ key, effect }) => !isOwn(key, effect))];
  return {
    labels: { ...labels, ...member.metadata.labels },
    spec: {
      ...member.spec,
      acceptance: 'Accepted' as const,
      clusterSet,
      ...(all.length === 0 ? {} : { taints: all }),
    },
  };
}
