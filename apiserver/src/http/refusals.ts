import type { Clock, Logger } from '@quarterdeck/machinery';

/** One line for all that is refused within this time, so that who knocks a thousand times fills no log. */
const linesApartMs = 60_000;

export interface RefusalsOptions {
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly logger: Logger;
  /** For the log: how many connections are held when one more is refused. */
  readonly limit: number | undefined;
  /** Called for each. */
  readonly onRefused?: () => void;
}

/** @returns to be called for each connection that is refused for want of room. F-32 */
export function createRefusals({ clock, logger, limit, onRefused }: RefusalsOptions): () => void {
  let refused = 0;
  let lastLine = Number.NEGATIVE_INFINITY;
  return () => {
    refused += 1;
    onRefused?.();
    if (clock.monotonic() - lastLine < linesApartMs) return;
    logger.warn(
      { refused, limit },
      'connections are refused: there are as many as the limit of open files leaves room for; raise it (ulimit -n)',
    );
    refused = 0;
    lastLine = clock.monotonic();
  };
}
