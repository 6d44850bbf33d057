export interface BackoffOptions {
  /** Longest pause after the first failure. */
  baseMs: number;
  /** No pause is longer. */
  maxMs: number;
}

/**
 * Pause after a number of failures in a row: doubling, with the upper half random, so that many clients that failed
 * together do not return together (F-33).
 * @param failures at least 1
 * @param random in [0, 1)
 */
export function backoffMs({ baseMs, maxMs }: BackoffOptions, failures: number, random: number): number {
  const ceiling = Math.min(maxMs, baseMs * 2 ** Math.min(failures - 1, 50));
  return ceiling * (0.5 + random / 2);
}
