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
  /** Counts anew what is due. What could not be read is undefined. RG-32 */
  latest(signal: AbortSignal): Promise<Pick<Seen, 'requests' | 'apis'>>;
}

const podsEveryMs = 60_000;
const kindsEveryMs = 5 * 60_000;
/** Pods of a page are summed up and dropped: the agent's memory does not grow with the cluster. */
const podsPerPage = 500;
const countWithinMs = 30_000;

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
    latest: async (signal) => ({ requests: await requests(signal), apis: await kinds(signal) }),
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

/** The last answer until it is due again; a failed one is due again at once. */
function every<T>(clock: Clock, periodMs: number, read: (signal: AbortSignal) => Promise<T | undefined>) {
  let last: { readonly at: number; readonly value: T | undefined } | undefined;
  return async (signal: AbortSignal): Promise<T | undefined> => {
    const now = clock.monotonic();
    if (last?.value === undefined || now - last.at >= periodMs) last = { at: now, value: await read(signal) };
    return last.value;
  };
}
