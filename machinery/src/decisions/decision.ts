import { label, type PlacementDecision, type Stored } from '@quarterdeck/apis';

/** One slice as the API server stores it. */
export type DecisionSlice = Stored<PlacementDecision>;

/** A cluster that a decision names, by its ClusterProfile. */
export interface DecidedCluster {
  /** Namespace of the profile, resolved: never empty. PD-21 */
  readonly namespace: string;
  readonly name: string;
  /** The scheduler's short word; undefined: it gave none. */
  readonly reason: string | undefined;
}

/** What the slices of one decision say at one moment. */
export interface DecisionReading {
  /** Without duplicates; in the order of slices by index, then of their lists. PD-21, PD-22 */
  readonly clusters: readonly DecidedCluster[];
  /** The revision that all slices carry; undefined: they carry none, or not the same. */
  readonly revision: string | undefined;
  /** Why this can be half of an update; undefined: nothing speaks for that. PD-19, PD-22 */
  readonly incomplete: 'NoSlices' | 'MixedRevisions' | 'IndexGap' | 'SliceMissing' | undefined;
  /** Several slices without any revision: nobody can tell whether they were written together. */
  readonly unmarked: boolean;
}

/** `namespace/name` of the profile: what tells clusters apart. PD-21 */
export const decidedClusterKey = ({ namespace, name }: Pick<DecidedCluster, 'namespace' | 'name'>): string =>
  `${namespace}/${name}`;

/**
 * Which decision a slice belongs to: its namespace and decision key, or its own name where it has none, for a decision of one
 * slice needs no key. Other labels and fields are of no concern. PD-2, PD-19, PD-26
 */
export function decisionKeyOf({ metadata }: Pick<DecisionSlice, 'metadata'>): string {
  const key = metadata.labels?.[label.decisionKey];
  const namespace = metadata.namespace ?? '';
  return key === undefined || key === '' ? `${namespace}/name:${metadata.name}` : `${namespace}/key:${key}`;
}

/** Slices by the decision they belong to. PD-19 */
export function groupSlices(slices: Iterable<DecisionSlice>): Map<string, DecisionSlice[]> {
  const groups = new Map<string, DecisionSlice[]>();
  for (const slice of slices) {
    const key = decisionKeyOf(slice);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [slice]);
    else group.push(slice);
  }
  return groups;
}

/**
 * Reads the slices of one decision, in whatever order they come. Pure and total; unknown fields are ignored. PD-26
 * @param expected names of the slices that the decision is known to have, from elsewhere; absent: not known
 */
export function readDecision(slices: readonly DecisionSlice[], expected: readonly string[] = []): DecisionReading {
  const ordered = inOrder(slices);
  const revisions = new Set(ordered.map(({ metadata }) => metadata.labels?.[label.decisionRevision]));
  const [revision] = revisions;
  return {
    clusters: clustersOf(ordered),
    revision: revisions.size === 1 ? revision : undefined,
    incomplete: incompleteness(ordered, revisions.size, expected),
    unmarked: ordered.length > 1 && revisions.size === 1 && revision === undefined,
  };
}

function incompleteness(
  ordered: readonly DecisionSlice[],
  revisions: number,
  expected: readonly string[],
): DecisionReading['incomplete'] {
  if (ordered.length === 0) return 'NoSlices';
  if (revisions > 1) return 'MixedRevisions';
  const indexes = new Set(ordered.map(indexOf).filter(Number.isFinite));
  if ([...indexes].some((index) => index >= indexes.size)) return 'IndexGap';
  const present = new Set(ordered.map(({ metadata }) => metadata.name));
  return expected.every((name) => present.has(name)) ? undefined : 'SliceMissing';
}

/** By index as numbers, for as text "10" comes before "2"; without one last; then by name. PD-22 */
function inOrder(slices: readonly DecisionSlice[]): DecisionSlice[] {
  return slices.toSorted((a, b) => {
    const [first, second] = [indexOf(a), indexOf(b)];
    if (first !== second) return first < second ? -1 : 1;
    return a.metadata.name < b.metadata.name ? -1 : Number(a.metadata.name > b.metadata.name);
  });
}

/** The position that a slice claims; Infinity: none, or none that can be read. */
function indexOf({ metadata }: DecisionSlice): number {
  const text = metadata.labels?.[label.decisionIndex] ?? '';
  return /^\d{1,9}$/.test(text) ? Number(text) : Number.POSITIVE_INFINITY;
}

function clustersOf(ordered: readonly DecisionSlice[]): DecidedCluster[] {
  const clusters = new Map<string, DecidedCluster>();
  for (const { metadata, decisions } of ordered) {
    for (const { clusterProfileRef, reason } of decisions) {
      const namespace = clusterProfileRef.namespace || (metadata.namespace ?? '');
      const cluster = { namespace, name: clusterProfileRef.name, reason };
      const key = decidedClusterKey(cluster);
      if (!clusters.has(key)) clusters.set(key, cluster);
    }
  }
  return [...clusters.values()];
}
