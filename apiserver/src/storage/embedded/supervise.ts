import type { Clock, Logger } from '@quarterdeck/machinery';
import type { Server } from './server.ts';

export interface Supervised extends AsyncDisposable {
  /** Of the present run; undefined between two. */
  readonly pid: number | undefined;
}

const backoffMinMs = 100;
const backoffMaxMs = 5_000;
/** A run this long was healthy: the next failure is the first again. */
const healthyMs = 60_000;

/** Starts the server, and again whenever it ends by itself. F-3 @throws what the first start throws */
export async function supervise(start: () => Promise<Server>, clock: Clock, logger: Logger): Promise<Supervised> {
  const stopping = new AbortController();
  let server: Server | undefined = await start();

  const keepUp = async (): Promise<void> => {
    let backoffMs = backoffMinMs;
    while (!stopping.signal.aborted) {
      const started = clock.monotonic();
      const outcome = await server?.exited.catch((cause: unknown) => cause);
      server = undefined;
      if (stopping.signal.aborted) return;
      if (clock.monotonic() - started >= healthyMs) backoffMs = backoffMinMs;
      logger.warn({ outcome, retryMs: backoffMs }, 'the embedded database ended; starting it again');
      await clock.sleep(backoffMs, stopping.signal).catch(() => {});
      backoffMs = Math.min(backoffMs * 2, backoffMaxMs);
      if (stopping.signal.aborted) return;
      server = await start().catch((cause: unknown) => {
        logger.error({ err: cause }, 'the embedded database does not start');
        return undefined;
      });
    }
  };
  const kept = keepUp();

  return {
    get pid() {
      return server?.pid;
    },
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await server?.stop();
      await kept;
      // A start that was under way when stopping began has only now come up.
      await server?.stop();
    },
  };
}
