import type { Figure } from './figure.ts';
import type { BenchResult } from './result.ts';

/** One figure in two results. */
export interface Comparison {
  readonly name: string;
  readonly unit: string;
  /** Median; undefined where the result does not have the figure. */
  readonly before: number | undefined;
  readonly after: number | undefined;
  /** `after` over `before`. */
  readonly ratio: number | undefined;
  /** The two ranges do not overlap: more than what runs differ by. */
  readonly isApart: boolean;
}

/** @throws Error for results of different benches */
export function compare(before: BenchResult, after: BenchResult): Comparison[] {
  if (before.bench !== after.bench) throw new Error(`${before.bench} and ${after.bench} are different benches`);
  const byName = (result: BenchResult) => new Map(result.figures.map((figure) => [figure.name, figure]));
  const [old, fresh] = [byName(before), byName(after)];
  return [...new Set([...old.keys(), ...fresh.keys()])].map((name) => comparison(name, old.get(name), fresh.get(name)));
}

function comparison(name: string, before: Figure | undefined, after: Figure | undefined): Comparison {
  const isPair = before !== undefined && after !== undefined;
  return {
    name,
    unit: (after ?? before)?.unit ?? '',
    before: before?.median,
    after: after?.median,
    ratio: isPair && before.median !== 0 ? after.median / before.median : undefined,
    isApart: isPair && (after.min > before.max || after.max < before.min),
  };
}

/** For a terminal: one line a figure, `*` where the ranges are apart. */
export function comparisonText(comparisons: readonly Comparison[]): string {
  const show = (value: number | undefined) => (value === undefined ? '-' : value.toPrecision(4));
  const width = Math.max(0, ...comparisons.map(({ name }) => name.length));
  const lines = comparisons.map(({ name, unit, before, after, ratio, isApart }) => {
    const change = ratio === undefined ? '' : `x${ratio.toFixed(2)}${isApart ? ' *' : ''}`;
    return `${name.padEnd(width)}  ${show(before)} -> ${show(after)} ${unit}  ${change}`.trimEnd();
  });
  return `${lines.join('\n')}\n`;
}
