import { matchesLabels } from '@quarterdeck/machinery';
import type { ClusterView } from './cluster-view.ts';
import type { PlacementRequest } from './placement-request.ts';

/** One part of a decision. */
export interface Part {
  /** From 0 without gaps. */
  readonly index: number;
  /** Empty for the clusters that no group names. */
  readonly name: string;
  /** By name. */
  readonly clusters: readonly ClusterView[];
}

/** Where clusters stood before: index of the part, and the name of its group. */
export type PartsBefore = ReadonlyMap<string, { readonly index: number; readonly name: string }>;

/**
 * Cuts a decision into parts. A cluster belongs to the first group whose selector matches, the rest come last. Within a group
 * a cluster that stays keeps its part; gaps are filled by new clusters, and then from the last part, so that all parts but
 * the last are full. PL-31
 */
export function partsOf(request: PlacementRequest, chosen: readonly ClusterView[], before: PartsBefore): Part[] {
  const size = sizeOf(request, chosen.length);
  const members = new Map<string, ClusterView[]>(request.groups.map(({ name }) => [name, []]));
  members.set('', members.get('') ?? []);
  for (const cluster of chosen) {
    const group = request.groups.find(({ labels }) => matchesLabels(labels, cluster.labels));
    members.get(group?.name ?? '')?.push(cluster);
  }
  const parts = [...members].flatMap(([name, clusters]) =>
    cut(clusters, size, positionsBefore(name, clusters, before)).map((part) => ({ name, clusters: part })),
  );
  return parts.map(({ name, clusters }, index) => ({ index, name, clusters }));
}

function sizeOf({ groupSize }: PlacementRequest, chosen: number): number {
  if (groupSize === undefined) return Number.POSITIVE_INFINITY;
  return 'clusters' in groupSize ? groupSize.clusters : Math.max(1, Math.ceil((chosen * groupSize.percent) / 100));
}

/** The part of its group in which each cluster stood, counted within the group. */
function positionsBefore(name: string, clusters: readonly ClusterView[], before: PartsBefore): Map<string, number> {
  const ofGroup = clusters.flatMap((cluster) => {
    const part = before.get(cluster.name);
    return part?.name === name ? [{ cluster: cluster.name, index: part.index }] : [];
  });
  const indexes = [...new Set([...before.values()].filter((part) => part.name === name).map(({ index }) => index))];
  indexes.sort((a, b) => a - b);
  return new Map(ofGroup.map(({ cluster, index }) => [cluster, indexes.indexOf(index)]));
}

function cut(clusters: readonly ClusterView[], size: number, before: ReadonlyMap<string, number>): ClusterView[][] {
  if (clusters.length === 0) return [];
  const count = Number.isFinite(size) ? Math.ceil(clusters.length / size) : 1;
  const parts = Array.from({ length: count }, (): ClusterView[] => []);
  const open: ClusterView[] = [];
  for (const cluster of clusters) {
    const at = before.get(cluster.name);
    const part = at === undefined ? undefined : parts[at];
    if (part !== undefined && part.length < size) part.push(cluster);
    else open.push(cluster);
  }
  for (const part of parts) part.push(...open.splice(0, Number.isFinite(size) ? size - part.length : open.length));
  // What still gapes is filled from the last part.
  const last = parts.at(-1);
  for (const part of parts) {
    while (part !== last && part.length < size && last !== undefined && last.length > 0) {
      const moved = last.pop();
      if (moved !== undefined) part.push(moved);
    }
  }
  return parts.filter((part) => part.length > 0).map((part) => part.sort((a, b) => (a.name < b.name ? -1 : 1)));
}
