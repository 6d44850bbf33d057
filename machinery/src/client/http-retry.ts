/** Tries after the first, as client-go. */
export const maxRetries = 10;
/** A server may not park a client for longer than this. */
const maxPauseSeconds = 60;

/**
 * How long to wait before a failed try is repeated, as client-go decides: 429 always, since the server did not act on
 * it; 503 for reads only; both only with Retry-After. KA-139
 * @param retries repetitions made so far
 * @returns milliseconds, or undefined to give up
 */
export function retryPause(
  answer: { code: number; retryAfterSeconds: number | undefined; isRead: boolean },
  retries: number,
): number | undefined {
  if (retries >= maxRetries || answer.retryAfterSeconds === undefined) return undefined;
  if (answer.code !== 429 && !(answer.code === 503 && answer.isRead)) return undefined;
  return Math.min(answer.retryAfterSeconds, maxPauseSeconds) * 1000;
}

/** Whole seconds of a Retry-After header; undefined when absent or not a number (dates are not used by Kubernetes). */
export function parseRetryAfter(header: string | readonly string[] | undefined): number | undefined {
  const text = typeof header === 'string' ? header : header?.[0];
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}
