import {
  conditionOf,
  degraded,
  field,
  type Health,
  type HealthRule,
  healthy,
  isBehind,
  number,
  progressing,
  waitingForController,
} from './health.ts';

type Replicas = NonNullable<Health['replicas']>;

const withReplicas = (health: Health, replicas: Replicas): Health => ({ ...health, replicas });

/** Updated, available and no old replicas left; a passed progress deadline or failing replicas are a failure. */
export const deployment: HealthRule = (object) => {
  const replicas: Replicas = {
    desired: number(object, ['spec', 'replicas'], 1),
    ready: number(object, ['status', 'readyReplicas']),
    available: number(object, ['status', 'availableReplicas']),
    updated: number(object, ['status', 'updatedReplicas']),
  };
  return withReplicas(rolledOut(object, replicas), replicas);
};

function rolledOut(object: Parameters<HealthRule>[0], replicas: Replicas): Health {
  const progress = conditionOf(object, 'Progressing');
  if (progress?.reason === 'ProgressDeadlineExceeded') return degraded(progress.message);
  const failure = conditionOf(object, 'ReplicaFailure');
  if (failure?.status === 'True') return degraded(failure.message);
  if (number(object, ['status', 'observedGeneration']) < number(object, ['metadata', 'generation']))
    return waitingForController;
  if (replicas.updated < replicas.desired)
    return progressing(`${replicas.updated} of ${replicas.desired} replicas updated`);
  const old = number(object, ['status', 'replicas']) - replicas.updated;
  if (old > 0) return progressing(`${old} old replicas are being replaced`);
  return replicas.available < replicas.desired
    ? progressing(`${replicas.available} of ${replicas.desired} replicas available`)
    : healthy;
}

export const replicaSet: HealthRule = (object) => {
  const desired = number(object, ['spec', 'replicas'], 1);
  const replicas: Replicas = {
    desired,
    ready: number(object, ['status', 'readyReplicas']),
    available: number(object, ['status', 'availableReplicas']),
    updated: number(object, ['status', 'replicas']),
  };
  const failure = conditionOf(object, 'ReplicaFailure');
  if (failure?.status === 'True') return withReplicas(degraded(failure.message), replicas);
  if (number(object, ['status', 'observedGeneration']) < number(object, ['metadata', 'generation']))
    return withReplicas(waitingForController, replicas);
  const health =
    replicas.available < desired ? progressing(`${replicas.available} of ${desired} replicas available`) : healthy;
  return withReplicas(health, replicas);
};

/** With OnDelete nothing is rolled by itself; with a partition only the upper part is. */
export const statefulSet: HealthRule = (object) => {
  const desired = number(object, ['spec', 'replicas'], 1);
  const replicas: Replicas = {
    desired,
    ready: number(object, ['status', 'readyReplicas']),
    available: number(object, ['status', 'availableReplicas']),
    updated: number(object, ['status', 'updatedReplicas']),
  };
  if (number(object, ['status', 'observedGeneration']) < number(object, ['metadata', 'generation']))
    return withReplicas(waitingForController, replicas);
  if (replicas.ready < desired)
    return withReplicas(progressing(`${replicas.ready} of ${desired} replicas ready`), replicas);
  if (field(object, 'spec', 'updateStrategy', 'type') === 'OnDelete') return withReplicas(healthy, replicas);
  const partition = number(object, ['spec', 'updateStrategy', 'rollingUpdate', 'partition']);
  const expected = Math.max(0, desired - partition);
  const health =
    replicas.updated < expected ? progressing(`${replicas.updated} of ${expected} replicas updated`) : healthy;
  return withReplicas(health, replicas);
};

export const daemonSet: HealthRule = (object) => {
  const desired = number(object, ['status', 'desiredNumberScheduled']);
  const replicas: Replicas = {
    desired,
    ready: number(object, ['status', 'numberReady']),
    available: number(object, ['status', 'numberAvailable']),
    updated: number(object, ['status', 'updatedNumberScheduled']),
  };
  if (number(object, ['status', 'observedGeneration']) < number(object, ['metadata', 'generation']))
    return withReplicas(waitingForController, replicas);
  if (field(object, 'spec', 'updateStrategy', 'type') !== 'OnDelete' && replicas.updated < desired) {
    return withReplicas(progressing(`${replicas.updated} of ${desired} pods updated`), replicas);
  }
  const health =
    replicas.available < desired ? progressing(`${replicas.available} of ${desired} pods available`) : healthy;
  return withReplicas(health, replicas);
};

/** Running counts as healthy: the object is there and does what it is meant to do. */
export const job: HealthRule = (object) => {
  const failed = conditionOf(object, 'Failed');
  if (failed?.status === 'True') return degraded(failed.message || failed.reason);
  if (conditionOf(object, 'Complete')?.status === 'True') return healthy;
  if (conditionOf(object, 'Suspended')?.status === 'True') return progressing('the job is suspended');
  return progressing(
    `${number(object, ['status', 'succeeded'])} pods succeeded, ${number(object, ['status', 'active'])} active`,
  );
};

export const pod: HealthRule = (object) => {
  const phase = field(object, 'status', 'phase');
  if (phase === 'Succeeded') return healthy;
  if (phase === 'Failed') return degraded(String(field(object, 'status', 'message') ?? 'the pod failed'));
  if (conditionOf(object, 'Ready')?.status === 'True') return healthy;
  if (isBehind(object)) return waitingForController;
  return progressing(`the pod is ${typeof phase === 'string' ? phase : 'not seen by a node yet'}`);
};
