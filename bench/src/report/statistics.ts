/** Middle value, and the mean of the two middle ones of an even number. @throws RangeError without values */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/**
 * The value below which a share of the others lies, between two values in proportion.
 * @param share 0 to 1; 0.99 is what is called p99
 * @throws RangeError without values, or for a share that is none
 */
export function quantile(values: readonly number[], share: number): number {
  if (!(share >= 0 && share <= 1)) throw new RangeError(`${share} is no share: it must be 0 to 1`);
  const sorted = Float64Array.from(values).sort();
  const position = (sorted.length - 1) * share;
  const below = sorted[Math.floor(position)];
  const above = sorted[Math.ceil(position)];
  if (below === undefined || above === undefined) throw new RangeError('no values, so nothing can be said of them');
  return below + (above - below) * (position - Math.floor(position));
}

/** How total cost grows with size: 1 is linear, 2 is quadratic. The slope in log-log space. @throws RangeError as `slope` does */
export function logLogSlope(points: readonly { readonly size: number; readonly cost: number }[]): number {
  return slope(points.map(({ size, cost }) => ({ x: Math.log(size), y: Math.log(cost) })));
}

/** Of the line that is nearest to the points by least squares. @throws RangeError when it has none */
export function slope(points: readonly { readonly x: number; readonly y: number }[]): number {
  const mean = (pick: (point: { x: number; y: number }) => number) =>
    points.reduce((sum, point) => sum + pick(point), 0) / points.length;
  const meanX = mean(({ x }) => x);
  const meanY = mean(({ y }) => y);
  const spread = points.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0);
  if (!(spread > 0)) throw new RangeError('a slope needs two sizes or more');
  return points.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0) / spread;
}
