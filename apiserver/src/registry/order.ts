/** Built-in groups in the order discovery lists them; all others follow by name. KA-13 */
const builtinGroups = [
  '',
  'apps',
  'events.k8s.io',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'batch',
  'certificates.k8s.io',
  'rbac.authorization.k8s.io',
  'apiextensions.k8s.io',
  'coordination.k8s.io',
];

/** Orders API groups for discovery: core first, built-in ones in a fixed order, the rest by name. KA-13 */
export function compareGroups(a: string, b: string): number {
  return rank(a) - rank(b) || (a < b ? -1 : a > b ? 1 : 0);
}

function rank(group: string): number {
  const index = builtinGroups.indexOf(group);
  return index === -1 ? builtinGroups.length : index;
}

interface Priority {
  /** 2 stable, 1 beta, 0 alpha; -1 not a Kubernetes version. */
  stage: number;
  major: number;
  minor: number;
}

const versionPattern = /^v([1-9]\d*)(?:(alpha|beta)([1-9]\d*))?$/;

function priorityOf(version: string): Priority {
  const match = versionPattern.exec(version);
  if (match === null) return { stage: -1, major: 0, minor: 0 };
  const stage = match[2] === undefined ? 2 : match[2] === 'beta' ? 1 : 0;
  return { stage, major: Number(match[1]), minor: Number(match[3] ?? 0) };
}

/** Kubernetes version priority: stable before beta before alpha, higher numbers first, other names last by name. KA-13 */
export function compareVersions(a: string, b: string): number {
  const first = priorityOf(a);
  const second = priorityOf(b);
  return (
    second.stage - first.stage ||
    second.major - first.major ||
    second.minor - first.minor ||
    (a < b ? -1 : a > b ? 1 : 0)
  );
}
