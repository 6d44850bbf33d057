import type { ControlPlaneHealth } from './decide.ts';

/** How long a change must last before it counts. RG-30 */
const steadyMs = 20_000;

export interface DampedHealth {
  readonly reported: ControlPlaneHealth;
  /** Monotonic ms since when the opposite of what is reported was seen without a break; undefined: not at all. */
  readonly changedAt: number | undefined;
}

/**
 * The first observation counts at once, later changes only after 20 s, both ways. Pure. RG-30
 * @param now monotonic ms: a jump of the wall clock is no duration
 */
export function observeHealth(before: DampedHealth | undefined, seen: ControlPlaneHealth, now: number): DampedHealth {
  if (before === undefined) return { reported: seen, changedAt: undefined };
  if (seen.status === before.reported.status) return { reported: before.reported, changedAt: undefined };
  const changedAt = before.changedAt ?? now;
  return now - changedAt >= steadyMs
    ? { reported: seen, changedAt: undefined }
    : { reported: before.reported, changedAt };
}
