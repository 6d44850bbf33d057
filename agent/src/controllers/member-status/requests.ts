import type { Pod } from '@quarterdeck/apis';
import { addQuantities, compareQuantities, parseQuantity, type Quantity, QuantityError } from '@quarterdeck/machinery';

/** Amounts by resource name. */
export type Amounts = ReadonlyMap<string, Quantity>;

/** What pods ask for on one node: resources, and how many they are. */
export interface NodeRequests {
  readonly amounts: Amounts;
  readonly pods: number;
}

type ResourceList = Readonly<Record<string, string>> | undefined;
type Container = NonNullable<Pod['spec']>['containers'][number] & { readonly restartPolicy?: string };

/**
 * What the scheduler reserves for a pod: the sum of its containers and sidecars, or the most that one init container needs
 * together with the sidecars before it, whichever is more; and the overhead. Requests of the pod as a whole win. RG-32
 */
export function requestsOf({ spec }: Pod): Amounts {
  const { overhead, resources } = (spec ?? {}) as { overhead?: ResourceList; resources?: { requests?: ResourceList } };
  let sidecars: Amounts = new Map();
  let starting: Amounts = new Map();
  for (const container of (spec?.initContainers ?? []) as Container[]) {
    const own = amountsOf(container.resources?.requests);
    if (container.restartPolicy === 'Always') sidecars = sum(sidecars, own);
    starting = most(starting, container.restartPolicy === 'Always' ? sidecars : sum(sidecars, own));
  }
  const running = (spec?.containers ?? []).reduce<Amounts>(
    (total, container) => sum(total, amountsOf(container.resources?.requests)),
    sidecars,
  );
  const needed = new Map([...most(running, starting), ...amountsOf(resources?.requests)]);
  return sum(needed, amountsOf(overhead));
}

/** A pod that has a node and has not ended holds its resources. */
function holdsResources({ spec, status }: Pod): boolean {
  return spec?.nodeName !== undefined && status?.phase !== 'Succeeded' && status?.phase !== 'Failed';
}

/** Adds pods to sums by node; pages of a list may come one after the other. */
export function addRequests(byNode: Map<string, NodeRequests>, pods: readonly Pod[]): void {
  for (const pod of pods) {
    const node = pod.spec?.nodeName;
    if (node === undefined || !holdsResources(pod)) continue;
    const before = byNode.get(node);
    byNode.set(node, {
      amounts: sum(before?.amounts ?? new Map(), requestsOf(pod)),
      pods: (before?.pods ?? 0) + 1,
    });
  }
}

/** What cannot be read as a quantity is left out. */
export function amountsOf(list: ResourceList): Amounts {
  const amounts = new Map<string, Quantity>();
  for (const [name, text] of Object.entries(list ?? {})) {
    try {
      amounts.set(name, parseQuantity(text));
    } catch (error) {
      if (!(error instanceof QuantityError)) throw error;
    }
  }
  return amounts;
}

export function sum(a: Amounts, b: Amounts): Amounts {
  const total = new Map(a);
  for (const [name, amount] of b) {
    const before = total.get(name);
    total.set(name, before === undefined ? amount : addQuantities(before, amount));
  }
  return total;
}

function most(a: Amounts, b: Amounts): Amounts {
  const highest = new Map(a);
  for (const [name, amount] of b) {
    const other = highest.get(name);
    if (other === undefined || compareQuantities(other, amount) < 0) highest.set(name, amount);
  }
  return highest;
}
