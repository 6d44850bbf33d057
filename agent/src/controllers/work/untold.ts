import {
  type EpochMs,
  encodeJson,
  isJsonObject,
  type JsonValue,
  type ObjectKey,
  parseJson,
} from '@quarterdeck/machinery';
import type { SeenDrift } from './decide-apply.ts';
import type { ManifestResult } from './manifest-result.ts';

/** Repairs that the hub has not heard of, since it was away or refused the report. They are told with the next. DL-21, F-14 */
export interface UntoldRepairs {
  /** The results of a pass with what is still to be told; the repairs of this pass are kept until they are told, too. */
  with(key: ObjectKey, results: readonly ManifestResult[], now: EpochMs): readonly ManifestResult[];
  /** The hub has heard of everything, or the Work is gone. */
  told(key: ObjectKey): void;
  /** What is still to be told, to be kept over a restart; undefined: nothing. */
  textOf(key: ObjectKey): string | undefined;
  /**
   * What an earlier process had kept; nothing happens when this one knows something itself.
   * @param isTold whether the hub has heard of a repair of this manifest, at that time or later
   */
  recall(key: ObjectKey, text: string | undefined, isTold: (ordinal: number, at: EpochMs) => boolean): void;
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
    textOf: (key) => textOf(works.get(key)),
    recall(key, text, isTold) {
      if (text === undefined || works.has(key)) return;
      const untold = readText(text).filter(([ordinal, { drift }]) => !isTold(ordinal, drift.seenAt ?? 0));
      if (untold.length > 0) works.set(key, new Map(untold));
    },
  };
}

/** What stands now comes before what was put right; of two repairs the newer one is told, and that there were two. */
function withBefore(seen: SeenDrift | undefined, before: SeenDrift | undefined, now: EpochMs): SeenDrift | undefined {
  if (seen === undefined) return before;
  if (seen.state !== 'Repaired') return seen;
  return { ...seen, seenAt: now, repairs: (before?.repairs ?? 0) + 1 };
}

/** More are not kept: they share one object with the journal. */
const maxKept = { objects: 100, fields: 10 } as const;

function textOf(untold: ReadonlyMap<number, Untold> | undefined): string | undefined {
  if (untold === undefined || untold.size === 0) return undefined;
  const kept = [...untold].slice(0, maxKept.objects).map(([ordinal, { drift, appliedHash }]) => ({
    ordinal,
    appliedHash: appliedHash ?? '',
    drift: { ...drift, fields: drift.fields.slice(0, maxKept.fields) },
  }));
  return encodeJson(kept as unknown as JsonValue);
}

/** What cannot be read is nothing. */
function readText(text: string): [number, Untold][] {
  try {
    const kept = parseJson(text);
    return (Array.isArray(kept) ? kept : []).flatMap((each): [number, Untold][] => {
      if (!isJsonObject(each) || typeof each.ordinal !== 'number' || !isJsonObject(each.drift)) return [];
      const { fields, isMissing } = each.drift;
      if (!Array.isArray(fields) || typeof isMissing !== 'boolean') return [];
      const drift = each.drift as unknown as SeenDrift;
      return [[each.ordinal, { drift, appliedHash: each.appliedHash === '' ? undefined : String(each.appliedHash) }]];
    });
  } catch {
    return [];
  }
}
