import { groupResourceName } from '@quarterdeck/apis';
import type { JsonObject } from '@quarterdeck/machinery';
import { readStoredObject } from '../../authz/stored-object.ts';
import { objectBody } from '../../cache/body.ts';
import type { Entry, Store } from '../../cache/store.ts';
import { objectAt } from '../../registry/fields.ts';
import { matchesScopes, type Quota, readQuota } from './quota.ts';
import { emptyList, type ResourceList, resourceListObject, sumLists } from './resource-list.ts';
import { countedBy, countName, countsUnder, type QuotaResource, usageOf, varyingResources } from './usage.ts';

export const quotaResource = 'resourcequotas';

/** A quota and the entry that it was read from. */
export interface StoredQuota {
  readonly entry: Entry;
  readonly object: JsonObject;
  readonly quota: Quota;
}

/** Reads each entry once: the quotas of a namespace are asked for with every create in it. */
export interface QuotaReader {
  read(entry: Entry): StoredQuota;
  /** The quotas of a namespace. */
  of(store: Pick<Store, 'list'>, namespace: string): readonly StoredQuota[];
}

export function createQuotaReader(): QuotaReader {
  const known = new WeakMap<Entry, StoredQuota>();
  const read = (entry: Entry): StoredQuota => {
    const found = known.get(entry);
    if (found !== undefined) return found;
    const object = readStoredObject(entry);
    const stored = { entry, object, quota: readQuota(object) };
    known.set(entry, stored);
    return stored;
  };
  return { read, of: (store, namespace) => store.list({ resource: quotaResource, namespace }).entries.map(read) };
}

/** What the quota's namespace holds now, for every name that the quota limits. KA-119 @param now epoch ms */
export function computeUsed(store: Pick<Store, 'list'>, namespace: string, quota: Quota, now: number): ResourceList {
  const resources = new Map<string, QuotaResource>();
  for (const name of quota.hard.keys()) {
    const of = countedBy(name);
    if (of !== undefined) resources.set(countName(of), of);
  }
  let used: ResourceList = new Map([...quota.hard].map(([name, { format }]) => [name, { nanos: 0n, format }]));
  for (const of of resources.values()) used = sumLists(used, usedBy(store, namespace, quota, of, now));
  return used;
}

function usedBy(
  store: Pick<Store, 'list'>,
  namespace: string,
  quota: Quota,
  of: QuotaResource,
  now: number,
): ResourceList {
  const resource = groupResourceName({ group: of.group, plural: of.resource });
  const { entries } = store.list({ resource, namespace });
  const names = [...quota.hard.keys()].filter((name) => countsUnder(of, name));
  let used: ResourceList = emptyList;
  for (const entry of entries) {
    const object = isCountOnly(of) && quota.scopes.length === 0 ? {} : readStoredObject(entry);
    if (!matchesScopes(quota, of, object)) continue;
    const usage = usageOf(of, object, now);
    used = sumLists(used, new Map([...usage].filter(([name]) => names.includes(name))));
  }
  return used;
}

/** Objects that count as one, whatever is in them, need not be decoded. */
const isCountOnly = ({ group, resource }: QuotaResource): boolean => group !== '' || !varyingResources.has(resource);

/** The quota's stored body with this status. */
export function bodyWithUsed({ object, quota }: StoredQuota, used: ResourceList): string {
  const status = {
    ...objectAt(object, 'status'),
    hard: resourceListObject(quota.hard),
    used: resourceListObject(used),
  };
  return objectBody({ ...object, status });
}
