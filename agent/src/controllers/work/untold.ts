import type { EpochMs, ObjectKey } from '@quarterdeck/machinery';
import type { SeenDrift } from './decide-apply.ts';
import type { ManifestResult } from './status.ts';

/** Repairs that the hub has not heard of, since it was away or refused the report. They are told with the next. DL-21, F-14 */
export interface UntoldRepairs {
  /** The results of a pass with what is still to be told; the repairs of this pass are kept until they are told, too. */
  with(key: ObjectKey, results: readonly ManifestResult[], now: EpochMs): readonly ManifestResult[];
  /** The hub has heard of everything, or the Work is gone. */
  told(key: ObjectKey): void;
}

interface Untold {
  readonly drift: SeenDrift;
  /** Of the manifest that was put back: another one is another story. */
  readonly appliedHash: string | undefined;
}

export function createUntoldRepairs(): UntoldRepairs {
  const works = new Map<ObjectKey, Map<number, Untold>>();
  return {
    with(key, results, now) {
      const untold = works.get(key) ?? new Map<number, Untold>();
      const merged = results.map((result) => {
        const { appliedHash, identifier } = result;
        const known = untold.get(identifier.ordinal);
        const before = known?.appliedHash === appliedHash ? known?.drift : undefined;
        const drift = withBefore(result.drift, before, now);
        if (drift?.state === 'Repaired') untold.set(identifier.ordinal, { drift, appliedHash });
        else untold.delete(identifier.ordinal);
        return drift === result.drift ? result : { ...result, drift };
      });
      if (untold.size > 0) works.set(key, untold);
      else works.delete(key);
      return merged;
    },
    told: (key) => void works.delete(key),
  };
}

/** What stands now comes before what was put right; of two repairs the newer one is told, and that there were two. */
function withBefore(seen: SeenDrift | undefined, before: SeenDrift | undefined, now: EpochMs): SeenDrift | undefined {
  if (seen === undefined) return before;
  if (seen.state !== 'Repaired') return seen;
  return { ...seen, seenAt: now, repairs: (before?.repairs ?? 0) + 1 };
}
