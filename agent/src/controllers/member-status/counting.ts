import { Pod } from '@quarterdeck/apis';
import type { Client, Clock, Logger } from '@quarterdeck/machinery';
import { withDeadline } from '../../deadline.ts';
import type { Seen } from './decide.ts';
import { addRequests, type NodeRequests } from './requests.ts';
import { readServedKinds } from './served-kinds.ts';

export interface CountingOptions {
  readonly memberClient: Client;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What is too much to be watched: pods are summed up and kinds asked for, now and then. */
export interface Counting {
  /**
   * What was counted last; begins to count anew what is due, and waits a moment for that, so that a member which answers
   * slowly does not hold up what is told of its health. What could not be read is undefined. RG-30, RG-32
   */
  latest(signal: AbortSignal): Promise<Pick<Seen, 'requests' | 'apis'>>;
}

const podsEveryMs = 60_000;
const kindsEveryMs = 5 * 60_000;
/** Pods of a page are summed up and dropped: the agent's memory does not grow with the cluster. */
const podsPerPage = 500;
const countWithinMs = 30_000;
const patienceMs = 2_000;

export function createCounting({ memberClient, clock, logger }: CountingOptions): Counting {
  const within = <T>(signal: AbortSignal, read: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> =>
    withDeadline(clock, countWithinMs, signal, read).catch((error: unknown) => {
      signal.throwIfAborted();
      const reason = error instanceof Error ? error.message : String(error);
      logger.debug({ reason }, 'the member could not be counted; the last report stays');
      return undefined;
    });
  const requests = every(clock, podsEveryMs, (signal) =>
    within(signal, async (inTime) => {
      const countedAt = clock.now();
      return { byNode: await countPods(memberClient, inTime), countedAt };
    }),
  );
  const kinds = every(clock, kindsEveryMs, (signal) =>
    within(signal, (inTime) => readServedKinds(memberClient, inTime)),
  );
  return {
    async latest(signal) {
      const counted = new AbortController();
      void Promise.all([requests.refresh(signal), kinds.refresh(signal)]).then(() => counted.abort());
      await clock.sleep(patienceMs, AbortSignal.any([signal, counted.signal])).catch(() => {});
      return { requests: requests.value(), apis: kinds.value() };
    },
  };
}

async function countPods(memberClient: Client, signal: AbortSignal): Promise<Map<string, NodeRequests>> {
  const byNode = new Map<string, NodeRequests>();
  let next: string | undefined;
  do {
    const page = await memberClient.list(Pod, {
      limit: podsPerPage,
      ...(next === undefined ? {} : { continue: next }),
      signal,
    });
    addRequests(byNode, page.items);
    next = page.metadata?.continue || undefined;
  } while (next !== undefined);
  return byNode;
}

/** The last answer until it is due again; a failed one is due again at once. One is read at a time. */
function every<T>(clock: Clock, periodMs: number, read: (signal: AbortSignal) => Promise<T | undefined>) {
  let last: { readonly at: number; readonly value: T | undefined } | undefined;
  let reading: Promise<void> | undefined;
  const readAnew = async (signal: AbortSignal) => {
    const at = clock.monotonic();
    try {
      last = { at, value: await read(signal) };
    } catch {
      // Only when all of it ends.
    } finally {
      reading = undefined;
    }
  };
  return {
    value: () => last?.value,
    refresh(signal: AbortSignal): Promise<void> {
      if (reading !== undefined) return reading;
      if (last?.value !== undefined && clock.monotonic() - last.at < periodMs) return Promise.resolve();
      reading = readAnew(signal);
      return reading;
    },
  };
}
