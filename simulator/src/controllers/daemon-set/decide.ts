import type { Node, Stored } from '@quarterdeck/apis';
import type { EpochMs } from '@quarterdeck/machinery';
import type { SimDaemonSet, SimPod, StoredPod, Toleration } from '../../kinds.ts';
import { isActive, isAvailable, isDeleting, isReady, isTerminal, nextAvailability } from '../../pods.ts';
import { templateHash } from '../../template-hash.ts';
import { resolveShare } from '../deployment/decide-bounds.ts';
import { podRevision } from '../revision.ts';
import { mismatch } from '../scheduler/decide-fit.ts';

export interface DaemonSetStep {
  /** Names of nodes to make a pod for. */
  readonly create: readonly string[];
  readonly remove: readonly StoredPod[];
  readonly status: NonNullable<SimDaemonSet['status']>;
  readonly requeueAfterMs: number | undefined;
}

/** What Kubernetes lets every pod of a DaemonSet stand. */
export const daemonTolerations: readonly Toleration[] = Object.freeze([
  { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/disk-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/memory-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/pid-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' },
]);

export const daemonRevision = (set: Stored<SimDaemonSet>): string => templateHash(set.spec.template);

/** The node that a pod of a DaemonSet was made for, bound or not. */
function nodeOf({ spec }: SimPod): string | undefined {
  const terms = spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  return spec?.nodeName ?? terms?.[0]?.matchFields?.[0]?.values?.[0];
}

/** One pod on every node that is for it; an update replaces as many at a time as may be missing. */
export function decideDaemonSet(
  set: Stored<SimDaemonSet>,
  pods: readonly StoredPod[],
  nodes: readonly Stored<Node>[],
  now: EpochMs,
): DaemonSetStep {
  const { minReadySeconds = 0 } = set.spec;
  const eligible = nodes.filter((node) => mismatch(asPod(set), node) === undefined).map((node) => node.metadata.name);
  const byNode = Map.groupBy(pods, (pod) => nodeOf(pod) ?? '');
  const first = (node: string) => byNode.get(node)?.find(isActive);
  const going = isDeleting(set);
  // A name is free again only when the pod is gone: one that is going still takes its place.
  const create = eligible.filter((node) => !byNode.get(node)?.some((pod) => !isTerminal(pod)));
  const misplaced = pods.filter((pod) => !isDeleting(pod) && (isTerminal(pod) || pod !== first(nodeOf(pod) ?? '')));
  const elsewhere = pods.filter((pod) => isActive(pod) && !eligible.includes(nodeOf(pod) ?? ''));
  const kept = eligible.map(first).filter((pod) => pod !== undefined);
  return {
    create: going ? [] : create,
    remove: going ? [] : [...new Set([...misplaced, ...elsewhere, ...replaced(set, kept, eligible.length, now)])],
    status: statusOf(set, { kept, eligible: eligible.length, elsewhere: elsewhere.length, now }),
    requeueAfterMs: nextAvailability(pods, minReadySeconds, now),
  };
}

/** A pod as this set would make it, to try nodes with. */
function asPod({ spec, metadata }: Stored<SimDaemonSet>): SimPod {
  const { containers = [], ...rest } = (spec.template.spec ?? {}) as NonNullable<SimPod['spec']>;
  const tolerations = [...(rest.tolerations ?? []), ...daemonTolerations];
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: { ...rest, containers, tolerations } };
}

function replaced(set: Stored<SimDaemonSet>, kept: readonly StoredPod[], wanted: number, now: EpochMs): StoredPod[] {
  const { updateStrategy = {}, minReadySeconds = 0 } = set.spec;
  if (updateStrategy.type === 'OnDelete') return [];
  const revision = daemonRevision(set);
  const old = kept.filter((pod) => podRevision(pod) !== revision);
  const down = old.filter((pod) => !isAvailable(pod, minReadySeconds, now));
  const up = old.filter((pod) => isAvailable(pod, minReadySeconds, now));
  const available = kept.filter((pod) => isAvailable(pod, minReadySeconds, now)).length;
  const share = resolveShare(updateStrategy.rollingUpdate?.maxUnavailable ?? 1, wanted, 'up');
  const spare = Math.max(0, Math.max(1, share) - (wanted - available));
  // Who serves nobody can be replaced at any time.
  return [...down, ...up.slice(0, spare)];
}

interface Counted {
  readonly kept: readonly StoredPod[];
  readonly eligible: number;
  readonly elsewhere: number;
  readonly now: EpochMs;
}

function statusOf(
  set: Stored<SimDaemonSet>,
  { kept, eligible, elsewhere, now }: Counted,
): NonNullable<SimDaemonSet['status']> {
  const { minReadySeconds = 0 } = set.spec;
  const revision = daemonRevision(set);
  const available = kept.filter((pod) => isAvailable(pod, minReadySeconds, now)).length;
  const counts = {
    updatedNumberScheduled: kept.filter((pod) => podRevision(pod) === revision).length,
    numberAvailable: available,
    numberUnavailable: eligible - available,
  };
  return {
    observedGeneration: set.metadata.generation ?? 1,
    currentNumberScheduled: kept.length,
    desiredNumberScheduled: eligible,
    numberMisscheduled: elsewhere,
    numberReady: kept.filter(isReady).length,
    ...Object.fromEntries(Object.entries(counts).filter(([, value]) => value !== 0)),
    ...(set.status?.conditions === undefined ? {} : { conditions: set.status.conditions }),
  };
}
