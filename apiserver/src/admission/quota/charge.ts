import type { JsonObject } from '@quarterdeck/machinery';
import { missingAmounts } from './pod-usage.ts';
import { matchesScopes, type Quota } from './quota.ts';
import { amount, describeList, emptyList, excessOf, type ResourceList, sumLists } from './resource-list.ts';
import { countsUnder, type QuotaResource, usageOf } from './usage.ts';

/** A write as quotas see it. */
export interface Charged {
  readonly of: QuotaResource;
  readonly object: JsonObject;
  /** Undefined: it is created. */
  readonly oldObject: JsonObject | undefined;
  /** Epoch ms. */
  readonly now: number;
}

/** What the quota's `used` shall be; undefined when it does not change. */
export type Charge = { readonly used: ResourceList | undefined } | { readonly refusal: string };

/**
 * Charges a write to one quota. Pure. KA-119
 * @param quota with `used` for every name that it limits
 */
export function chargeTo(quota: Quota, { of, object, oldObject, now }: Charged): Charge {
  const names = [...quota.hard.keys()].filter((name) => countsUnder(of, name));
  if (names.length === 0 || !matchesScopes(quota, of, object)) return { used: undefined };
  const isPod = of.group === '' && of.resource === 'pods';
  const missing = isPod ? missingAmounts(object, names) : undefined;
  if (missing !== undefined) return { refusal: `failed quota: ${quota.name}: must specify ${missing}` };
  const before =
    oldObject !== undefined && matchesScopes(quota, of, oldObject) ? usageOf(of, oldObject, now) : emptyList;
  const more = new Map([...excessOf(usageOf(of, object, now), before)].filter(([name]) => names.includes(name)));
  if (more.size === 0) return { used: undefined };
  const used = sumLists(quota.used, more);
  const exceeded = [...more.keys()].filter((name) => amount(used, name).nanos > amount(quota.hard, name).nanos);
  if (exceeded.length === 0) return { used };
  const show = (list: ResourceList) => describeList(list, exceeded);
  return {
    refusal: `exceeded quota: ${quota.name}, requested: ${show(more)}, used: ${show(quota.used)}, limited: ${show(quota.hard)}`,
  };
}
