import type { JsonObject } from '@quarterdeck/machinery';
import { withValue } from '../registry/fields.ts';

/** The two names of each field that core/v1 and events.k8s.io/v1 call differently. KA-141 */
const renamed = [
  ['involvedObject', 'regarding'],
  ['message', 'note'],
  ['reportingComponent', 'reportingController'],
  ['source', 'deprecatedSource'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['count', 'deprecatedCount'],
] as const;

function rename(object: JsonObject, pairs: ReadonlyMap<string, string>, apiVersion: string): JsonObject {
  const entries = Object.entries(object).map(([key, value]) => [pairs.get(key) ?? key, value] as const);
  return withValue(Object.fromEntries(entries), ['apiVersion'], apiVersion);
}

const toNew = new Map<string, string>(renamed);
const toCore = new Map<string, string>(renamed.map(([core, view]) => [view, core]));

/** An event as events.k8s.io/v1 shows it, from core/v1 as it is stored. */
export function eventFromStored(object: JsonObject): JsonObject {
  return rename(object, toNew, 'events.k8s.io/v1');
}

/** The inverse of {@link eventFromStored}. */
export function eventToStored(object: JsonObject): JsonObject {
  return rename(object, toCore, 'v1');
}
