import type { Clock } from '@quarterdeck/machinery';
import { deadlineExceeded } from './errors.ts';
import type { ApiRequest } from './http-message.ts';
import { parseTimeout } from './query.ts';

const readMs = 60_000;
const writeMs = 34_000;

/** How long a request may take: writes 34 s, the rest 60 s, less if `timeout` says so. KA-8, KA-140 */
export function deadlineOf(request: Pick<ApiRequest, 'method' | 'query'>): number {
  const longest = request.method === 'GET' || request.method === 'HEAD' ? readMs : writeMs;
  const asked = parseTimeout(request.query) ?? 0;
  return asked === 0 ? longest : Math.min(asked, longest);
}

export interface Deadline {
  /** Aborts with the request's own signal, and with the 504 when the time is over. */
  readonly signal: AbortSignal;
  /** Rejects when the signal aborts, whatever the work is still waiting for. */
  race<T>(work: Promise<T>): Promise<T>;
  cancel(): void;
}

/** Bounds a request; `ms` undefined: not at all (watches end themselves). */
export function startDeadline(clock: Clock, parent: AbortSignal, ms: number | undefined): Deadline {
  const controller = new AbortController();
  const onAbort = () => controller.abort(parent.reason);
  if (parent.aborted) onAbort();
  else parent.addEventListener('abort', onAbort, { once: true });
  const timer = ms === undefined ? undefined : clock.after(ms, () => controller.abort(deadlineExceeded()));
  const { signal } = controller;
  return {
    signal,
    race: (work) =>
      new Promise((resolve, reject) => {
        const abandon = () => reject(signal.reason as Error);
        if (signal.aborted) abandon();
        else signal.addEventListener('abort', abandon, { once: true });
        work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abandon));
      }),
    cancel() {
      timer?.cancel();
      parent.removeEventListener('abort', onAbort);
    },
  };
}
