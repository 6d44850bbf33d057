import { type GroupVersionKind, Pod } from '@quarterdeck/apis';
import {
  type Client,
  type Clock,
  type EpochMs,
  isJsonObject,
  type JsonObject,
  labelSelectorToString,
} from '@quarterdeck/machinery';

/** A pod without a node for so long counts as one that none will be found for soon. DL-23 */
const unschedulableAfterMs = 60_000;

/** How often the pods of one workload are looked at, and how soon again while it is not whole. */
const lookEveryMs = 10_000;
const againMs = 30_000;
/** More than these are not counted. */
const maxPods = 500;
const maxObjects = 10_000;

/** How many replicas of a workload have no node. */
export interface Unschedulable {
  readonly count: number;
  /** When to count again, ms; undefined: the workload is whole. */
  readonly againAfterMs: number | undefined;
}

export interface PodLooks {
  /** Undefined: no workload with replicas, or its pods may not be listed. */
  countOf(
    client: Client,
    { gvk, live }: { readonly gvk: GroupVersionKind; readonly live: JsonObject },
    signal: AbortSignal,
  ): Promise<Unschedulable | undefined>;
}

interface WorkloadMeta {
  readonly uid: string;
  readonly namespace?: string;
  readonly creationTimestamp?: string;
}

const kinds = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet']);

/** Looks at pods only while a workload is not whole, and at most every ten seconds. */
export function createPodLooks(clock: Clock): PodLooks {
  const looks = new Map<string, { readonly at: number; readonly count: number }>();
  return {
    async countOf(client, { gvk, live }, signal) {
      if (gvk.group !== 'apps' || !kinds.has(gvk.kind)) return undefined;
      const { uid, namespace, creationTimestamp = '' } = live.metadata as unknown as WorkloadMeta;
      if (isWhole(gvk.kind, live) || namespace === undefined) {
        looks.delete(uid);
        return { count: 0, againAfterMs: undefined };
      }
      // It has had no pod for so long. One that it took over from another counts at the next look.
      if (clock.now() - Date.parse(creationTimestamp) < unschedulableAfterMs)
        return { count: 0, againAfterMs: againMs };
      const before = looks.get(uid);
      if (before !== undefined && clock.monotonic() - before.at < lookEveryMs)
        return { count: before.count, againAfterMs: againMs };
      const labelSelector = selectorOf(live);
      if (labelSelector === undefined) return undefined;
      try {
        const { items } = await client.list(Pod, { namespace, labelSelector, limit: maxPods, signal });
        const count = countUnschedulable(items, clock.now());
        if (looks.size > maxObjects) looks.clear();
        looks.set(uid, { at: clock.monotonic(), count });
        return { count, againAfterMs: againMs };
      } catch {
        signal.throwIfAborted();
        return undefined; // a count is a courtesy: what hinders it hinders nothing else
      }
    },
  };
}

/** Pods that the scheduler has found no node for since long. Pure. */
export function countUnschedulable(pods: readonly Pod[], now: EpochMs): number {
  return pods.filter(({ metadata, status }) => {
    if (metadata.deletionTimestamp !== undefined) return false;
    const scheduled = (status?.conditions ?? []).find(({ type }) => type === 'PodScheduled');
    if (scheduled?.status !== 'False' || scheduled.reason !== 'Unschedulable') return false;
    return now - Date.parse(scheduled.lastTransitionTime ?? '') >= unschedulableAfterMs;
  }).length;
}

function isWhole(kind: string, { spec, status }: JsonObject): boolean {
  const [wants, has] = [isJsonObject(spec) ? spec : {}, isJsonObject(status) ? status : {}];
  const desired = kind === 'DaemonSet' ? (has.desiredNumberScheduled ?? 0) : (wants.replicas ?? 1);
  return Number((kind === 'DaemonSet' ? has.numberReady : has.readyReplicas) ?? 0) >= Number(desired);
}

function selectorOf({ spec }: JsonObject): string | undefined {
  const selector = isJsonObject(spec) ? spec.selector : undefined;
  if (!isJsonObject(selector)) return undefined;
  return labelSelectorToString(selector as Parameters<typeof labelSelectorToString>[0]);
}
