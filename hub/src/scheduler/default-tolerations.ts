import { defaultTolerations, maxTolerations, type Placement, type Stored, type Toleration } from '@quarterdeck/apis';
import { tolerates } from './taints.ts';

/**
 * The listed tolerations, and the defaults for those automatic taints that none of them covers, as Kubernetes does it for pods.
 * @returns the very same list where nothing is missing. PL-8
 */
export function withDefaultTolerations(listed: readonly Toleration[]): readonly Toleration[] {
  const missing = defaultTolerations.filter(
    ({ key, effect }) => !listed.some((each) => tolerates(each, { key, value: '', effect })),
  );
  return missing.length === 0 ? listed : [...listed, ...missing];
}

/**
 * The placement with its default tolerations written where people see them; undefined: they are, or the list has no place for
 * more. Which tolerations another scheduler counts is not ours to say. PL-8, PL-25
 */
export function completedTolerations<Kind extends Placement | Stored<Placement>>(placement: Kind): Kind | undefined {
  const listed = placement.spec.tolerations ?? [];
  const complete = withDefaultTolerations(listed);
  if (complete === listed || complete.length > maxTolerations) return undefined;
  return { ...placement, spec: { ...placement.spec, tolerations: [...complete] } };
}
