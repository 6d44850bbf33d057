import type { Event } from '@quarterdeck/apis';
import type { EpochMs } from '@quarterdeck/machinery';

/** Events are kept this long after their last write. KA-141 */
export const defaultEventTtlMs = 3_600_000;

/** How far the clock of another process of this server may be ahead. */
const skewMs = 60_000;

/**
 * When an event was last written, epoch ms: the latest of all the times in it, those of its managed fields included,
 * since a recorder that counts up writes without touching the others. Recorders set most of them, so a time that is yet to
 * come says nothing: the event would stay until then. Undefined when it has none.
 */
export function lastWrite(event: Event, now: EpochMs): EpochMs | undefined {
  const times = [
    event.metadata.creationTimestamp,
    event.lastTimestamp,
    event.eventTime,
    event.series?.lastObservedTime,
    ...(event.metadata.managedFields ?? []).map(({ time }) => time),
  ];
  const known = times.map((time) => Date.parse(time ?? '')).filter((time) => time <= now + skewMs);
  return known.length === 0 ? undefined : Math.max(...known);
}

export function isExpired(event: Event, now: EpochMs, ttlMs: number): boolean {
  const at = lastWrite(event, now);
  return at !== undefined && now - at >= ttlMs;
}
