import type { Container, Node, ResourceList, Stored } from '@quarterdeck/apis';
import { milliValue, parseQuantity, QuantityError } from '@quarterdeck/machinery';
import type { NodeSelectorRequirement, NodeSelectorTerm, SimPod, Toleration } from '../../kinds.ts';

/** Amounts in thousandths, by resource name. */
export type Amounts = ReadonlyMap<string, number>;

/** What a pod takes of its node: all containers together, or its largest init container; and one of `pods`. */
export function podRequests({ spec }: SimPod): Amounts {
  const total = new Map<string, number>([['pods', 1000]]);
  for (const container of spec?.containers ?? []) {
    for (const [name, amount] of requestsOf(container)) total.set(name, (total.get(name) ?? 0) + amount);
  }
  for (const container of spec?.initContainers ?? []) {
    for (const [name, amount] of requestsOf(container)) total.set(name, Math.max(total.get(name) ?? 0, amount));
  }
  return total;
}

/** A limit without a request is one. */
function requestsOf({ resources }: Container): Amounts {
  return amountsOf({ ...resources?.limits, ...resources?.requests });
}

/** Amounts that are no quantities count as nothing. */
export function amountsOf(list: ResourceList = {}): Amounts {
  return new Map(Object.entries(list).map(([name, text]) => [name, amountOf(text)]));
}

function amountOf(text: string): number {
  try {
    return Number(milliValue(parseQuantity(String(text))));
  } catch (error) {
    if (error instanceof QuantityError) return 0;
    throw error;
  }
}

const blocking = ['NoSchedule', 'NoExecute'];

/** Why a node is not for a pod, whatever is free on it; undefined when it is. */
export function mismatch(pod: SimPod, node: Stored<Node>): string | undefined {
  const { tolerations = [], nodeSelector = {}, affinity } = pod.spec ?? {};
  const taints = node.spec?.taints ?? [];
  if (node.spec?.unschedulable === true && !tolerations.some((one) => tolerates(one, unschedulableTaint))) {
    return 'node(s) were unschedulable';
  }
  const taint = taints.find(
    (one) => blocking.includes(one.effect) && !tolerations.some((toleration) => tolerates(toleration, one)),
  );
  if (taint !== undefined) return `node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`;
  const labels = node.metadata.labels ?? {};
  const isSelected = Object.entries(nodeSelector).every(([key, value]) => labels[key] === value);
  const terms = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  const isNear = terms === undefined || terms.some((term) => matchesTerm(term, node));
  return isSelected && isNear ? undefined : "node(s) didn't match Pod's node affinity/selector";
}

interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
}

const unschedulableTaint: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

function tolerates({ key, operator = 'Equal', value = '', effect }: Toleration, taint: Taint): boolean {
  if (effect !== undefined && effect !== '' && effect !== taint.effect) return false;
  if (key === undefined || key === '') return operator === 'Exists';
  return key === taint.key && (operator === 'Exists' || value === (taint.value ?? ''));
}

function matchesTerm({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, node: Stored<Node>): boolean {
  if (matchExpressions.length + matchFields.length === 0) return false;
  const labels = node.metadata.labels ?? {};
  return (
    matchExpressions.every((one) => matches(one, labels[one.key])) &&
    matchFields.every((one) => one.key === 'metadata.name' && matches(one, node.metadata.name))
  );
}

function matches({ operator, values = [] }: NodeSelectorRequirement, value: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return Number(value) > Number(values[0]);
    case 'Lt':
      return Number(value) < Number(values[0]);
    default:
      return operator satisfies never;
  }
}
