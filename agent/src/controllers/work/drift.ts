import type { KubeObject, Stored } from '@quarterdeck/apis';
import {
  beginningOf,
  encodeJson,
  equalValues,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  parseJson,
} from '@quarterdeck/machinery';
import { holdersOf, type LostField, managersOf, pathText, valueAtPath } from './owned-fields.ts';

/** One field that is not as the manifest says. Values are JSON, shortened; of a Secret they are not shown. DL-21 */
export interface DriftedField {
  /** `.spec.containers[name="app"].image` */
  readonly path: string;
  /** Absent: the manifest says nothing about it (full comparison). */
  readonly wanted?: string;
  /** Absent: the field is not there. */
  readonly seen?: string;
  /** Who changed it, as far as the object tells. */
  readonly manager?: string;
}

/** Paths told of one object. */
export const maxDriftPaths = 100;
const maxValue = 256;

/**
 * What differs among the fields that are not ours any more. A field that somebody else set to our very value is no drift:
 * it is ours again at the next apply.
 */
export function driftOf(live: Stored<KubeObject>, lost: readonly LostField[], ownManager: string): DriftedField[] {
  const object = live as unknown as JsonObject;
  const show = shower(live);
  return lost.slice(0, maxDriftPaths * 2).flatMap(({ path, wanted }): DriftedField[] => {
    const seen = valueAtPath(object, path);
    if (seen !== undefined && equalValues(seen, wanted)) return [];
    const [manager] = holdersOf(live, path, ownManager);
    return [
      {
        path: pathText(path),
        wanted: show(path, wanted),
        ...(seen === undefined ? {} : { seen: show(path, seen) }),
        ...(manager === undefined ? {} : { manager }),
      },
    ];
  });
}

type Show = (path: LostField['path'], value: JsonValue) => string;

/** Data of a Secret is shown nowhere. DL-31, SEC-12 */
function shower({ kind, apiVersion }: KubeObject): Show {
  const isSecret = kind === 'Secret' && apiVersion === 'v1';
  return ([first], value) => {
    const isData = isSecret && first !== undefined && 'field' in first && first.field !== 'metadata';
    return isData ? '"(redacted)"' : shortened(encodeJson(value));
  };
}

const shortened = (text: string): string => (text.length <= maxValue ? text : `${beginningOf(text, maxValue - 3)}...`);

/** Written by the system, or about the system: no drift of anybody. */
const systemMetadata = new Set([
  'managedFields',
  'generation',
  'resourceVersion',
  'uid',
  'creationTimestamp',
  'finalizers',
  'ownerReferences',
]);

/**
 * Fields that other managers added to the object, for the full comparison: what they hold by an update or an apply of the
 * object itself and we do not. Statuses are not the manifest's business. DL-21
 */
export function additionsOf(live: Stored<KubeObject>, ownManager: string, limit = maxDriftPaths): DriftedField[] {
  const own = managersOf(live).filter(({ manager }) => manager === ownManager);
  const found = new Map<string, DriftedField>();
  const show = shower(live);
  for (const { manager, subresource = '', fieldsV1 } of managersOf(live)) {
    if (manager === undefined || manager === ownManager || subresource !== '' || fieldsV1 === undefined) continue;
    for (const path of leavesOf(fieldsV1)) {
      if (found.size >= limit) return [...found.values()];
      const [first, second] = path;
      if (first === undefined || !('field' in first) || first.field === 'status') continue;
      if (first.field === 'metadata' && second !== undefined && 'field' in second && systemMetadata.has(second.field))
        continue;
      const seen = valueAtPath(live as unknown as JsonObject, path);
      if (seen === undefined || own.some(() => holdersOf(live, path, manager).includes(ownManager))) continue;
      found.set(pathText(path), { path: pathText(path), seen: show(path, seen), manager });
    }
  }
  return [...found.values()];
}

/** The paths of a FieldsV1 that have nothing below them. */
export function* leavesOf(fields: JsonObject, path: LostField['path'] = []): Generator<LostField['path']> {
  for (const [key, child] of Object.entries(fields)) {
    if (key === '.' || !isJsonObject(child)) continue;
    const step = stepOf(key);
    if (step === undefined) continue;
    const names = Object.keys(child).filter((name) => name !== '.');
    if (names.length === 0) yield [...path, step];
    else yield* leavesOf(child, [...path, step]);
  }
}

function stepOf(key: string): LostField['path'][number] | undefined {
  if (key.startsWith('f:')) return { field: key.slice(2) };
  try {
    const value = parseJson(key.slice(2));
    if (key.startsWith('k:') && isJsonObject(value)) return { keys: value };
    return key.startsWith('v:') ? { value } : undefined;
  } catch {
    return undefined;
  }
}
