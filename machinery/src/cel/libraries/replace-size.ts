import { addRanges, multiplyRanges, type Range, unbounded } from '../size.ts';

/**
 * How long a text can be after a replacement, with the same reasoning as Kubernetes: most replacements of the shortest
 * text by the longest, fewest of the longest by the shortest. KA-102
 */
export function replaceSize({ text, old, by }: { text: Range; old: Range; by: Range }): Range {
  const most = largest(text, old, by);
  const least = smallest(text, old, by);
  const count = { min: least.count, max: most.count };
  return addRanges(multiplyRanges(count, by), { min: least.retained, max: most.retained });
}

interface Side {
  readonly count: number;
  /** What stays of the text itself. */
  readonly retained: number;
}

function largest(text: Range, old: Range, by: Range): Side {
  // Nothing is found before, between and after all characters.
  if (old.min === 0) return { count: Math.min(text.max + 1, unbounded), retained: text.max };
  if (by.max <= old.min) return { count: 0, retained: text.max };
  return { count: Math.ceil(text.max / old.min), retained: 0 };
}

function smallest(text: Range, old: Range, by: Range): Side {
  if (old.max === 0) return { count: Math.min(text.min + 1, unbounded), retained: text.min };
  if (old.max <= by.min) return { count: 0, retained: text.min };
  return { count: Math.ceil(text.min / old.max), retained: 0 };
}
