import type { Capacity, ClusterView, OutsideScore, ServedApis, Taint } from './cluster-view.ts';

/**
 * Words for the parts of a cluster that a choice can depend on. One label change speaks one word, and only placements
 * that listen for it are looked at again. PL-42
 */
export const aspect = {
  clusterSet: 'set',
  published: 'published',
  reachable: 'reachable',
  leaving: 'leaving',
  taints: 'taints',
  apis: 'apis',
  capacity: 'capacity',
  label: (key: string) => `label:${key}`,
  /** Also `capacity/R` and `kubernetesVersion`, under their names in selectors. */
  property: (name: string) => `property:${name}`,
  score: (objectName: string) => `score:${objectName}`,
  /** Anything at all: what an expression can see. */
  any: 'any',
} as const;

/** The aspects in which two views of one cluster differ; empty: they are the same to every placement. */
export function aspectsChanged(before: ClusterView, now: ClusterView): string[] {
  const changed = [
    ...differentKeys(before.labels, now.labels).map(aspect.label),
    ...differentKeys(before.properties, now.properties).map(aspect.property),
    ...differentKeys(before.scores, now.scores, equalScores).map(aspect.score),
  ];
  if (before.clusterSet !== now.clusterSet || before.profileNamespace !== now.profileNamespace)
    changed.push(aspect.clusterSet);
  if (before.isPublished !== now.isPublished) changed.push(aspect.published);
  if (before.reachable !== now.reachable) changed.push(aspect.reachable);
  if (before.leaving !== now.leaving) changed.push(aspect.leaving);
  if (!equalTaints(before.taints, now.taints)) changed.push(aspect.taints);
  if (before.version !== now.version) changed.push(aspect.property('kubernetesVersion'));
  if (!equalApis(before.apis, now.apis)) changed.push(aspect.apis);
  if (!equalCapacity(before.capacity, now.capacity)) changed.push(aspect.capacity);
  const conditions = differentKeys(before.conditions, now.conditions);
  if (changed.length > 0 || conditions.length > 0) changed.push(aspect.any);
  return changed;
}

function differentKeys<T>(
  before: Readonly<Record<string, T>>,
  now: Readonly<Record<string, T>>,
  equal: (a: T, b: T) => boolean = (a, b) => a === b,
): string[] {
  if (before === now) return [];
  const keys = new Set([...Object.keys(before), ...Object.keys(now)]);
  return [...keys].filter((key) => {
    const [a, b] = [own(before, key), own(now, key)];
    return a === undefined || b === undefined ? a !== b : !equal(a, b);
  });
}

const own = <T>(record: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined;

const equalTaints = (a: readonly Taint[], b: readonly Taint[]): boolean =>
  a.length === b.length &&
  a.every((taint, index) => {
    const other = b[index];
    return (
      taint.key === other?.key &&
      taint.value === other.value &&
      taint.effect === other.effect &&
      taint.timeAdded === other.timeAdded
    );
  });

const equalScores = (a: OutsideScore, b: OutsideScore): boolean =>
  a.exclusion === b.exclusion && a.validUntil === b.validUntil && equalMaps(a.values, b.values, (x, y) => x === y);

const equalApis = (a: ServedApis | undefined, b: ServedApis | undefined): boolean =>
  a === b ||
  (a !== undefined &&
    b !== undefined &&
    a.complete === b.complete &&
    a.kinds.size === b.kinds.size &&
    [...a.kinds].every((kind) => b.kinds.has(kind)));

function equalCapacity(a: Capacity | undefined, b: Capacity | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined || a.observedAt !== b.observedAt) return false;
  if (!equalAmounts(a.total, b.total) || !equalAmounts(a.allocatable, b.allocatable)) return false;
  if (!equalAmounts(a.free, b.free) || a.nodes?.length !== b.nodes?.length) return false;
  return (a.nodes ?? []).every((node, index) => {
    const other = b.nodes?.[index];
    return node.count === other?.count && equalAmounts(node.free, other.free);
  });
}

const equalAmounts = (a: Capacity['free'], b: Capacity['free']): boolean =>
  a === b || (a !== undefined && b !== undefined && equalMaps(a, b, (x, y) => x.nanos === y.nanos));

const equalMaps = <T>(a: ReadonlyMap<string, T>, b: ReadonlyMap<string, T>, equal: (x: T, y: T) => boolean): boolean =>
  a.size === b.size &&
  [...a].every(([key, value]) => {
    const other = b.get(key);
    return other !== undefined && equal(value, other);
  });
