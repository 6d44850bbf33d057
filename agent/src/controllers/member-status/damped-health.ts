import type { ControlPlaneHealth } from './decide.ts';

/** How long a change must last before it counts. RG-30 */
const steadyMs = 20_000;

export interface DampedHealth {
  readonly reported: ControlPlaneHealth;
  /** What was seen since instead, and since when without a break, monotonic ms; undefined: nothing else. */
  readonly instead: { readonly health: ControlPlaneHealth; readonly since: number } | undefined;
}

/**
 * The first observation counts at once, later changes only after 20 s, both ways; so does another cause of ill health, which
 * is told in place of the first. Pure. RG-30
 * @param now monotonic ms: a jump of the wall clock is no duration
 */
export function observeHealth(before: DampedHealth | undefined, seen: ControlPlaneHealth, now: number): DampedHealth {
  if (before === undefined) return { reported: seen, instead: undefined };
  const { reported, instead } = before;
  if (isSame(seen, reported)) return { reported, instead: undefined };
  // Of a change of the status itself, the words may vary meanwhile.
  const lasts =
    instead !== undefined && (seen.status === reported.status ? isSame : hasSameStatus)(instead.health, seen);
  const since = lasts ? instead.since : now;
  return now - since >= steadyMs
    ? { reported: seen, instead: undefined }
    : { reported, instead: { health: seen, since } };
}

const hasSameStatus = (a: ControlPlaneHealth, b: ControlPlaneHealth): boolean => a.status === b.status;
const isSame = (a: ControlPlaneHealth, b: ControlPlaneHealth): boolean =>
  hasSameStatus(a, b) && a.message === b.message;
