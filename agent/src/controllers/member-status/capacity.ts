import type { MemberClusterStatus, Node } from '@quarterdeck/apis';
import { formatQuantity, parseQuantity, type Quantity, quantityOf, subtractQuantities } from '@quarterdeck/machinery';
import { type Amounts, amountsOf, type NodeRequests, sum } from './requests.ts';

/** The fields of the status that tell of nodes and their room. */
export type CapacityReport = Pick<
  MemberClusterStatus,
  'nodes' | 'capacity' | 'allocatable' | 'requested' | 'nodeGroups'
>;

/** How many groups of alike nodes are reported: enough to judge whether a copy fits, and small on 5,000 nodes. RG-32 */
const maxGroups = 8;
/** What decides whether a pod fits, on most clusters; other resources follow their group. */
const rankedResources = ['cpu', 'memory', 'pods'];

/**
 * Sums over the nodes. A node that is not ready, or that takes no pods, gives nothing allocatable, and what runs on it is
 * not counted as requested either: free is allocatable minus requested. RG-32
 * @param requests by node; undefined: not known, and then neither requests nor groups are reported
 */
export function capacityOf(
  nodes: readonly Node[],
  requests: ReadonlyMap<string, NodeRequests> | undefined,
): CapacityReport {
  const usable = nodes.filter((node) => node.spec?.unschedulable !== true && isReady(node));
  const counted = {
    nodes: { total: nodes.length, ready: nodes.filter(isReady).length },
    capacity: texts(total(nodes.map(({ status }) => amountsOf(status?.capacity)))),
    allocatable: texts(total(usable.map(({ status }) => amountsOf(status?.allocatable)))),
  };
  if (requests === undefined) return counted;
  const ofNode = ({ metadata }: Node) => requestsOn(requests.get(metadata.name ?? ''));
  return {
    ...counted,
    requested: texts(total(usable.map(ofNode))),
    nodeGroups: groupsOf(usable.map((node) => free(amountsOf(node.status?.allocatable), ofNode(node)))),
  };
}

/** Pods take a place each, beside what they ask for. */
function requestsOn(requests: NodeRequests | undefined): Amounts {
  if (requests === undefined) return new Map();
  return sum(requests.amounts, new Map([['pods', quantityOf(BigInt(requests.pods))]]));
}

function free(allocatable: Amounts, requested: Amounts): Amounts {
  return new Map(
    [...allocatable].map(([name, amount]) => {
      const taken = requested.get(name);
      const rest = taken === undefined ? amount : subtractQuantities(amount, taken);
      return [name, rest.nanos < 0n ? parseQuantity('0') : rest];
    }),
  );
}

/**
 * Nodes of similar room, the roomiest first: neighbours in rank, cut into at most {@link maxGroups} parts of equal size. A
 * group shows the least that each of its nodes has, so the room that is read from it is really there.
 */
function groupsOf(frees: readonly Amounts[]): NonNullable<MemberClusterStatus['nodeGroups']> {
  const ranked = [...frees].sort(byRoom);
  const size = Math.ceil(ranked.length / maxGroups);
  const parts = Array.from({ length: Math.ceil(ranked.length / Math.max(1, size)) }, (_, index) =>
    ranked.slice(index * size, (index + 1) * size),
  );
  return parts.map((part) => ({ count: part.length, free: texts(part.reduce(least)) }));
}

function byRoom(a: Amounts, b: Amounts): number {
  for (const name of rankedResources) {
    const [left, right] = [a.get(name)?.nanos ?? 0n, b.get(name)?.nanos ?? 0n];
    if (left !== right) return left > right ? -1 : 1;
  }
  return 0;
}

/** A resource that one of two nodes lacks is none that both have. */
function least(a: Amounts, b: Amounts): Amounts {
  const lowest = new Map<string, Quantity>();
  for (const [name, amount] of a) {
    const other = b.get(name);
    if (other !== undefined) lowest.set(name, other.nanos < amount.nanos ? other : amount);
  }
  return lowest;
}

function isReady(node: Node): boolean {
  return node.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true;
}

const total = (lists: readonly Amounts[]): Amounts => lists.reduce(sum, new Map());

const texts = (amounts: Amounts): Record<string, string> =>
  Object.fromEntries(
    [...amounts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, amount]) => [name, formatQuantity(amount)]),
  );

/** A change of requests counts when it is more than this share of what is allocatable. CI-27, RG-32 */
const shareThatCounts = 0.02;

/**
 * Whether requests moved enough to be told: pods come and go all the time, and the hub does not want to hear of each. What
 * nodes there are, and what they can give, always counts.
 */
export function isWorthReporting(before: CapacityReport, next: CapacityReport): boolean {
  if (before.requested === undefined || next.requested === undefined) return before.requested !== next.requested;
  const allocatable = amountsOf(next.allocatable);
  const [old, now] = [amountsOf(before.requested), amountsOf(next.requested)];
  for (const name of new Set([...old.keys(), ...now.keys()])) {
    const change = Math.abs(Number((now.get(name)?.nanos ?? 0n) - (old.get(name)?.nanos ?? 0n)));
    const whole = Number(allocatable.get(name)?.nanos ?? 0n);
    if (change > 0 && change > whole * shareThatCounts) return true;
  }
  return false;
}
