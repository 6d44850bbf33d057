import type { Kubectl } from './kubectl.ts';

interface Named {
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

interface Conditioned extends Named {
  readonly status?: { readonly conditions?: readonly Condition[] };
}

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime: string;
}

/** What kubectl shows of the fleet, in the shape that tests compare. All in the hub's namespace `default`. */

/** Clusters that a placement's decision holds, in order. */
export async function decisionOf(kubectl: Kubectl, placement: string): Promise<string[]> {
  const { items } = await kubectl.json<{
    items: readonly { decisions: readonly { clusterProfileRef: { name: string } }[] }[];
  }>(`get placementdecisions -n default -l quarterdeck.dev/placement=${placement}`);
  return items.flatMap(({ decisions }) => decisions.map((each) => each.clusterProfileRef.name));
}

/** Namespaces of the hub that hold a Work of this work set, in order. */
export async function worksOf(kubectl: Kubectl, workSet: string): Promise<string[]> {
  const { items } = await kubectl.json<{ items: readonly Named[] }>(
    `get works -A -l quarterdeck.dev/workset=${workSet}`,
  );
  return items.map(({ metadata }) => metadata.namespace ?? '').sort();
}

/** Conditions of one object by type. @param name `TYPE/NAME` */
export async function conditionsOf(
  kubectl: Kubectl,
  name: string,
  namespace = 'default',
): Promise<Readonly<Record<string, Condition>>> {
  const { status } = await kubectl.json<Conditioned>(['get', name, '-n', namespace]);
  return Object.fromEntries((status?.conditions ?? []).map((condition) => [condition.type, condition]));
}

/** Whether an object is there. @param name `TYPE/NAME` */
export async function exists(kubectl: Kubectl, name: string, namespace = 'default'): Promise<boolean> {
  return (await kubectl.ok(['get', name, '-n', namespace, '--ignore-not-found', '-o', 'name'])) !== '';
}
