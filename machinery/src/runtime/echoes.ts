import type { KubeObject, Stored } from '@quarterdeck/apis';
import { compareRevisions } from '../client/revision.ts';
import type { Clock } from './clock.ts';

/**
 * What a controller just wrote for each of its keys, until the caches show it: deciding before would write the same again, and
 * be refused. Their events bring the next visit; should none come, because somebody else was quicker, time does.
 */
export interface Echoes {
  /** What a commit for the key made, or marked for deletion. */
  expect(key: string, written: readonly Stored<KubeObject>[]): void;
  /** Milliseconds until the caches are believed whatever they show; undefined: they show all that was written. */
  waitMs(key: string): number | undefined;
}

/** The object as the cache of its kind has it; undefined: it is not there, (yet, or any more). */
export type Cached = (object: Stored<KubeObject>) => Stored<KubeObject> | undefined;

/** Longer than a cache is behind; short for somebody whose object was deleted in that moment. */
const patienceMs = 1_000;

export function createEchoes(cached: Cached, clock: Clock): Echoes {
  const awaited = new Map<string, { readonly until: number; readonly objects: Stored<KubeObject>[] }>();
  const isShown = (object: Stored<KubeObject>): boolean => {
    const version = cached(object)?.metadata.resourceVersion;
    if (version === undefined) return object.metadata.deletionTimestamp !== undefined;
    return (compareRevisions(version, object.metadata.resourceVersion) ?? 0) >= 0;
  };
  return {
    expect(key, written) {
      if (written.length > 0) awaited.set(key, { until: clock.monotonic() + patienceMs, objects: [...written] });
    },
    waitMs(key) {
      const entry = awaited.get(key);
      if (entry === undefined) return undefined;
      const { objects } = entry;
      // One that was shown is not looked at again: a thousand events bring a thousand visits.
      for (let last = objects.at(-1); last !== undefined && isShown(last); last = objects.at(-1)) objects.pop();
      const leftMs = entry.until - clock.monotonic();
      if (leftMs > 0 && objects.length > 0) return leftMs;
      awaited.delete(key);
      return undefined;
    },
  };
}
