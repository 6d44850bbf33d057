import type { ClusterRole, RbacRule, Stored } from '@quarterdeck/apis';

/** A role that others are gathered into. */
export interface Observed {
  readonly role: Stored<ClusterRole>;
  /** Roles that its selectors match, itself excluded; in any order. */
  readonly parts: readonly Stored<ClusterRole>[];
}

/**
 * The role with the rules of its parts, by name of the part, equal ones once; undefined when it has them already.
 * Whatever somebody wrote into its rules by hand goes. KA-128
 */
export function decide({ role, parts }: Observed): Stored<ClusterRole> | undefined {
  const byName = [...parts].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  const rules = new Map<string, RbacRule>();
  for (const rule of byName.flatMap((part) => part.rules ?? [])) rules.set(identity(rule), rule);
  const wanted = [...rules.values()];
  const present = role.rules ?? [];
  const isSame =
    wanted.length === present.length && present.every((rule, i) => identity(rule) === identityOf(wanted[i]));
  return isSame ? undefined : { ...role, rules: wanted };
}

const identityOf = (rule: RbacRule | undefined) => (rule === undefined ? '' : identity(rule));

/** Rules that say the same in the same order. */
function identity({
  verbs,
  apiGroups = [],
  resources = [],
  resourceNames = [],
  nonResourceURLs = [],
}: RbacRule): string {
  return [verbs, apiGroups, resources, resourceNames, nonResourceURLs]
    .map((list) => list.join('\u0000'))
    .join('\u0001');
}
