import { type KubeObject, Placement, type PlacementDecision, type Stored } from '@quarterdeck/apis';
import { type Clock, compareRevisions, type Informer } from '@quarterdeck/machinery';
import { cacheKey } from '../../../fleet/caches.ts';

/**
 * What was just written for each placement, until the caches show it: deciding before would write the same again, and be
 * refused. Their events bring the next visit; should none come, because somebody else was quicker, time does.
 */
export interface Echoes {
  /** What a commit for the placement made. */
  expect(key: string, written: readonly Stored<KubeObject>[]): void;
  /** Milliseconds until the caches are believed whatever they show; undefined: they show all that was written. */
  waitMs(key: string): number | undefined;
}

export interface EchoCaches {
  readonly placements: Pick<Informer<Placement>, 'get'>;
  readonly decisions: Pick<Informer<PlacementDecision>, 'get'>;
}

/** Longer than a cache is behind; short for somebody whose slice was deleted in that moment. */
const patienceMs = 1_000;

export function createEchoes(caches: EchoCaches, clock: Clock): Echoes {
  const awaited = new Map<string, { readonly until: number; readonly objects: readonly Stored<KubeObject>[] }>();
  const isShown = (object: Stored<KubeObject>): boolean => {
    const cache = object.kind === Placement.kind ? caches.placements : caches.decisions;
    const version = cache.get(cacheKey(object))?.metadata.resourceVersion;
    return version !== undefined && (compareRevisions(version, object.metadata.resourceVersion) ?? 0) >= 0;
  };
  return {
    expect(key, written) {
      if (written.length > 0) awaited.set(key, { until: clock.monotonic() + patienceMs, objects: written });
    },
    waitMs(key) {
      const entry = awaited.get(key);
      if (entry === undefined) return undefined;
      const leftMs = entry.until - clock.monotonic();
      if (leftMs > 0 && !entry.objects.every(isShown)) return leftMs;
      awaited.delete(key);
      return undefined;
    },
  };
}
