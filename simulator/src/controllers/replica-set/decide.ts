import type { ReplicaSet, Stored } from '@quarterdeck/apis';
import type { EpochMs } from '@quarterdeck/machinery';
import type { StoredPod } from '../../kinds.ts';
import { isActive, isAvailable, isReady, nextAvailability } from '../../pods.ts';

export interface ReplicaSetStep {
  /** How many pods to make. */
  readonly create: number;
  readonly remove: readonly StoredPod[];
  readonly status: NonNullable<ReplicaSet['status']>;
  /** Look again, because time alone makes a pod available. */
  readonly requeueAfterMs: number | undefined;
}

/** Brings the number of active pods to what is wanted. The status tells what was seen, not what is done about it. */
export function decideReplicaSet(set: Stored<ReplicaSet>, pods: readonly StoredPod[], now: EpochMs): ReplicaSetStep {
  const { replicas = 1, template, minReadySeconds = 0 } = set.spec;
  const active = pods.filter(isActive);
  const surplus = active.length - replicas;
  const isGoing = set.metadata.deletionTimestamp !== undefined;
  const labels = Object.entries(template?.metadata?.labels ?? {});
  const hasLabels = (pod: StoredPod) => labels.every(([key, value]) => pod.metadata.labels?.[key] === value);
  return {
    create: isGoing ? 0 : Math.max(0, -surplus),
    remove: isGoing || surplus <= 0 ? [] : active.toSorted(dearerLast).slice(0, surplus),
    status: {
      replicas: active.length,
      ...count('fullyLabeledReplicas', active.filter(hasLabels).length),
      ...count('readyReplicas', active.filter(isReady).length),
      ...count('availableReplicas', active.filter((pod) => isAvailable(pod, minReadySeconds, now)).length),
      observedGeneration: set.metadata.generation ?? 0,
    },
    requeueAfterMs: nextAvailability(active, minReadySeconds, now),
  };
}

/** Kubernetes leaves counts of zero out. */
const count = <Name extends string>(name: Name, value: number) =>
  (value === 0 ? {} : { [name]: value }) as Partial<Record<Name, number>>;

const phaseRank: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };

/** Pods that are missed least come first: not bound, not running, not ready, young. */
function dearerLast(one: StoredPod, other: StoredPod): number {
  return (
    Number(one.spec?.nodeName !== undefined) - Number(other.spec?.nodeName !== undefined) ||
    (phaseRank[one.status?.phase ?? ''] ?? 0) - (phaseRank[other.status?.phase ?? ''] ?? 0) ||
    Number(isReady(one)) - Number(isReady(other)) ||
    compare(other.metadata.creationTimestamp, one.metadata.creationTimestamp) ||
    compare(one.metadata.name, other.metadata.name)
  );
}

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);
