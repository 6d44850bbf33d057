import type { ClusterView, Taint } from './cluster-view.ts';
import { runPass, type Turn } from './pass.ts';
import type { Outcome } from './schedule.ts';
import type { FleetSnapshot } from './snapshot.ts';

/** What if. PL-35 */
export interface SnapshotEdits {
  /** Clusters that are there in thought only, or replace those of their name. */
  readonly added?: readonly ClusterView[];
  /** The same, alike in everything but the name to one that is there. */
  readonly copied?: readonly { readonly clusterName: string; readonly of: string }[];
  readonly removed?: readonly string[];
  readonly tainted?: readonly { readonly clusterName: string; readonly taint: Taint }[];
  /** A value of undefined removes the label. */
  readonly labelled?: readonly {
    readonly clusterName: string;
    readonly key: string;
    readonly value: string | undefined;
  }[];
}

/** How one placement would change. */
export interface PlannedChange {
  readonly placement: string;
  readonly gained: readonly string[];
  readonly lost: readonly string[];
  readonly outcome: Outcome;
}

/** Clusters that edits name and the fleet does not have: a mistake of the asker, reported rather than ignored. */
export function unknownClusters({ fleet }: FleetSnapshot, edits: SnapshotEdits): string[] {
  const copied = edits.copied ?? [];
  const added = new Set([
    ...(edits.added ?? []).map(({ name }) => name),
    ...copied.map(({ clusterName }) => clusterName),
  ]);
  const named = [
    ...copied.map(({ of }) => of),
    ...(edits.removed ?? []),
    ...(edits.tainted ?? []).map(({ clusterName }) => clusterName),
    ...(edits.labelled ?? []).map(({ clusterName }) => clusterName),
  ];
  return [...new Set(named)].filter((name) => !added.has(name) && fleet.positionOf(name) === undefined).sort();
}

/** The snapshot with the edits made; everything else, the time included, is the same. */
function withEdits(snapshot: FleetSnapshot, edits: SnapshotEdits): FleetSnapshot {
  const changed = new Map((edits.added ?? []).map((cluster) => [cluster.name, cluster]));
  const edit = (name: string, change: (cluster: ClusterView) => ClusterView) => {
    const position = snapshot.fleet.positionOf(name);
    const cluster = changed.get(name) ?? (position === undefined ? undefined : snapshot.fleet.clusters[position]);
    if (cluster !== undefined) changed.set(name, change(cluster));
  };
  for (const { clusterName, of } of edits.copied ?? []) {
    const position = snapshot.fleet.positionOf(of);
    const cluster = position === undefined ? undefined : snapshot.fleet.clusters[position];
    if (cluster !== undefined) changed.set(clusterName, { ...cluster, name: clusterName });
  }
  for (const { clusterName, taint } of edits.tainted ?? [])
    edit(clusterName, (cluster) => ({ ...cluster, taints: [...cluster.taints, taint] }));
  for (const { clusterName, key, value } of edits.labelled ?? []) {
    edit(clusterName, (cluster) => {
      const { [key]: _old, ...rest } = cluster.labels;
      return { ...cluster, labels: value === undefined ? rest : { ...rest, [key]: value } };
    });
  }
  const removed = edits.removed ?? [];
  for (const name of removed) changed.delete(name);
  const { load: _counted, ...rest } = snapshot;
  return { ...rest, fleet: snapshot.fleet.with([...changed.values()], removed) };
}

/**
 * What placements would choose under the edits, and how that differs from what they have. PL-35
 * @param turns those to decide: the one in question, and others that the asker may read (PL-33)
 * @returns one entry for each, in the order of keys, changed or not
 */
export function plan(snapshot: FleetSnapshot, turns: readonly Turn[], edits: SnapshotEdits): PlannedChange[] {
  const { outcomes } = runPass(withEdits(snapshot, edits), turns);
  return turns
    .map(({ request, previous }) => {
      const outcome = outcomes.get(request.key);
      if (outcome === undefined) return undefined;
      const names = new Set(outcome.choices.map(({ cluster }) => cluster.name));
      return {
        placement: request.key,
        gained: [...names].filter((name) => !previous.clusters.has(name)).sort(),
        lost: [...previous.clusters].filter((name) => !names.has(name)).sort(),
        outcome,
      };
    })
    .filter((change) => change !== undefined)
    .sort((a, b) => (a.placement < b.placement ? -1 : 1));
}
