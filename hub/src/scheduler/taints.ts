import type { EpochMs } from '@quarterdeck/machinery';
import type { Taint } from './cluster-view.ts';
import type { Toleration } from './placement-request.ts';

/** Whether one toleration covers one taint, by Kubernetes' rules. PL-8 */
export function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect !== undefined && toleration.effect !== taint.effect) return false;
  const key = toleration.key ?? '';
  const operator = toleration.operator ?? 'Equal';
  if (key === '') return operator === 'Exists';
  if (key !== taint.key) return false;
  return operator === 'Exists' || (toleration.value ?? '') === taint.value;
}

/** The first taint of the effect that nothing tolerates; undefined when all are tolerated. */
export function untolerated(
  taints: readonly Taint[],
  tolerations: readonly Toleration[],
  effect: Taint['effect'],
): Taint | undefined {
  return taints.find((taint) => taint.effect === effect && !tolerations.some((each) => tolerates(each, taint)));
}

/** How long a chosen cluster may stay: `now` or earlier when it must go, Infinity when nothing drives it away. */
export function evictionTime(taints: readonly Taint[], tolerations: readonly Toleration[], now: EpochMs): EpochMs {
  let earliest = Number.POSITIVE_INFINITY;
  for (const taint of taints) {
    if (taint.effect !== 'NoExecute') continue;
    const matching = tolerations.filter((each) => tolerates(each, taint));
    if (matching.length === 0) return now;
    // Of several the earliest expiry counts, as in Kubernetes.
    for (const { tolerationSeconds } of matching) {
      if (tolerationSeconds === undefined) continue;
      earliest = Math.min(earliest, (taint.timeAdded ?? now) + Math.max(0, tolerationSeconds) * 1000);
    }
  }
  return earliest;
}
