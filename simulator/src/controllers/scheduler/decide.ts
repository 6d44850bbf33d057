import type { Node, Stored } from '@quarterdeck/apis';
import type { StoredPod } from '../../kinds.ts';
import { isTerminal } from '../../pods.ts';
import { type Amounts, amountsOf, mismatch, podRequests } from './decide-fit.ts';

export interface Assignment {
  readonly pod: StoredPod;
  readonly node: string;
}

export interface Unschedulable {
  readonly pod: StoredPod;
  /** As the scheduler of Kubernetes says it. */
  readonly message: string;
}

export interface Schedule {
  readonly assignments: readonly Assignment[];
  readonly unschedulable: readonly Unschedulable[];
}

interface NodeRoom {
  readonly node: Stored<Node>;
  readonly allocatable: Amounts;
  readonly used: Map<string, number>;
}

/**
 * Gives each waiting pod, oldest first, the node that it leaves emptiest of those it fits; of equal ones the first by
 * name.
 */
export function schedule(
  waiting: readonly StoredPod[],
  bound: readonly StoredPod[],
  nodes: readonly Stored<Node>[],
): Schedule {
  const rooms = nodes.map((node) => roomOf(node, bound));
  const assignments: Assignment[] = [];
  const unschedulable: Unschedulable[] = [];
  for (const pod of waiting.toSorted(byAge)) {
    const requests = podRequests(pod);
    const verdicts = rooms.map((room) => ({ room, problem: mismatch(pod, room.node) ?? lacking(room, requests) }));
    const fitting = verdicts.filter(({ problem }) => problem === undefined).map(({ room }) => room);
    const best = emptiest(fitting, requests);
    if (best === undefined) {
      unschedulable.push({ pod, message: refusal(verdicts.map(({ problem }) => problem ?? '')) });
      continue;
    }
    take(best, requests);
    assignments.push({ pod, node: best.node.metadata.name });
  }
  return { assignments, unschedulable };
}

function roomOf(node: Stored<Node>, bound: readonly StoredPod[]): NodeRoom {
  const room = { node, allocatable: amountsOf(node.status?.allocatable), used: new Map<string, number>() };
  for (const pod of bound) {
    if (pod.spec?.nodeName === node.metadata.name && !isTerminal(pod)) take(room, podRequests(pod));
  }
  return room;
}

function take({ used }: NodeRoom, requests: Amounts): void {
  for (const [name, amount] of requests) used.set(name, (used.get(name) ?? 0) + amount);
}

const free = ({ allocatable, used }: NodeRoom, name: string): number =>
  (allocatable.get(name) ?? 0) - (used.get(name) ?? 0);

function lacking(room: NodeRoom, requests: Amounts): string | undefined {
  const short = [...requests].find(([name, amount]) => amount > 0 && amount > free(room, name))?.[0];
  if (short === undefined) return undefined;
  return short === 'pods' ? 'Too many pods' : `Insufficient ${short}`;
}

function emptiest(rooms: readonly NodeRoom[], requests: Amounts): NodeRoom | undefined {
  let best: { room: NodeRoom; score: number } | undefined;
  for (const room of rooms) {
    const score = Math.min(...['cpu', 'memory', 'pods'].map((name) => leftShare(room, name, requests)));
    if (best === undefined || score > best.score) best = { room, score };
  }
  return best?.room;
}

function leftShare(room: NodeRoom, name: string, requests: Amounts): number {
  const total = room.allocatable.get(name) ?? 0;
  return total === 0 ? 1 : (free(room, name) - (requests.get(name) ?? 0)) / total;
}

function refusal(problems: readonly string[]): string {
  if (problems.length === 0) return 'no nodes available to schedule pods';
  const counts = new Map<string, number>();
  for (const problem of problems) counts.set(problem, (counts.get(problem) ?? 0) + 1);
  const parts = [...counts].map(([problem, count]) => `${count} ${problem}`).sort();
  return `0/${problems.length} nodes are available: ${parts.join(', ')}.`;
}

function byAge(one: StoredPod, other: StoredPod): number {
  const [first, second] = [one.metadata, other.metadata];
  const [a, b] = [
    `${first.creationTimestamp}/${first.namespace}/${first.name}`,
    `${second.creationTimestamp}/${second.namespace}/${second.name}`,
  ];
  return a < b ? -1 : a > b ? 1 : 0;
}
