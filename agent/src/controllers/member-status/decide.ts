import {
  type ClusterProperty,
  type Condition,
  conditionType,
  findCondition,
  MemberClusterReason,
  type MemberClusterStatus,
  type Node,
  setCondition,
} from '@quarterdeck/apis';
import { addQuantities, type EpochMs, formatQuantity, parseQuantity, type Quantity } from '@quarterdeck/machinery';

export interface Seen {
  readonly kubernetesVersion: string | undefined;
  readonly agentVersion: string;
  readonly nodes: readonly Node[];
  readonly properties: readonly ClusterProperty[];
  readonly health: ControlPlaneHealth;
}

/** What the member's /readyz said, damped. RG-30 */
export interface ControlPlaneHealth {
  readonly status: 'True' | 'False';
  readonly message: string;
}

/** The agent's share of the MemberCluster's status. Pure. RG-32, CI-15 to CI-19 */
export function decide(
  seen: Seen,
  before: MemberClusterStatus | undefined,
  now: EpochMs,
): Omit<MemberClusterStatus, 'conditions'> & { conditions: Condition[] } {
  const type = conditionType.MemberCluster.ControlPlaneHealthy;
  const old = findCondition(before?.conditions, type);
  const { status, message } = seen.health;
  const reason = status === 'True' ? MemberClusterReason.Healthy : MemberClusterReason.Unhealthy;
  const conditions = setCondition(old === undefined ? [] : [old], { type, status, reason, message }, now);
  const usable = seen.nodes.filter((node) => node.spec?.unschedulable !== true && isReady(node));
  return {
    conditions,
    agent: { version: seen.agentVersion },
    ...(seen.kubernetesVersion === undefined ? {} : { version: { kubernetes: seen.kubernetesVersion } }),
    nodes: { total: seen.nodes.length, ready: seen.nodes.filter(isReady).length },
    capacity: total(seen.nodes.map((node) => node.status?.capacity ?? {})),
    allocatable: total(usable.map((node) => node.status?.allocatable ?? {})),
    properties: mirror(seen.properties, before?.properties ?? [], now),
  };
}

function isReady(node: Node): boolean {
  return node.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true;
}

function total(lists: readonly Readonly<Record<string, string>>[]): Record<string, string> {
  const sums = new Map<string, Quantity>();
  for (const list of lists) {
    for (const [name, text] of Object.entries(list)) {
      const quantity = parseQuantity(text);
      const sum = sums.get(name);
      sums.set(name, sum === undefined ? quantity : addQuantities(sum, quantity));
    }
  }
  return Object.fromEntries(
    [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, sum]) => [name, formatQuantity(sum)]),
  );
}

type Property = NonNullable<MemberClusterStatus['properties']>[number];

/** Name and value byte for byte; the time moves only with the value. An object without a value counts as absent. CI-16, CI-19, AB-3 */
function mirror(properties: readonly ClusterProperty[], before: readonly Property[], now: EpochMs): Property[] {
  const known = new Map(before.map((property) => [property.name, property]));
  return properties
    .flatMap(({ metadata, spec }) => {
      const [name, value] = [metadata.name ?? '', spec?.value];
      if (value === undefined || value === '' || value.length > 1024) return [];
      const old = known.get(name);
      const lastObservedTime =
        old?.value === value && old.lastObservedTime !== undefined
          ? old.lastObservedTime
          : new Date(now).toISOString().replace(/\.\d+/, '');
      return [{ name, value, lastObservedTime }];
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
