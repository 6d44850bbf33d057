import type { JsonObject } from '@quarterdeck/machinery';
import { numberAt, objectAt, objectsAt, stringAt, valueAt } from '../../registry/fields.ts';
import { emptyList, maxLists, type ResourceList, readResourceList, sumLists } from './resource-list.ts';

/** What a pod asks of a node, and what of that a quota counts. Pure. KA-2, KA-119 */

type Kind = 'requests' | 'limits';
/** Resources that may be set for the pod as a whole. */
const podLevel = (name: string): boolean => name === 'cpu' || name === 'memory' || name.startsWith('hugepages-');

/**
 * What all containers of a pod need at once: its containers and side-cars together, or any init container beside the
 * side-cars started before it, whichever is more; then overhead. What is set for the pod as a whole counts instead.
 */
export function podResources(pod: JsonObject, kind: Kind): ResourceList {
  const listOf = (container: JsonObject) => readResourceList(valueAt(container, 'resources', kind));
  let total: ResourceList = emptyList;
  for (const container of objectsAt(pod, 'spec', 'containers')) total = sumLists(total, listOf(container));
  let sidecars: ResourceList = emptyList;
  let initial: ResourceList = emptyList;
  for (const container of objectsAt(pod, 'spec', 'initContainers')) {
    const own = listOf(container);
    if (stringAt(container, 'restartPolicy') === 'Always') {
      total = sumLists(total, own);
      sidecars = sumLists(sidecars, own);
      initial = maxLists(initial, sidecars);
    } else {
      initial = maxLists(initial, sumLists(own, sidecars));
    }
  }
  total = maxLists(total, initial);
  const whole = readResourceList(valueAt(pod, 'spec', 'resources', kind));
  if (whole.size > 0) total = new Map([...total, ...[...whole].filter(([name]) => podLevel(name))]);
  return withOverhead(total, readResourceList(valueAt(pod, 'spec', 'overhead')), kind);
}

/** A limit that is not set is no limit, so overhead does not make one. */
function withOverhead(total: ResourceList, overhead: ResourceList, kind: Kind): ResourceList {
  if (kind === 'requests') return sumLists(total, overhead);
  return sumLists(total, new Map([...overhead].filter(([name]) => (total.get(name)?.nanos ?? 0n) !== 0n)));
}

const counted: readonly string[] = ['cpu', 'memory', 'ephemeral-storage'];

/** Names under which a quota counts requests and limits: `cpu` and `requests.cpu`, `limits.cpu`, `requests.example.com/gpu`. */
export function quotaNames(requests: ResourceList, limits: ResourceList): ResourceList {
  const names = new Map<string, ReturnType<typeof requests.get> & object>();
  for (const [name, quantity] of requests) {
    if (counted.includes(name) || name.startsWith('hugepages-')) names.set(name, quantity);
    if (counted.includes(name) || name.startsWith('hugepages-') || isExtended(name)) {
      names.set(`requests.${name}`, quantity);
    }
  }
  for (const [name, quantity] of limits) if (counted.includes(name)) names.set(`limits.${name}`, quantity);
  return names;
}

/** A resource that a device plugin brings: `example.com/gpu`. */
export function isExtended(name: string): boolean {
  return name.includes('/') && !name.startsWith('requests.') && !/(^|\.)kubernetes\.io\//.test(name);
}

/** Over for good, or due to be gone: it takes nothing of a node any more. @param now epoch ms */
export function isOver(pod: JsonObject, now: number): boolean {
  const phase = stringAt(pod, 'status', 'phase');
  if (phase === 'Failed' || phase === 'Succeeded') return true;
  const deletion = Date.parse(stringAt(pod, 'metadata', 'deletionTimestamp'));
  const grace = numberAt(pod, 'metadata', 'deletionGracePeriodSeconds');
  return grace !== undefined && now > deletion + grace * 1000;
}

/** No container asks for, or is limited in, CPU or memory, and neither does the pod as a whole. */
export function isBestEffort(pod: JsonObject): boolean {
  const holders = [
    objectAt(pod, 'spec'),
    ...objectsAt(pod, 'spec', 'containers'),
    ...objectsAt(pod, 'spec', 'initContainers'),
  ];
  return !holders.some((holder) =>
    (['requests', 'limits'] as const).some((kind) =>
      [...readResourceList(valueAt(holder, 'resources', kind))].some(
        ([name, { nanos }]) => (name === 'cpu' || name === 'memory') && nanos > 0n,
      ),
    ),
  );
}

const mustBeSet: readonly string[] = ['cpu', 'memory'].flatMap((name) => [name, `requests.${name}`, `limits.${name}`]);

/**
 * A quota on CPU or memory obliges every container to say what it needs.
 * @param hard names that the quota limits
 * @returns what is missing, as in `limits.cpu for: a,b; memory for: a`; undefined when nothing is
 */
export function missingAmounts(pod: JsonObject, hard: readonly string[]): string | undefined {
  const isWhole = valueAt(pod, 'spec', 'resources', 'requests') ?? valueAt(pod, 'spec', 'resources', 'limits');
  if (isWhole !== undefined) return undefined;
  const required = hard.filter((name) => mustBeSet.includes(name)).sort();
  const containers = [...objectsAt(pod, 'spec', 'containers'), ...objectsAt(pod, 'spec', 'initContainers')];
  const missing = required.flatMap((name) => {
    const without = containers.filter((container) => {
      const listOf = (kind: Kind) => readResourceList(valueAt(container, 'resources', kind));
      return !quotaNames(listOf('requests'), listOf('limits')).has(name);
    });
    const names = without.map((container) => stringAt(container, 'name')).sort();
    return names.length === 0 ? [] : [`${name} for: ${names.join(',')}`];
  });
  return missing.length === 0 ? undefined : missing.join('; ');
}
