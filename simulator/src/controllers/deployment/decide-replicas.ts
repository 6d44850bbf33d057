import type { Bounds } from './decide-bounds.ts';

/** What a rolling update looks at of one replica set. */
export interface SetSize {
  /** Wanted now. */
  readonly replicas: number;
  /** Of its pods, as its status says; never more than are wanted. */
  readonly available: number;
  /** The most pods there were to be when the set was sized last; undefined when nobody wrote it down. */
  readonly recordedMax: number | undefined;
}

export interface Sizes {
  /** The set of the present template; undefined while there is none. */
  readonly current: SetSize | undefined;
  /** Oldest first. */
  readonly old: readonly SetSize[];
}

export interface WantedSizes {
  readonly current: number;
  /** As `old`. */
  readonly old: readonly number[];
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** The next step of a rolling update: the new set grows into the surge, old ones shrink by what can be missed. */
export function rollingSizes({ current, old }: Sizes, replicas: number, bounds: Bounds): WantedSizes {
  const oldSizes = old.map((set) => set.replicas);
  const size = current?.replicas ?? 0;
  const next = grown(size, sum(oldSizes) + size, replicas, bounds);
  // One thing at a time: what the new set gains is counted when it is there.
  if (next !== size) return { current: next, old: oldSizes };
  const minimum = replicas - bounds.unavailable;
  const missing = size - (current?.available ?? 0);
  const spare = sum(oldSizes) + size - minimum - missing;
  if (spare <= 0) return { current: size, old: oldSizes };
  const { sizes: healthy, removed } = withoutUnhealthy(old, spare);
  const available =
    sum(old.map((set, index) => Math.min(set.available, healthy[index] ?? 0))) + (current?.available ?? 0);
  return { current: size, old: shrunk(healthy, Math.min(available - minimum, spare - removed)) };
}

function grown(size: number, total: number, replicas: number, { surge }: Bounds): number {
  if (size >= replicas) return replicas;
  const room = replicas + surge - total;
  return room <= 0 ? size : size + Math.min(room, replicas - size);
}

/** Pods that serve nobody go first, of the oldest set first. */
function withoutUnhealthy(old: readonly SetSize[], most: number): { sizes: number[]; removed: number } {
  let removed = 0;
  const sizes = old.map(({ replicas, available }) => {
    const gone = Math.max(0, Math.min(most - removed, replicas - available));
    removed += gone;
    return replicas - gone;
  });
  return { sizes, removed };
}

function shrunk(sizes: readonly number[], by: number): number[] {
  let left = Math.max(0, by);
  return sizes.map((size) => {
    const gone = Math.min(size, left);
    left -= gone;
    return size - gone;
  });
}

/**
 * Sizes after the wanted number changed in the middle of a rolling update: every set that has pods gets its share, so
 * that the risk stays spread; what rounding leaves goes to the largest. One set alone gets it all.
 */
export function proportionalSizes(sizes: Sizes, replicas: number, { surge }: Bounds): WantedSizes {
  const { current, old } = sizes;
  const none = { current: current?.replicas ?? 0, old: old.map((set) => set.replicas) };
  const active = old.filter((set) => set.replicas > 0).length;
  if (active === 0) return { ...none, current: replicas };
  if (active === 1 && (current === undefined || current.replicas === 0)) {
    return { ...none, old: old.map((set) => (set.replicas > 0 ? replicas : 0)) };
  }
  if (current !== undefined && isSaturated(current, replicas, replicas + surge)) {
    return { current: replicas, old: old.map(() => 0) };
  }
  const all = [...old, ...(current === undefined ? [] : [current])];
  const shares = shareOut(all, replicas > 0 ? replicas + surge : 0);
  return { current: current === undefined ? 0 : (shares.at(-1) ?? 0), old: shares.slice(0, old.length) };
}

/** The new set was sized for what is wanted now, and has it all. */
function isSaturated({ replicas, available, recordedMax }: SetSize, wanted: number, max: number): boolean {
  return replicas === wanted && available === wanted && (recordedMax ?? max) === max;
}

function shareOut(sets: readonly SetSize[], allowed: number): number[] {
  const toAdd = allowed - sum(sets.map((set) => set.replicas));
  const order = sets.map((_, index) => index).filter((index) => (sets[index]?.replicas ?? 0) > 0);
  // The newest of equally large sets gains first and loses last.
  order.sort((one, other) => {
    const bySize = (sets[other]?.replicas ?? 0) - (sets[one]?.replicas ?? 0);
    return bySize !== 0 ? bySize : toAdd > 0 ? other - one : one - other;
  });
  const result = sets.map((set) => set.replicas);
  let added = 0;
  for (const index of order) {
    const set = sets[index];
    if (set === undefined) continue;
    const fraction = Math.round((set.replicas * allowed) / (set.recordedMax ?? allowed)) - set.replicas;
    const share = toAdd > 0 ? clamp(fraction, 0, toAdd - added) : clamp(fraction, toAdd - added, 0);
    result[index] = set.replicas + share;
    added += share;
  }
  const [first] = order;
  if (first !== undefined) result[first] = Math.max(0, (result[first] ?? 0) + toAdd - added);
  return result;
}

const clamp = (value: number, low: number, high: number): number => Math.max(low, Math.min(high, value));
