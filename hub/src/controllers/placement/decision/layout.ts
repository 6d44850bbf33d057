import { label, maxDecisionsPerSlice, type PlacementDecision, type Stored } from '@quarterdeck/apis';
import type { Part } from '../../../scheduler/groups.ts';
import type { Choice } from '../../../scheduler/schedule.ts';

export type Slice = Stored<PlacementDecision>;
export type Entry = PlacementDecision['decisions'][number];
export type GroupMark = Pick<Part, 'index' | 'name'>;

/** One slice as it shall be. */
export interface Slot {
  /** The slice that takes this role; undefined: it must be made. */
  readonly slice: Slice | undefined;
  /** Undefined: the decision has no groups. */
  readonly group: GroupMark | undefined;
  /** By key, at most 100. */
  readonly entries: readonly Entry[];
}

export const keyOf = ({ clusterProfileRef: { name, namespace = '' } }: Entry): string => `${namespace}/${name}`;

const entryOf = ({ cluster, reason }: Choice): Entry => ({
  clusterProfileRef: { name: cluster.name, namespace: cluster.profileNamespace },
  reason,
});

/**
 * Which entries stand in which slice. Kept entries stay where they are; new ones, and those of slices that go, fill the
 * gaps; a slice more is made only when all are full. PD-8, PD-9, PD-14
 *
 * @param parts undefined: the decision has no groups. PL-31
 * @returns the slots, in order, and the slices that have no role any more
 */
export function layOut(
  existing: readonly Slice[],
  choices: readonly Choice[],
  parts: readonly Part[] | undefined,
): { readonly slots: readonly Slot[]; readonly surplus: readonly Slice[] } {
  const entries = new Map(choices.map((choice) => [choice.cluster.name, entryOf(choice)]));
  const wanted =
    parts === undefined || parts.length === 0
      ? [{ group: undefined, entries: [...entries.values()] }]
      : parts.map(({ index, name, clusters }) => ({
          group: { index, name },
          entries: clusters.flatMap((cluster) => entries.get(cluster.name) ?? []),
        }));
  const { byGroup, stray } = arrange(existing, wanted[0]?.group !== undefined);
  const slots: Slot[] = [];
  const surplus = [...stray];
  for (const { group, entries: ofGroup } of wanted) {
    const slices = byGroup.get(group?.index ?? 0) ?? [];
    byGroup.delete(group?.index ?? 0);
    const needed = Math.max(1, Math.ceil(ofGroup.length / maxDecisionsPerSlice));
    const roles = Array.from({ length: needed }, (_, index) => slices[index]);
    const filled = fill(
      roles.map((slice) => slice?.decisions ?? []),
      ofGroup,
    );
    slots.push(...roles.map((slice, index) => ({ slice, group, entries: filled[index] ?? [] })));
    surplus.push(...slices.slice(needed));
  }
  return { slots, surplus: [...surplus, ...[...byGroup.values()].flat()] };
}

const numberIn = (slice: Slice, key: string): number => {
  const text = slice.metadata.labels?.[key];
  const value = text === undefined ? Number.NaN : Number(text);
  return Number.isInteger(value) && value >= 0 ? value : Number.NaN;
};

/** Slices by group, in order of their index label; stray are those without a usable one, or the later of two with the same. */
function arrange(existing: readonly Slice[], grouped: boolean) {
  const byGroup = new Map<number, Slice[]>();
  const stray: Slice[] = [];
  const taken = new Set<number>();
  const sorted = existing.toSorted(
    (a, b) =>
      numberIn(a, label.decisionIndex) - numberIn(b, label.decisionIndex) ||
      (a.metadata.name < b.metadata.name ? -1 : 1),
  );
  for (const slice of sorted) {
    const index = numberIn(slice, label.decisionIndex);
    const group = grouped ? numberIn(slice, label.decisionGroupIndex) : 0;
    if (Number.isNaN(index) || Number.isNaN(group) || taken.has(index)) {
      stray.push(slice);
      continue;
    }
    taken.add(index);
    byGroup.set(group, [...(byGroup.get(group) ?? []), slice]);
  }
  return { byGroup, stray };
}

/** A cluster that was chosen, and stays, needs no new word: one write a choice. PD-9 */
const refreshed = (old: Entry, fresh: Entry): Entry =>
  old.reason === 'Chosen' && fresh.reason === 'Kept' ? { ...fresh, reason: 'Chosen' } : fresh;

function fill(inPlace: readonly (readonly Entry[])[], wanted: readonly Entry[]): Entry[][] {
  const open = new Map(wanted.map((entry) => [keyOf(entry), entry]));
  const layout = inPlace.map((entries) =>
    entries.flatMap((entry) => {
      const fresh = open.get(keyOf(entry)); // undefined: it left, or stands in an earlier slice already (PD-12)
      open.delete(keyOf(entry));
      return fresh === undefined ? [] : [refreshed(entry, fresh)];
    }),
  );
  const rest = [...open.values()];
  for (const entries of layout) {
    entries.push(...rest.splice(0, maxDecisionsPerSlice - entries.length));
    entries.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  }
  return layout;
}
