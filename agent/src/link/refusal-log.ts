import type { Clock, Logger } from '@quarterdeck/machinery';

/** What keeps on failing is told again after this long. */
export const tellEveryMs = 10 * 60_000;

/** Informers ask at least this often; a refusal after a longer pause is another one. */
const sameWithinMs = 180_000;

interface RefusalLog {
  /** For the informers that read from the hub. */
  readonly logger: Logger;
  /** To be told of each heartbeat that the hub takes. */
  readonly heartbeatTaken: () => void;
}

/**
 * An agent that the hub refuses says so once, by its heartbeat, and not for each kind that it reads. What is refused of a kind
 * while heartbeats are taken is another matter, and told: at first, and then now and then. RG-41
 */
export function createRefusalLog(logger: Logger, clock: Pick<Clock, 'monotonic'>): RefusalLog {
  interface Refused {
    readonly since: number;
    readonly last: number;
    readonly toldAt: number | undefined;
  }
  const refused = new Map<unknown, Refused>();
  let takenAt = Number.NEGATIVE_INFINITY;
  const mayTell = (kind: unknown): boolean => {
    const now = clock.monotonic();
    const before = refused.get(kind);
    const isSame = before !== undefined && now - before.last <= sameWithinMs;
    const { since, toldAt } = isSame ? before : { since: now, toldAt: undefined };
    const isDue = takenAt > since && (toldAt === undefined || now - toldAt >= tellEveryMs);
    refused.set(kind, { since, last: now, toldAt: isDue ? now : toldAt });
    return isDue;
  };
  const warn = (fields: Readonly<Record<string, unknown>>, message: string) => {
    const isRefusal = fields.code === 401 || fields.code === 403;
    logger[isRefusal && !mayTell(fields.kind) ? 'debug' : 'warn'](fields, message);
  };
  return {
    logger: {
      debug: logger.debug.bind(logger),
      info: logger.info.bind(logger),
      error: logger.error.bind(logger),
      child: logger.child.bind(logger),
      warn: warn as Logger['warn'],
    },
    heartbeatTaken() {
      takenAt = clock.monotonic();
    },
  };
}
