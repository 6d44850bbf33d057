import { ApiError, Event, isConflict, isNotFound, StatusReason, type Stored } from '@quarterdeck/apis';
import type { Client } from '@quarterdeck/machinery';
import type { Background, ControllerContext } from '../../context.ts';
import { defaultEventTtlMs, isExpired } from './decide.ts';

export interface EventExpiryOptions extends ControllerContext {
  /** Acts as `event-ttl-controller`. */
  readonly eventClient: Client;
}

const sweepMs = 60_000;
const pageSize = 500;

/**
 * Old events go. KA-141. A sweep each minute rather than an informer: events are many, change often and are looked at
 * by nobody, so a second copy of all of them would cost more than reading them now and then.
 */
export function eventExpiry(options: EventExpiryOptions): Background {
  const { eventClient, clock, eventTtlMs = defaultEventTtlMs } = options;
  const logger = options.logger.child({ controller: 'event.expiry' });
  const stopped = Promise.withResolvers<void>();

  async function sweep(signal: AbortSignal): Promise<void> {
    let token: string | undefined;
    do {
      const page = { limit: pageSize, ...(token === undefined ? {} : { continue: token }), signal };
      const { items, metadata } = await eventClient.list(Event, page);
      for (const event of items) {
        if (isExpired(event, clock.now(), eventTtlMs)) await remove(event, signal);
      }
      token = metadata.continue === '' ? undefined : metadata.continue;
    } while (token !== undefined && !signal.aborted);
  }

  async function remove({ metadata }: Stored<Event>, signal: AbortSignal): Promise<void> {
    const { name, namespace = '', uid, resourceVersion } = metadata;
    const call = { preconditions: { uid, resourceVersion }, signal };
    try {
      await eventClient.delete(Event, { namespace, name }, call);
    } catch (error) {
      // An event that was written again since it was read is not that old.
      if (isNotFound(error) || isConflict(error)) return;
      if (!isRefused(error)) throw error;
      logger.error({ err: error, event: `${namespace}/${name}` }, 'an old event could not be deleted');
    }
  }

  async function run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await clock.sleep(sweepMs, signal);
        await sweep(signal);
      } catch (error) {
        if (!signal.aborted) logger.error({ err: error }, 'events could not be swept');
      }
    }
  }

  return {
    name: 'event.expiry',
    stopped: stopped.promise,
    start: (signal) => void run(signal).finally(() => stopped.resolve()),
  };
}

/** One that may not go (a policy says so) keeps no other; when the storage is away, none will go for now. */
function isRefused(error: unknown): boolean {
  return error instanceof ApiError && (error.code < 500 || error.reason === StatusReason.InternalError);
}
