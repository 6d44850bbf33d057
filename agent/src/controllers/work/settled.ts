import type { JsonObject, JsonValue } from '@quarterdeck/machinery';
import { contentHash } from './manifest.ts';

/**
 * Remembers, per object, how the member stored what was last applied.
 *
 * A live object rarely equals its manifest byte for byte: quantities are rewritten (`1000m` becomes `1`), defaults fill in,
 * others add list items. Comparing with the manifest would send it again at every look. So what the server answered to the
 * last apply is kept as a hash of the fields that the manifest names, and only a difference from that is drift. In memory:
 * after a restart each such object is sent once, which changes nothing. WK-27, WK-38
 */
export interface Settled {
  remember(uid: string, wanted: JsonObject, stored: unknown): void;
  isAsRemembered(uid: string, wanted: JsonObject, live: unknown): boolean;
}

/** Forgetting costs one apply that changes nothing, so a full memory is simply emptied. */
const maxObjects = 20_000;

export function createSettled(): Settled {
  const hashes = new Map<string, string>();
  return {
    remember(uid, wanted, stored) {
      if (hashes.size >= maxObjects) hashes.clear();
      hashes.set(uid, fingerprint(wanted, stored));
    },
    isAsRemembered: (uid, wanted, live) => hashes.get(uid) === fingerprint(wanted, live),
  };
}

const fingerprint = (wanted: JsonObject, seen: unknown): string =>
  `${contentHash(wanted)} ${contentHash(projection(seen, wanted))}`;

/** The part of a live value that the wanted one speaks of; a list that others lengthened counts whole. */
function projection(live: unknown, wanted: JsonValue): JsonValue {
  if (Array.isArray(wanted)) {
    if (!Array.isArray(live) || live.length !== wanted.length) return (live ?? null) as JsonValue;
    return wanted.map((item, index) => projection(live[index], item));
  }
  if (typeof wanted !== 'object' || wanted === null) return (live ?? null) as JsonValue;
  if (typeof live !== 'object' || live === null || Array.isArray(live)) return (live ?? null) as JsonValue;
  return Object.fromEntries(
    Object.entries(wanted).map(([key, value]) => [
      key,
      Object.hasOwn(live, key) ? projection((live as Record<string, unknown>)[key], value) : null,
    ]),
  );
}
