import type { Deployment } from '@quarterdeck/apis';

/** How far a rolling update may leave the wanted number of pods. */
export interface Bounds {
  readonly surge: number;
  readonly unavailable: number;
}

/** A number, or a percentage of `total` rounded as told; anything else is 0. */
export function resolveShare(value: number | string | undefined, total: number, round: 'up' | 'down'): number {
  if (typeof value === 'number') return Math.max(0, value);
  const percent = /^(\d+)%$/.exec(value ?? '')?.[1];
  if (percent === undefined) return 0;
  // Whole numbers until the end: 0.07 * 100 is more than 7.
  const hundredths = Number(percent) * total;
  return round === 'up' ? Math.ceil(hundredths / 100) : Math.floor(hundredths / 100);
}

/**
 * Surge rounds up and unavailability down; where both come out as 0 one pod may be missing, so that an update can move.
 * A Recreate update has no surge and keeps nothing.
 */
export function boundsOf({ replicas = 1, strategy }: Deployment['spec']): Bounds {
  if (strategy?.type === 'Recreate') return { surge: 0, unavailable: replicas };
  const surge = resolveShare(strategy?.rollingUpdate?.maxSurge, replicas, 'up');
  const unavailable = resolveShare(strategy?.rollingUpdate?.maxUnavailable, replicas, 'down');
  return { surge, unavailable: Math.min(replicas, surge === 0 && unavailable === 0 ? 1 : unavailable) };
}
