import {
  annotation,
  apiVersionOf,
  label,
  labelValueOf,
  maxDecisionsPerSlice,
  type Placement,
  PlacementDecision,
  type Stored,
  schedulerName,
} from '@quarterdeck/apis';
import type { Part } from '../../../scheduler/groups.ts';
import type { Choice } from '../../../scheduler/schedule.ts';
import { equalParts } from '../../equal.ts';
import { controllerReference } from '../../metadata.ts';
import { create, remove, update, type Write } from '../../writes.ts';
import { decisionCopies } from './copies.ts';
import { type Entry, type GroupMark, keyOf, layOut, type Slice, type Slot } from './layout.ts';

export interface SlicePlan {
  readonly writes: readonly Write[];
  /** Of all slices, in order. */
  readonly names: readonly string[];
  /** Names by position of the group; empty without groups. */
  readonly byGroup: ReadonlyMap<number, readonly string[]>;
}

/**
 * Brings the slices of one decision to the chosen clusters. PD-1 to PD-16, PL-30, PL-31
 *
 * Writes come in an order in which no kept cluster is ever absent from the union (PD-13): slices that only gain first, then
 * those that lose, then surplus slices go. Without groups a cluster moves only when its slice vanishes, which is last. With
 * groups two slices may trade clusters; what would be absent in between is held by a slice that exists for that time only,
 * and that the next visit removes. "Nowhere" is slice 0 with an empty list (PD-15).
 *
 * Who joins or leaves is a write to every slice, one for each hundred clusters: all of them carry the revision of the whole, by
 * which a reader knows that it has all (PD-13, PD-23). Anything else is written to the slices that it is about.
 *
 * @param existing the slices of this placement, in any order
 * @param parts the choices by part; undefined: no groups
 */
export function planSlices(
  placement: Stored<Placement>,
  existing: readonly Slice[],
  choices: readonly Choice[],
  parts?: readonly Part[],
): SlicePlan {
  const { slots, surplus } = layOut(existing, choices, parts);
  const revision = nextRevision(existing, slots, placement);
  const names = namesOf(placement, existing, slots);
  const copies = decisionCopies(existing, choices);
  const holding = holdingSlices(placement, existing, slots, { names, revision });
  const gaining: Write[] = [];
  const losing: Write[] = [];
  const byGroup = new Map<number, string[]>();
  for (const [index, { slice, group, entries }] of slots.entries()) {
    const name = names[index] ?? '';
    if (group !== undefined) byGroup.set(group.index, [...(byGroup.get(group.index) ?? []), name]);
    const own = labelsOf(placement, index, revision, group);
    const counted = copies.textOf(entries);
    if (slice === undefined) {
      gaining.push(create(PlacementDecision, annotated(newSlice(placement, name, own, entries), counted)));
      continue;
    }
    const labels = { ...withoutGroup(slice.metadata.labels), ...own };
    const isRecounted = copies.isNews && counted !== slice.metadata.annotations?.[annotation.decisionCopies];
    if (!isRecounted && equalParts(entries, slice.decisions) && equalParts(labels, slice.metadata.labels)) continue;
    const next = { ...slice, metadata: { ...slice.metadata, labels }, decisions: [...entries], schedulerName };
    const write = update(PlacementDecision, annotated(next, counted));
    (loses(slice, entries) ? losing : gaining).push(write);
  }
  const going = surplus.map((slice) => remove(PlacementDecision, slice));
  return { writes: [...holding, ...gaining, ...losing, ...going], names, byGroup };
}

/** @param counted undefined: the annotation goes */
function annotated<T extends PlacementDecision>(slice: T, counted: string | undefined): T {
  const { [annotation.decisionCopies]: _old, ...rest } = slice.metadata.annotations ?? {};
  if (counted === undefined && _old === undefined) return slice;
  const annotations = counted === undefined ? rest : { ...rest, [annotation.decisionCopies]: counted };
  return { ...slice, metadata: { ...slice.metadata, annotations } };
}

function loses(slice: Slice, entries: readonly Entry[]): boolean {
  const kept = new Set(entries.map(keyOf));
  return slice.decisions.some((entry) => !kept.has(keyOf(entry)));
}

