import type { EpochMs } from '@quarterdeck/machinery';
import { degraded, type Health } from './health.ts';

/** Health, and when time alone will change it; undefined: never. */
export interface TimedHealth {
  readonly health: Health;
  readonly changesAt: EpochMs | undefined;
}

/**
 * An object that progresses for longer than its deadline counts as failed, with what it was last waiting for. A suspended
 * Job waits for a person, not for time. DL-22
 * @param since when it began to progress
 * @param deadlineSeconds undefined: it may take for ever
 */
export function withDeadline(
  health: Health,
  since: EpochMs,
  deadlineSeconds: number | undefined,
  now: EpochMs,
): TimedHealth {
  if (health.health !== 'Progressing' || health.reason === 'Suspended' || deadlineSeconds === undefined)
    return { health, changesAt: undefined };
  const at = since + deadlineSeconds * 1000;
  if (now < at) return { health, changesAt: at };
  const { replicas } = health;
  const late = degraded('DeadlineExceeded', `not healthy within ${deadlineSeconds} s: ${health.message}`);
  return { health: replicas === undefined ? late : { ...late, replicas }, changesAt: undefined };
}
