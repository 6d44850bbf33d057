import type { MemberClusterStatus } from '@quarterdeck/apis';
import { equalParts } from '../equal.ts';

/**
 * Carries a change of a status over to what stands there by now: fields one by one, and conditions by type. What somebody
 * else changed meanwhile stays as they left it. Pure.
 * @param before what the change was decided upon
 * @param wanted the same with the change
 * @param now what stands there
 * @returns undefined when the very same parts were changed otherwise meanwhile: then the decision is to be made anew
 */
export function mergeStatus(
  before: MemberClusterStatus | undefined,
  wanted: MemberClusterStatus,
  now: MemberClusterStatus | undefined,
): MemberClusterStatus | undefined {
  const fields = mergeParts(fieldsOf(before), fieldsOf(wanted), fieldsOf(now));
  const conditions = mergeParts(byType(before), byType(wanted), byType(now));
  if (fields === undefined || conditions === undefined) return undefined;
  const list = [...conditions.values()];
  return {
    ...Object.fromEntries(fields),
    ...(list.length === 0 && now?.conditions === undefined ? {} : { conditions: list }),
  } as MemberClusterStatus;
}

type Parts = ReadonlyMap<string, unknown>;

const byType = (status: MemberClusterStatus | undefined): Parts =>
  new Map((status?.conditions ?? []).map((condition) => [condition.type, condition]));

const fieldsOf = (status: MemberClusterStatus | undefined): Parts =>
  new Map(Object.entries(status ?? {}).filter(([name, value]) => name !== 'conditions' && value !== undefined));

function mergeParts(before: Parts, wanted: Parts, now: Parts): Parts | undefined {
  const merged = new Map(now);
  for (const name of new Set([...before.keys(), ...wanted.keys()])) {
    const [old, value, standing] = [before.get(name), wanted.get(name), now.get(name)];
    if (equalParts(value, old) || equalParts(timeless(standing), timeless(value))) continue;
    if (!equalParts(standing, old)) return undefined;
    if (value === undefined) merged.delete(name);
    else merged.set(name, value);
  }
  return merged;
}

/** A condition that the same decision set a moment earlier says the same, whatever the time. */
function timeless(part: unknown): unknown {
  if (typeof part !== 'object' || part === null || !('lastTransitionTime' in part)) return part;
  const { lastTransitionTime: _time, ...rest } = part;
  return rest;
}
