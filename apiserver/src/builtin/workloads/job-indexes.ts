/** Both ends are in it. */
interface Interval {
  readonly first: number;
  readonly last: number;
}

/**
 * What is wrong with indexes as a job's status writes them: `1,3-5`, ascending, each below `completions`. KA-3
 * @returns undefined when nothing is
 */
export function intervalError(text: string, completions: number): string | undefined {
  if (text === '') return undefined;
  let previous: number | undefined;
  for (const part of text.split(',')) {
    const interval = parseInterval(part, completions);
    if (typeof interval === 'string') return interval;
    if (previous !== undefined && previous >= interval.first) return outOfOrder(previous, interval.first);
    previous = interval.last;
  }
  return undefined;
}

/** The first index that is in both; what cannot be read is passed over. */
export function sharedIndex(one: string, other: string, completions: number): number | undefined {
  const [left, right] = [one, other].map((text) =>
    text.split(',').flatMap((part) => {
      const interval = parseInterval(part, completions);
      return typeof interval === 'string' ? [] : [interval];
    }),
  ) as [Interval[], Interval[]];
  for (let [i, j] = [0, 0]; ; ) {
    const [a, b] = [left[i], right[j]];
    if (a === undefined || b === undefined) return undefined;
    if (a.first <= b.last && b.first <= a.last) return Math.max(a.first, b.first);
    if (a.first <= b.first) i += 1;
    else j += 1;
  }
}

function parseInterval(text: string, completions: number): Interval | string {
  const ends = text.split('-');
  if (ends.length > 2) {
    return `the fragment "${text}" violates the requirement that an index interval can have at most two parts separated by '-'`;
  }
  const indexes: number[] = [];
  for (const end of ends) {
    if (!/^\+?\d{1,15}$/.test(end)) return `cannot convert string to integer for index: "${end}"`;
    if (Number(end) >= completions) return `too large index: "${end}"`;
    indexes.push(Number(end));
  }
  const [first = 0, last = first] = indexes;
  if (ends.length === 2 && first >= last) return outOfOrder(first, last);
  return { first, last };
}

const outOfOrder = (previous: number, current: number): string =>
  `non-increasing order, previous: ${previous}, current: ${current}`;
