import type { JsonObject } from '@quarterdeck/machinery';
import {
  conditionOf,
  degraded,
  field,
  type Health,
  type HealthRule,
  healthy,
  isUnobserved,
  number,
  progressing,
  type Replicas,
  waitingForController,
  wordsOf,
} from './health.ts';

/** Counts of a workload, each by the name of its status field. */
const counts = (object: JsonObject, names: Record<'ready' | 'available' | 'updated', string>, desired: number) => ({
  desired,
  ready: number(object, ['status', names.ready]),
  available: number(object, ['status', names.available]),
  updated: number(object, ['status', names.updated]),
});

/** A rule over an object and its counts; the counts are told whatever the rule finds. */
function withReplicas(
  countOf: (object: JsonObject) => Replicas,
  rule: (object: JsonObject, replicas: Replicas) => Health,
): HealthRule {
  return (object) => {
    const replicas = countOf(object);
    return { ...(isUnobserved(object) ? waitingForController : rule(object, replicas)), replicas };
  };
}

const desiredOf = (object: JsonObject): number => number(object, ['spec', 'replicas'], 1);

/** Of what replaces its replicas one after the other. */
const rolledOut = (object: JsonObject): Replicas =>
  counts(
    object,
    { ready: 'readyReplicas', available: 'availableReplicas', updated: 'updatedReplicas' },
    desiredOf(object),
  );

function availability({ desired, available }: Replicas, what: string): Health {
  if (available >= desired) return healthy;
  return progressing('NotAvailable', `${available} of ${desired} ${what} available`);
}

function replicaFailure(object: JsonObject): Health | undefined {
  const failure = conditionOf(object, 'ReplicaFailure');
  if (failure?.status !== 'True') return undefined;
  return degraded(failure.reason || 'ReplicaFailure', wordsOf(failure, 'replicas cannot be made'));
}

/** Updated, available and no old replicas left; a passed progress deadline or failing replicas are a failure. DL-22 */
export const deployment = withReplicas(rolledOut, (object, replicas) => {
  const progress = conditionOf(object, 'Progressing');
  if (progress?.status === 'False' && progress.reason === 'ProgressDeadlineExceeded')
    return degraded(progress.reason, wordsOf(progress, 'it made no progress within its deadline'));
  const failure = replicaFailure(object);
  if (failure !== undefined) return failure;
  const paused = field(object, 'spec', 'paused') === true ? ', and it is paused' : '';
  if (replicas.updated < replicas.desired)
    return progressing('Updating', `${replicas.updated} of ${replicas.desired} replicas updated${paused}`);
  const old = number(object, ['status', 'replicas']) - replicas.updated;
  if (old > 0) return progressing('ReplacingOld', `${old} old replicas are being replaced${paused}`);
  return availability(replicas, 'replicas');
});

export const replicaSet = withReplicas(
  (object) =>
    counts(object, { ready: 'readyReplicas', available: 'availableReplicas', updated: 'replicas' }, desiredOf(object)),
  (object, replicas) => {
    const failure = replicaFailure(object);
    if (failure !== undefined) return failure;
    const extra = number(object, ['status', 'replicas']) - replicas.desired;
    if (extra > 0) return progressing('ScalingDown', `${extra} replicas too many`);
    return availability(replicas, 'replicas');
  },
);

/** With OnDelete nothing is rolled by itself; with a partition only the upper part is. */
export const statefulSet = withReplicas(rolledOut, (object, replicas) => {
  const { desired, ready, updated } = replicas;
  if (ready < desired) return progressing('NotReady', `${ready} of ${desired} replicas ready`);
  const extra = number(object, ['status', 'replicas']) - desired;
  if (extra > 0) return progressing('ScalingDown', `${extra} replicas too many`);
  if (field(object, 'spec', 'updateStrategy', 'type') !== 'OnDelete') {
    const partition = number(object, ['spec', 'updateStrategy', 'rollingUpdate', 'partition']);
    const expected = Math.max(0, desired - partition);
    if (updated < expected) return progressing('Updating', `${updated} of ${expected} replicas updated`);
  }
  // Only with a minimum time to be ready does "available" say more than "ready", and then its controller counts it.
  return number(object, ['spec', 'minReadySeconds']) > 0 ? availability(replicas, 'replicas') : healthy;
});

export const daemonSet = withReplicas(
  (object) =>
    counts(
      object,
      { ready: 'numberReady', available: 'numberAvailable', updated: 'updatedNumberScheduled' },
      number(object, ['status', 'desiredNumberScheduled']),
    ),
  (object, replicas) => {
    const { desired, updated } = replicas;
    if (field(object, 'spec', 'updateStrategy', 'type') !== 'OnDelete' && updated < desired)
      return progressing('Updating', `${updated} of ${desired} pods updated`);
    return availability(replicas, 'pods');
  },
);
