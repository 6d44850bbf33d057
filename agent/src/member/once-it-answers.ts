import type { Clock, Logger } from '@quarterdeck/machinery';

export interface PatienceOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

const againMs = 2_000;

/** The member may be away while the agent starts. @throws the last failure when the signal has aborted */
export async function onceItAnswers<T>(
  attempt: () => Promise<T>,
  { clock, logger, signal }: PatienceOptions,
): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (signal.aborted) throw error;
      logger.warn(
        { reason: error instanceof Error ? error.message : String(error) },
        'the member is not ready for the agent; trying again',
      );
      await clock.sleep(againMs, signal);
    }
  }
}
