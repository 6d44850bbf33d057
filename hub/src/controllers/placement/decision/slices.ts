import {
  apiVersionOf,
  label,
  labelValueOf,
  maxDecisionsPerSlice,
  type Placement,
  PlacementDecision,
  type PlacementDecision as Slice,
  type Stored,
  schedulerName,
} from '@quarterdeck/apis';
import type { Choice } from '../../../scheduler/schedule.ts';
import { equalParts } from '../../equal.ts';
import { controllerReference } from '../../metadata.ts';
import { create, remove, update, type Write } from '../../writes.ts';

type Entry = Slice['decisions'][number];

const entryOf = ({ cluster, reason }: Choice): Entry => ({
  clusterProfileRef: { name: cluster.name, namespace: cluster.profileNamespace },
  reason,
});
const keyOf = (entry: Entry): string => `${entry.clusterProfileRef.namespace ?? ''}/${entry.clusterProfileRef.name}`;

/**
 * Brings the slices of one decision to the chosen clusters. PD-1 to PD-16, PL-30
 *
 * A cluster that stays keeps its slice, and gaps are filled by new clusters, so that an unchanged set is no write (PD-9)
 * and a small change touches few slices (PD-14). Writes come in an order in which no kept cluster is ever absent from the
 * union (PD-13): slices that only gain first, then those that lose, then surplus slices go. Since a cluster never moves
 * between slices unless its slice vanishes, the last step is the only one that could drop a kept cluster, and by then it
 * stands in another slice. "Nowhere" is slice 0 with an empty list (PD-15).
 *
 * @param existing the slices of this placement, in any order
 */
export function planSlices(
  placement: Stored<Placement>,
  existing: readonly Stored<Slice>[],
  choices: readonly Choice[],
): { readonly writes: Write[]; readonly names: readonly string[] } {
  const { byIndex, stray } = arrange(existing);
  const needed = Math.max(1, Math.ceil(choices.length / maxDecisionsPerSlice));
  const inPlace = Array.from({ length: needed }, (_, index) => byIndex.get(index));
  const layout = layOut(
    inPlace.map((slice) => slice?.decisions ?? []),
    choices.map(entryOf),
  );
  const revision = nextRevision(inPlace, layout, placement);

  const gaining: Write[] = [];
  const losing: Write[] = [];
  const names: string[] = [];
  for (const [index, decisions] of layout.entries()) {
    const slice = inPlace[index];
    if (slice === undefined) {
      const made = newSlice(placement, index, revision, decisions);
      names.push(made.metadata.name ?? '');
      gaining.push(create(PlacementDecision, made));
      continue;
    }
    names.push(slice.metadata.name);
    const labels = { ...slice.metadata.labels, ...labelsOf(placement, index, revision) };
    if (equalParts(decisions, slice.decisions) && equalParts(labels, slice.metadata.labels)) continue;
    const kept = new Set(decisions.map(keyOf));
    const write = update(PlacementDecision, { ...slice, metadata: { ...slice.metadata, labels }, decisions });
    (slice.decisions.every((entry) => kept.has(keyOf(entry))) ? gaining : losing).push(write);
  }
  const beyond = [...byIndex].filter(([index]) => index >= needed).map(([, slice]) => slice);
  const surplus = [...beyond, ...stray].map((slice) => remove(PlacementDecision, slice));
  return { writes: [...gaining, ...losing, ...surplus], names };
}

/** Slices by their index label; `stray` are those without a usable index, or the later of two with the same. */
function arrange(existing: readonly Stored<Slice>[]) {
  const byIndex = new Map<number, Stored<Slice>>();
  const stray: Stored<Slice>[] = [];
  for (const slice of existing.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))) {
    const index = Number(slice.metadata.labels?.[label.decisionIndex] ?? Number.NaN);
    if (Number.isInteger(index) && index >= 0 && !byIndex.has(index)) byIndex.set(index, slice);
    else stray.push(slice);
  }
  return { byIndex, stray };
}

/** Entries by slice: kept ones where they are (reasons refreshed), new ones, and those of slices that go, into the gaps. */
function layOut(inPlace: readonly (readonly Entry[])[], wanted: readonly Entry[]): Entry[][] {
  const open = new Map(wanted.map((entry) => [keyOf(entry), entry]));
  const layout = inPlace.map((entries) =>
    entries.flatMap((entry) => {
      const fresh = open.get(keyOf(entry)); // undefined: it left, or stands in an earlier slice already (PD-12)
      open.delete(keyOf(entry));
      return fresh === undefined ? [] : [fresh];
    }),
  );
  const rest = [...open.values()];
  for (const entries of layout) {
    entries.push(...rest.splice(0, maxDecisionsPerSlice - entries.length));
    entries.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  }
  return layout;
}

/** Rises when membership changes, so that consumers can tell half-written sets; reasons alone do not count. PD-13, PD-19 */
function nextRevision(
  inPlace: readonly (Stored<Slice> | undefined)[],
  layout: readonly Entry[][],
  placement: Stored<Placement>,
): string {
  const revisions = new Set(inPlace.map((slice) => slice?.metadata.labels?.[label.decisionRevision] ?? ''));
  const newest = Math.max(0, ...[...revisions].map(Number).filter(Number.isSafeInteger));
  const same =
    revisions.size === 1 &&
    newest > 0 &&
    layout.every((entries, index) => equalParts(entries.map(keyOf), inPlace[index]?.decisions.map(keyOf)));
  return String(same ? newest : Math.max(newest + 1, placement.metadata.generation ?? 1));
}

function labelsOf(placement: Stored<Placement>, index: number, revision: string): Record<string, string> {
  return {
    [label.decisionKey]: placement.metadata.uid,
    [label.decisionIndex]: String(index),
    [label.decisionRevision]: revision,
    [label.placement]: labelValueOf(placement.metadata.name),
  };
}

function newSlice(placement: Stored<Placement>, index: number, revision: string, decisions: Entry[]): Slice {
  return {
    apiVersion: apiVersionOf(PlacementDecision),
    kind: PlacementDecision.kind,
    metadata: {
      name: sliceName(placement.metadata.name, index),
      namespace: placement.metadata.namespace ?? '',
      labels: labelsOf(placement, index, revision),
      ownerReferences: [controllerReference(placement)],
    },
    decisions,
    schedulerName,
  };
}

/** `<placement>-<index>`; shortened with a hash when the placement's name leaves no room. PD-5 */
function sliceName(placementName: string, index: number): string {
  const suffix = `-${index}`;
  return placementName.length + suffix.length <= 253
    ? placementName + suffix
    : `${labelValueOf(placementName)}${suffix}`;
}
