/**
 * A candidate's place in the order of preference, packed into one number that is smaller for the better and differs for
 * every cluster. The order is that of PL-10: driven away last, chosen ones first, lost or undelivered ones of them last,
 * earlier candidate terms, no PreferNoSchedule taint; then (after soft spread) the position in a list of names, the
 * weighted score, the name. 53 bits: what a double holds exactly.
 */
export interface Place {
  readonly driven: boolean;
  readonly kept: boolean;
  readonly lost: boolean;
  /** 0 to 7. */
  readonly tier: number;
  readonly discouraged: boolean;
  /** 0 to 1023. */
  readonly listed: number;
  /** Within ±{@link maxTotal}. */
  readonly score: number;
  /** In the fleet, which is in the order of names: below 131,072. */
  readonly position: number;
}

/** More than any weighted sum: 18 priorities of weight 100. */
const maxTotal = 200_000;
const scoreRange = 2 ** 19;
const positionRange = 2 ** 17;
const lowRange = 1024 * scoreRange * positionRange;

export function packPlace(place: Place): number {
  const high = packHigh(place.driven, place.kept, place.lost, place.tier, place.discouraged);
  return high * lowRange + packLow(place.listed, place.score, place.position);
}

export const packHigh = (driven: boolean, kept: boolean, lost: boolean, tier: number, discouraged: boolean): number =>
  (driven ? 64 : 0) + (kept ? 0 : 32) + (lost ? 16 : 0) + tier * 2 + (discouraged ? 1 : 0);

export const packLow = (listed: number, score: number, position: number): number =>
  (listed * scoreRange + (maxTotal - score)) * positionRange + position;

export const packParts = (high: number, low: number): number => high * lowRange + low;

export const highOf = (key: number): number => Math.floor(key / lowRange);
// By division: the remainder of large doubles is many times slower.
export const lowOf = (key: number): number => key - Math.floor(key / lowRange) * lowRange;
export const positionOfKey = (key: number): number => key - Math.floor(key / positionRange) * positionRange;

/** The `wanted` best, in order of preference. Keys differ. */
export function best(keys: Float64Array, wanted: number): Float64Array {
  if (wanted >= keys.length) return keys.toSorted();
  if (wanted > 64) return keys.toSorted().subarray(0, wanted);
  // Few of many: one pass with insertion beats sorting all.
  const top = new Float64Array(wanted);
  let count = 0;
  let last = Number.POSITIVE_INFINITY;
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index] ?? 0;
    if (key > last) continue;
    let at = count < wanted ? count++ : count - 1;
    while (at > 0 && (top[at - 1] ?? 0) > key) {
      top[at] = top[at - 1] ?? 0;
      at--;
    }
    top[at] = key;
    if (count === wanted) last = top[count - 1] ?? 0;
  }
  return top;
}

/** Sums of a set in the order in which sets are compared: the first difference decides, smaller is better. PL-10 */
export function sumsOf(keys: Iterable<number>, softCost: number): number[] {
  const sums = [0, 0, 0, 0, 0, softCost, 0, 0, 0];
  for (const key of keys) {
    const high = highOf(key);
    const low = lowOf(key);
    add(sums, 0, high & 64 ? 1 : 0);
    add(sums, 1, high & 32 ? 1 : 0);
    add(sums, 2, high & 16 ? 1 : 0);
    add(sums, 3, (high >> 1) & 7);
    add(sums, 4, high & 1);
    const rest = Math.floor(low / positionRange);
    add(sums, 6, Math.floor(rest / scoreRange));
    add(sums, 7, rest % scoreRange);
    add(sums, 8, low % positionRange);
  }
  return sums;
}

function add(sums: number[], index: number, amount: number): void {
  sums[index] = (sums[index] ?? 0) + amount;
}

/** Negative when `a` is the better. */
export function compareSums(a: readonly number[], b: readonly number[]): number {
  for (let index = 0; index < a.length; index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