/** Slices for clusters that move from a slice that loses them to one that also loses others: one of the two is written first. */
function holdingSlices(
  placement: Stored<Placement>,
  existing: readonly Slice[],
  slots: readonly Slot[],
  { names, revision }: { readonly names: readonly string[]; readonly revision: string },
): Write[] {
  const before = new Map<string, Slice>();
  for (const slice of existing) for (const entry of slice.decisions) before.set(keyOf(entry), slice);
  const isLosing = new Set(slots.flatMap(({ slice, entries }) => (slice && loses(slice, entries) ? [slice] : [])));
  const moving = slots.flatMap(({ slice, entries }) =>
    slice === undefined || !isLosing.has(slice)
      ? []
      : entries.filter((entry) => {
          const from = before.get(keyOf(entry));
          return from !== undefined && from !== slice && isLosing.has(from);
        }),
  );
  const taken = new Set([...names, ...existing.map(({ metadata }) => metadata.name)]);
  const writes: Write[] = [];
  for (let at = 0; at < moving.length; at += maxDecisionsPerSlice) {
    const index = slots.length + writes.length;
    const name = freeName(placement, index, taken);
    const labels = labelsOf(placement, index, revision, undefined);
    writes.push(
      create(PlacementDecision, newSlice(placement, name, labels, moving.slice(at, at + maxDecisionsPerSlice))),
    );
  }
  return writes;
}

/** Rises when membership changes, so that consumers can tell half-written sets; reasons alone do not count. PD-13, PD-19 */
function nextRevision(existing: readonly Slice[], slots: readonly Slot[], placement: Stored<Placement>): string {
  const revisionOf = (slice: Slice | undefined) => slice?.metadata.labels?.[label.decisionRevision] ?? '';
  const newest = Math.max(0, ...existing.map((slice) => Number(revisionOf(slice))).filter(Number.isSafeInteger));
  const revisions = new Set(slots.map(({ slice }) => revisionOf(slice)));
  const chosen = new Set(slots.flatMap(({ entries }) => entries.map(keyOf)));
  const same =
    revisions.size === 1 &&
    newest > 0 &&
    revisions.has(String(newest)) &&
    slots.every(({ slice, entries }) => equalParts(entries.map(keyOf), slice?.decisions.map(keyOf))) &&
    existing.every(({ decisions }) => decisions.every((entry) => chosen.has(keyOf(entry))));
  return String(same ? newest : Math.max(newest + 1, placement.metadata.generation ?? 1));
}

function labelsOf(
  placement: Stored<Placement>,
  index: number,
  revision: string,
  group: GroupMark | undefined,
): Record<string, string> {
  const key = placement.metadata.labels?.[label.placementKey];
  return {
    [label.decisionKey]: placement.metadata.uid,
    [label.decisionIndex]: String(index),
    [label.decisionRevision]: revision,
    [label.placement]: labelValueOf(placement.metadata.name),
    ...(key === undefined ? {} : { [label.placementKey]: key }),
    ...(group === undefined
      ? {}
      : { [label.decisionGroupIndex]: String(group.index), [label.decisionGroupName]: group.name }),
  };
}

function withoutGroup(labels: Readonly<Record<string, string>> | undefined): Record<string, string> {
  const { [label.decisionGroupIndex]: _index, [label.decisionGroupName]: _name, ...rest } = labels ?? {};
  return rest;
}

function newSlice(
  placement: Stored<Placement>,
  name: string,
  labels: Record<string, string>,
  entries: readonly Entry[],
): PlacementDecision {
  return {
    apiVersion: apiVersionOf(PlacementDecision),
    kind: PlacementDecision.kind,
    metadata: {
      name,
      namespace: placement.metadata.namespace ?? '',
      labels,
      ownerReferences: [controllerReference(placement)],
    },
    decisions: [...entries],
    schedulerName,
  };
}

/** A slice keeps its name in every role; a new one gets the first that is free. PD-5, PD-14 */
function namesOf(placement: Stored<Placement>, existing: readonly Slice[], slots: readonly Slot[]): string[] {
  const taken = new Set(existing.map(({ metadata }) => metadata.name));
  return slots.map(({ slice }, index) => slice?.metadata.name ?? freeName(placement, index, taken));
}

function freeName(placement: Stored<Placement>, from: number, taken: Set<string>): string {
  const first = sliceName(placement.metadata.name, from);
  let name = first;
  for (let index = 0; taken.has(name); index++) name = sliceName(placement.metadata.name, index);
  taken.add(name);
  return name;
}

/** `<placement>-<index>`; shortened with a hash when the placement's name leaves no room. PD-5 */
function sliceName(placementName: string, index: number): string {
  const suffix = `-${index}`;
  return placementName.length + suffix.length <= 253
    ? placementName + suffix
    : `${labelValueOf(placementName)}${suffix}`;
}
