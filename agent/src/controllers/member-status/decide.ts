import {
  ClusterProfileReason,
  type ClusterProperty,
  type Condition,
  type ConditionChange,
  conditionType,
  findCondition,
  formatTime,
  MemberClusterReason,
  type MemberClusterStatus,
  type Node,
  setCondition,
} from '@quarterdeck/apis';
import {
  addQuantities,
  type EpochMs,
  formatQuantity,
  parseQuantity,
  type Quantity,
  QuantityError,
} from '@quarterdeck/machinery';

/** What is undefined could not be read: the last report stays, it never shrinks. RG-32 */
export interface Seen {
  readonly kubernetesVersion: string | undefined;
  readonly agentVersion: string;
  readonly nodes: readonly Node[] | undefined;
  readonly properties: readonly ClusterProperty[] | undefined;
  readonly health: ControlPlaneHealth;
}

/** What the member's /readyz said, damped. RG-30 */
export interface ControlPlaneHealth {
  readonly status: 'True' | 'False';
  readonly message: string;
}

export type Report = Omit<MemberClusterStatus, 'conditions'> & { conditions: Condition[] };

/** The agent's share of the MemberCluster's status. Pure and total. RG-32, CI-15 to CI-19 */
export function decide(seen: Seen, before: MemberClusterStatus | undefined, now: EpochMs): Report {
  const { status, message } = seen.health;
  const reason = status === 'True' ? MemberClusterReason.Healthy : MemberClusterReason.Unhealthy;
  const type = conditionType.MemberCluster.ControlPlaneHealthy;
  const health = conditionOf(before, { type, status, reason, message: message.slice(0, maxMessage) }, now);
  const { properties, complete } =
    seen.properties === undefined ? lastProperties(before) : mirror(seen.properties, before, now);
  const kubernetes = seen.kubernetesVersion ?? before?.version?.kubernetes;
  return {
    conditions: [health, ...complete],
    agent: { version: seen.agentVersion },
    ...(kubernetes === undefined ? {} : { version: { kubernetes } }),
    ...(seen.nodes === undefined ? lastNodes(before) : countNodes(seen.nodes)),
    ...(properties === undefined ? {} : { properties }),
  };
}

const maxMessage = 1024;

/** The one condition, its transition time kept as long as its status. */
function conditionOf(before: MemberClusterStatus | undefined, change: ConditionChange, now: EpochMs): Condition {
  const old = findCondition(before?.conditions, change.type);
  const [condition] = setCondition(old === undefined ? [] : [old], change, now);
  return condition as Condition;
}

function lastNodes(before: MemberClusterStatus | undefined) {
  const { nodes, capacity, allocatable } = before ?? {};
  return {
    ...(nodes === undefined ? {} : { nodes }),
    ...(capacity === undefined ? {} : { capacity }),
    ...(allocatable === undefined ? {} : { allocatable }),
  };
}

/** A node that is not ready, or that takes no pods, gives no allocatable. */
function countNodes(nodes: readonly Node[]) {
  const usable = nodes.filter((node) => node.spec?.unschedulable !== true && isReady(node));
  return {
    nodes: { total: nodes.length, ready: nodes.filter(isReady).length },
    capacity: total(nodes.map((node) => node.status?.capacity ?? {})),
    allocatable: total(usable.map((node) => node.status?.allocatable ?? {})),
  };
}

function isReady(node: Node): boolean {
  return node.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true;
}

function total(lists: readonly Readonly<Record<string, string>>[]): Record<string, string> {
  const sums = new Map<string, Quantity>();
  for (const list of lists) {
    for (const [name, text] of Object.entries(list)) {
      const quantity = quantityOrNone(text);
      if (quantity === undefined) continue;
      const sum = sums.get(name);
      sums.set(name, sum === undefined ? quantity : addQuantities(sum, quantity));
    }
  }
  return Object.fromEntries(
    [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, sum]) => [name, formatQuantity(sum)]),
  );
}

function quantityOrNone(text: string): Quantity | undefined {
  try {
    return parseQuantity(text);
  } catch (error) {
    if (error instanceof QuantityError) return undefined;
    throw error;
  }
}

type Property = NonNullable<MemberClusterStatus['properties']>[number];

interface Mirrored {
  readonly properties: Property[] | undefined;
  /** The condition that says what was left out. */
  readonly complete: Condition[];
}

function lastProperties(before: MemberClusterStatus | undefined): Mirrored {
  const complete = findCondition(before?.conditions, conditionType.MemberCluster.PropertiesComplete);
  return { properties: before?.properties, complete: complete === undefined ? [] : [complete] };
}

/** What a status, and a profile, can hold: characters of a value, and properties. CI-18, AB-34 */
const maxValueLength = 1024;
const maxProperties = 512;

/**
 * Name and value byte for byte; the time moves only with the value. An object without a value counts as absent. What cannot
 * be held is left out, never cut, and named. CI-16, CI-18, CI-19, AB-3
 */
function mirror(seen: readonly ClusterProperty[], before: MemberClusterStatus | undefined, now: EpochMs): Mirrored {
  const known = new Map((before?.properties ?? []).map((property) => [property.name, property]));
  const present = seen
    .flatMap(({ metadata, spec }) => {
      const [name = '', value] = [metadata.name, spec?.value];
      return value === undefined || value === '' ? [] : [{ name, value }];
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const fitting = present.filter(({ value }) => [...value].length <= maxValueLength);
  const properties = fitting.slice(0, maxProperties).map(({ name, value }) => {
    const old = known.get(name);
    const lastObservedTime = old?.value === value ? old.lastObservedTime : undefined;
    return { name, value, lastObservedTime: lastObservedTime ?? formatTime(now) };
  });
  const held = new Set(properties.map(({ name }) => name));
  const leftOut = present.filter(({ name }) => !held.has(name)).map(({ name }) => name);
  return { properties, complete: [conditionOf(before, completeness(leftOut), now)] };
}

function completeness(leftOut: readonly string[]): ConditionChange {
  const type = conditionType.MemberCluster.PropertiesComplete;
  if (leftOut.length === 0) return { type, status: 'True', reason: ClusterProfileReason.AllMirrored, message: '' };
  const message = `longer than ${maxValueLength} characters, or beyond ${maxProperties} properties: ${leftOut.join(', ')}`;
  return {
    type,
    status: 'False',
    reason: ClusterProfileReason.PropertiesLeftOut,
    message: message.slice(0, maxMessage),
  };
}
