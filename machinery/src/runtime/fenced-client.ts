import type { CallOptions, Client } from '../client/client.ts';
import { type HeldLease, LeaseLostError } from './lease.ts';

/**
 * The client of a leader's controllers: refuses writes once the lease may have expired, and ends those under way when it
 * is lost. Reads pass. It narrows the window; what closes it is the resourceVersion that each of our writes carries.
 * RL-4, F-19, F-30
 * @throws (each write) LeaseLostError
 */
export function fencedClient(client: Client, lease: HeldLease): Client {
  const guard = async <R>(options: CallOptions | undefined, write: (signal: AbortSignal) => Promise<R>): Promise<R> => {
    if (!lease.isHeld()) {
      throw lease.signal.reason instanceof LeaseLostError
        ? lease.signal.reason
        : new LeaseLostError('the lease may have expired');
    }
    const linked = linkSignals(lease.signal, options?.signal);
    try {
      return await write(linked.signal);
    } finally {
      linked.unlink();
    }
  };
  return {
    get: (type, ref, options) => client.get(type, ref, options),
    list: (type, options) => client.list(type, options),
    watch: (type, options) => client.watch(type, options),
    getRaw: (path, options) => client.getRaw(path, options),
    create: (type, object, options) => guard(options, (signal) => client.create(type, object, { ...options, signal })),
    update: (type, object, options) => guard(options, (signal) => client.update(type, object, { ...options, signal })),
    patch: (type, ref, patch, options) =>
      guard(options, (signal) => client.patch(type, ref, patch, { ...options, signal })),
    apply: (type, object, options) => guard(options, (signal) => client.apply(type, object, { ...options, signal })),
    delete: (type, ref, options) => guard(options, (signal) => client.delete(type, ref, { ...options, signal })),
    deleteCollection: (type, options) =>
      guard(options, (signal) => client.deleteCollection(type, { ...options, signal })),
  };
}

/** Aborts with the first of both. Unlike AbortSignal.any it can be undone, so the long-lived one gathers no listeners. */
function linkSignals(lease: AbortSignal, call: AbortSignal | undefined): { signal: AbortSignal; unlink(): void } {
  const controller = new AbortController();
  const sources = call === undefined ? [lease] : [lease, call];
  const onAbort = () => controller.abort(sources.find(({ aborted }) => aborted)?.reason);
  for (const source of sources) {
    if (source.aborted) onAbort();
    else source.addEventListener('abort', onAbort, { once: true });
  }
  return {
    signal: controller.signal,
    unlink: () => {
      for (const source of sources) source.removeEventListener('abort', onAbort);
    },
  };
}
