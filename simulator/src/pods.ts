import type { KubeObject, OwnerReference, PodTemplateSpec, Stored } from '@quarterdeck/apis';
import type { EpochMs } from '@quarterdeck/machinery';
import type { LegacyCondition, SimPod } from './kinds.ts';
import { simulatedLabels } from './simulated.ts';

/** Questions that all workload controllers ask of pods. Pure. */

export const isDeleting = (object: KubeObject): boolean => object.metadata.deletionTimestamp !== undefined;

export const isTerminal = ({ status }: SimPod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed';

/** Counts towards what its owner wants: neither ended nor going. */
export const isActive = (pod: SimPod): boolean => !isTerminal(pod) && !isDeleting(pod);

export function conditionOf(
  { status }: { status?: { conditions?: LegacyCondition[] } | undefined },
  type: string,
): LegacyCondition | undefined {
  return status?.conditions?.find((condition) => condition.type === type);
}

export const isReady = (pod: SimPod): boolean => conditionOf(pod, 'Ready')?.status === 'True';

/** Milliseconds until the pod has been ready for long enough: 0 when it has, undefined when it is not ready. */
function availableIn(pod: SimPod, minReadySeconds: number, now: EpochMs): number | undefined {
  const ready = conditionOf(pod, 'Ready');
  if (ready?.status !== 'True') return undefined;
  if (minReadySeconds <= 0) return 0;
  const since = Date.parse(ready.lastTransitionTime ?? '');
  return Number.isNaN(since) ? undefined : Math.max(0, since + minReadySeconds * 1000 - now);
}

export const isAvailable = (pod: SimPod, minReadySeconds: number, now: EpochMs): boolean =>
  availableIn(pod, minReadySeconds, now) === 0;

/** When one of the ready pods becomes available; undefined when none will by time alone. */
export function nextAvailability(pods: readonly SimPod[], minReadySeconds: number, now: EpochMs): number | undefined {
  const waits = pods.map((pod) => availableIn(pod, minReadySeconds, now)).filter((wait) => wait !== undefined);
  const later = waits.filter((wait) => wait > 0);
  return later.length === 0 ? undefined : Math.min(...later);
}

/** The reference of an owner that runs the object. */
export function ownedBy(owner: Stored<KubeObject>): OwnerReference {
  const { apiVersion, kind, metadata } = owner;
  return {
    apiVersion,
    kind,
    name: metadata.name,
    uid: metadata.uid,
    controller: true,
    blockOwnerDeletion: true,
  };
}

export const controllerOf = ({ metadata }: KubeObject): OwnerReference | undefined =>
  metadata.ownerReferences?.find((reference) => reference.controller === true);

/** A pod made from a template, without a name. */
export function podFrom(owner: Stored<KubeObject>, template: PodTemplateSpec, labels: Record<string, string>): SimPod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...(owner.metadata.namespace === undefined ? {} : { namespace: owner.metadata.namespace }),
      labels: { ...template.metadata?.labels, ...labels, ...simulatedLabels },
      ...(template.metadata?.annotations === undefined ? {} : { annotations: template.metadata.annotations }),
      ownerReferences: [ownedBy(owner)],
    },
    ...(template.spec === undefined ? {} : { spec: template.spec }),
  };
}

/** Sets a condition of the older kind; `lastTransitionTime` moves with the status only. */
export function withCondition(
  conditions: readonly LegacyCondition[] | undefined,
  next: LegacyCondition,
): LegacyCondition[] {
  const list = conditions ?? [];
  const old = list.find(({ type }) => type === next.type);
  const kept = old?.status === next.status && old.lastTransitionTime !== undefined;
  const merged = kept ? { ...next, lastTransitionTime: old.lastTransitionTime ?? '' } : next;
  return old === undefined ? [...list, merged] : list.map((one) => (one === old ? merged : one));
}
