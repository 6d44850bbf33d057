import type { GroupVersionKind, HealthRule, Stored } from '@quarterdeck/apis';

/** A kind at whatever version. */
export type Kind = Pick<GroupVersionKind, 'group' | 'kind'>;

const kindKey = ({ group, kind }: Kind): string => `${kind}.${group}`;

/**
 * What rules come to, by kind, made anew only when they changed. Of two rules for one kind the first by name counts. DL-22, DL-23
 * @param read undefined: the rule says nothing of this
 */
export function rulesByKind<T>(
  rules: () => readonly Stored<HealthRule>[],
  read: (rule: Stored<HealthRule>) => T | undefined,
): (kind: Kind) => T | undefined {
  let seen: readonly Stored<HealthRule>[] = [];
  let byKind = new Map<string, T>();
  return (kind) => {
    const now = rules().toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
    if (now.length !== seen.length || now.some((rule, index) => rule !== seen[index])) {
      byKind = new Map();
      for (const rule of now) {
        const key = kindKey(rule.spec.target);
        const made = byKind.has(key) ? undefined : read(rule);
        if (made !== undefined) byKind.set(key, made);
      }
      seen = now;
    }
    return byKind.get(kindKey(kind));
  };
}
