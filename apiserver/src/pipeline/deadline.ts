import type { ApiError } from '@quarterdeck/apis';
import type { Clock } from '@quarterdeck/machinery';
import { deadlineExceeded, watchNotOpened } from './errors.ts';
import type { ApiRequest } from './http-message.ts';
import { parseTimeout } from './query.ts';

const readMs = 60_000;
const writeMs = 34_000;

/** How long a request may take: writes 34 s, the rest 60 s, less if `timeout` says so. KA-8, KA-140 */
export function deadlineOf(request: Pick<ApiRequest, 'method' | 'query'>): Allowance {
  const longest = request.method === 'GET' || request.method === 'HEAD' ? readMs : writeMs;
  const asked = parseTimeout(request.query) ?? 0;
  return { ms: asked === 0 ? longest : Math.min(asked, longest), exceeded: deadlineExceeded };
}

/**
 * How long a watch may take to open, whatever `timeout` says: from its credentials to a cache that is fresh enough to begin
 * with. From then on it ends by its own rules. KA-8b, KA-140d
 */
export const watchOpening: Allowance = { ms: readMs, exceeded: watchNotOpened };

/** How long, and what the client is told when it was longer. */
export interface Allowance {
  readonly ms: number;
  readonly exceeded: () => ApiError;
}

export interface Deadline {
  /** Aborts with the request's own signal, and with the 504 when the time is over. */
  readonly signal: AbortSignal;
  /** Rejects when the signal aborts, whatever the work is still waiting for. */
  race<T>(work: Promise<T>): Promise<T>;
  cancel(): void;
}

/** Bounds a request; `allowance` undefined: not at all. */
export function startDeadline(clock: Clock, parent: AbortSignal, allowance: Allowance | undefined): Deadline {
  // It may be open for long: a signal of its own would be one more to keep.
  if (allowance === undefined) return { signal: parent, race: (work) => raced(work, parent), cancel: () => {} };
  const controller = new AbortController();
  const onAbort = () => controller.abort(parent.reason);
  if (parent.aborted) onAbort();
  else parent.addEventListener('abort', onAbort, { once: true });
  const timer = clock.after(allowance.ms, () => controller.abort(allowance.exceeded()));
  const { signal } = controller;
  return {
    signal,
    race: (work) => raced(work, signal),
    cancel() {
      timer.cancel();
      parent.removeEventListener('abort', onAbort);
    },
  };
}

function raced<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abandon = () => reject(signal.reason as Error);
    if (signal.aborted) abandon();
    else signal.addEventListener('abort', abandon, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abandon));
  });
}
