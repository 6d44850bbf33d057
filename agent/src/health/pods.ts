import type { JsonObject } from '@quarterdeck/machinery';
import {
  conditionOf,
  degraded,
  field,
  type Health,
  type HealthRule,
  healthy,
  isBehind,
  list,
  number,
  progressing,
  text,
  waitingForController,
  wordsOf,
} from './health.ts';

/** A Job is healthy when it is complete; until then it is under way. DL-7 */
export const job: HealthRule = (object) => {
  for (const type of ['Failed', 'FailureTarget']) {
    const failed = conditionOf(object, type);
    if (failed?.status === 'True') return degraded(failed.reason || 'Failed', wordsOf(failed, 'the job failed'));
  }
  if (isComplete(object)) return { ...healthy, reason: 'Complete' };
  if (conditionOf(object, 'Suspended')?.status === 'True') return progressing('Suspended', 'the job is suspended');
  const count = (name: string) => number(object, ['status', name]);
  const failures = count('failed') === 0 ? '' : `, ${count('failed')} failed`;
  return progressing('Running', `${count('succeeded')} pods succeeded, ${count('active')} active${failures}`);
};

/** Whether a Job has done what it was made for. DL-7 */
export const isComplete = (object: JsonObject): boolean => conditionOf(object, 'Complete')?.status === 'True';

/** It does its work by making Jobs, whose fate is theirs; suspended it does as it was told. */
export const cronJob: HealthRule = (object) =>
  field(object, 'spec', 'suspend') === true ? { ...healthy, reason: 'Suspended' } : healthy;

/** What a container waits for that waiting does not bring, as far as experience goes. */
const failures = new Set([
  'CrashLoopBackOff',
  'ImagePullBackOff',
  'ErrImagePull',
  'ErrImageNeverPull',
  'InvalidImageName',
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
]);

/** Ready, or done. A container that cannot start is a failure though its pod is called pending or running. */
export const pod: HealthRule = (object) => {
  const phase = text(object, 'status', 'phase');
  if (phase === 'Succeeded') return { ...healthy, reason: 'Succeeded' };
  if (phase === 'Failed')
    return degraded(
      text(object, 'status', 'reason') || 'Failed',
      text(object, 'status', 'message') || 'the pod failed',
    );
  if (isBehind(object)) return waitingForController;
  if (conditionOf(object, 'Ready')?.status === 'True') return healthy;
  const failing = failingContainer(object);
  if (failing !== undefined) return failing;
  const scheduled = conditionOf(object, 'PodScheduled');
  if (scheduled?.status === 'False')
    return progressing(scheduled.reason || 'NotScheduled', wordsOf(scheduled, 'no node was found for the pod'));
  return progressing('NotReady', `the pod is ${phase || 'not seen by a node yet'}`);
};

function failingContainer(object: JsonObject): Health | undefined {
  for (const kind of ['initContainerStatuses', 'containerStatuses']) {
    for (const status of list(object, 'status', kind)) {
      const reason = text(status, 'state', 'waiting', 'reason');
      if (!failures.has(reason)) continue;
      const message = text(status, 'state', 'waiting', 'message');
      return degraded(reason, `container ${text(status, 'name')}: ${message || reason}`);
    }
  }
  return undefined;
}
