/** Between how many and how many: a cost, or a size as the function `size()` counts it. Both ends are inclusive. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** No bound. Sums and products stop here; a size or cost that reaches it is unknown. */
export const unbounded = 2 ** 64;

export const unknownRange: Range = { min: 0, max: unbounded };

export function fixed(value: number): Range {
  return { min: value, max: value };
}

export function addRanges(a: Range, b: Range): Range {
  return { min: Math.min(a.min + b.min, unbounded), max: Math.min(a.max + b.max, unbounded) };
}

export function multiplyRanges(a: Range, b: Range): Range {
  return { min: Math.min(a.min * b.min, unbounded), max: Math.min(a.max * b.max, unbounded) };
}

/** Multiplies by a factor and rounds up: the cost of a walk over something of this size. */
export function scaleRange(range: Range, factor: number): Range {
  return { min: scale(range.min, factor), max: scale(range.max, factor) };
}

/** The smallest range that holds both. */
export function unionRanges(a: Range, b: Range): Range {
  return { min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) };
}

function scale(value: number, factor: number): number {
  return Math.min(Math.ceil(value * factor), unbounded);
}

/** What CEL charges, in its own units: a tenth for each character walked over, a quarter for each one of a pattern. */
export const CostFactor = {
  string: 0.1,
  pattern: 0.25,
  createList: 10,
  createMap: 30,
  createStruct: 40,
} as const;
