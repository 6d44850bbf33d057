import {
  annotation,
  isConditionTrue,
  label,
  labelValueOf,
  type Placement,
  type PlacementDecision,
  type Stored,
} from '@quarterdeck/apis';
import type { FleetCaches } from '../../../fleet/caches.ts';
import type { PartsBefore } from '../../../scheduler/groups.ts';
import type { Outcome } from '../../../scheduler/schedule.ts';
import type { Previous } from '../../../scheduler/snapshot.ts';
import { copiesIn } from './copies.ts';

/** What tells whether a choice is delivered. */
export interface WorkReads {
  readonly workSets: Pick<FleetCaches['workSets'], 'byIndex'>;
  readonly works: Pick<FleetCaches['works'], 'byIndex'>;
}

export interface PreviousParts {
  readonly caches: WorkReads;
  readonly placement: Stored<Placement>;
  readonly slices: readonly Stored<PlacementDecision>[];
  /** What this process wrote last; undefined: nothing yet. */
  readonly stands: Outcome | undefined;
  /** The request for a fresh choice that this process last acted on; the status may not show it yet. PL-24 */
  readonly handled?: string | undefined;
}

/**
 * What the placement has: what we wrote, or else what the slices say. So slices that somebody deletes come back as they were,
 * for as long as the process lives. PD-14
 */
export function previousOf({ caches, placement, slices, stands, handled }: PreviousParts): Previous {
  const { spec, status } = placement;
  const clusters = new Set(
    stands === undefined
      ? slices.flatMap(({ decisions }) => decisions.map(({ clusterProfileRef }) => clusterProfileRef.name))
      : stands.choices.map(({ cluster }) => cluster.name),
  );
  const asked = askedFor(placement);
  const failback =
    stands === undefined && status?.failback !== undefined
      ? { term: status.failback.candidateTerm, since: Date.parse(status.failback.since) }
      : stands?.failback;
  const shrinks = spec.numberOfClusters !== undefined && spec.numberOfClusters < clusters.size;
  return {
    clusters,
    decided: stands !== undefined || slices.length > 0,
    term: stands === undefined ? status?.candidateTerm : stands.term,
    failback,
    copies:
      stands === undefined ? (copiesIn(slices) ?? evenly(clusters, status?.numberOfCopies ?? 0)) : copiesOf(stands),
    // Only a placement that shrinks has use for it.
    undelivered: shrinks ? undeliveredOf(caches, placement, clusters) : new Set(),
    fresh: asked !== undefined && asked !== handled && asked !== status?.rescheduledAt && slices.length > 0,
  };
}

const copiesOf = ({ choices }: Outcome): ReadonlyMap<string, number> =>
  new Map(choices.map(({ cluster, copies = 0 }) => [cluster.name, copies]));

/** Where somebody took the annotation away, only the sum is known. */
function evenly(clusters: ReadonlySet<string>, copies: number): ReadonlyMap<string, number> {
  const names = [...clusters].sort();
  return new Map(
    names.map((name, index) => [name, Math.floor(copies / names.length) + (index < copies % names.length ? 1 : 0)]),
  );
}

/** The value of the one-shot trigger; undefined: nobody asks. PL-24 */
export const askedFor = ({ metadata }: Placement): string | undefined =>
  metadata.annotations?.[annotation.rescheduleAt]?.slice(0, 64) || undefined;

/** Chosen clusters on which a WorkSet that follows the placement is not applied yet. PL-12 */
function undeliveredOf(
  caches: PreviousParts['caches'],
  { metadata }: Stored<Placement>,
  clusters: ReadonlySet<string>,
): ReadonlySet<string> {
  const namespace = metadata.namespace ?? '';
  const undelivered = new Set<string>();
  for (const { metadata: workSet } of caches.workSets.byIndex('placement', `${namespace}/${metadata.name}`)) {
    const works = caches.works.byIndex('workSet', `${labelValueOf(namespace)}/${labelValueOf(workSet.name)}`);
    const applied = new Set(
      works
        .filter(({ status }) => isConditionTrue(status?.conditions, 'Applied'))
        .map((work) => work.metadata.labels?.[label.memberCluster]),
    );
    for (const name of clusters) if (!applied.has(labelValueOf(name))) undelivered.add(name);
  }
  return undelivered;
}

/** The part in which each cluster stands. PL-31 */
export function partsBefore(slices: readonly Stored<PlacementDecision>[], stands: Outcome | undefined): PartsBefore {
  const before = new Map<string, { index: number; name: string }>();
  if (stands !== undefined) {
    for (const { index, name, clusters } of stands.parts)
      for (const cluster of clusters) before.set(cluster.name, { index, name });
    return before;
  }
  for (const { metadata, decisions } of slices) {
    const index = Number(metadata.labels?.[label.decisionGroupIndex] ?? Number.NaN);
    const name = metadata.labels?.[label.decisionGroupName] ?? '';
    if (!Number.isInteger(index)) continue;
    for (const { clusterProfileRef } of decisions) before.set(clusterProfileRef.name, { index, name });
  }
  return before;
}
