import { decodeJson, type JsonObject, type JsonValue } from '@quarterdeck/machinery';
import {
  conditionOf,
  degraded,
  field,
  type HealthRule,
  healthy,
  isBehind,
  isUnobserved,
  number,
  progressing,
  type SeenCondition,
  text,
  waitingForController,
  wordsOf,
} from './health.ts';

/** Mistakes in the autoscaler itself; other reasons for not scaling may pass, such as metrics that are not there yet. */
const scalingMistakes = new Set([
  'InvalidSelector',
  'InvalidMetricSourceType',
  'FailedGetScale',
  'FailedUpdateScale',
  'AmbiguousSelector',
]);

export const horizontalPodAutoscaler: HealthRule = (object) => {
  if (isBehind(object)) return waitingForController;
  const seen = withConditions(object);
  const able = conditionOf(seen, 'AbleToScale');
  const active = conditionOf(seen, 'ScalingActive');
  if (able === undefined && active === undefined)
    return progressing('NotObserved', 'its controller has not looked at it yet');
  for (const condition of [able, active]) {
    if (condition?.status === 'False' && condition.reason !== 'ScalingDisabled') return notScaling(condition);
  }
  return healthy;
};

function notScaling(condition: SeenCondition) {
  const say = scalingMistakes.has(condition.reason) ? degraded : progressing;
  return say(condition.reason || 'NotScaling', wordsOf(condition, 'it cannot scale'));
}

/** Version v1 has no conditions; the server puts them into an annotation. */
function withConditions(object: JsonObject): JsonObject {
  if (field(object, 'status', 'conditions') !== undefined) return object;
  const annotation = text(object, 'metadata', 'annotations', 'autoscaling.alpha.kubernetes.io/conditions');
  if (annotation === '') return object;
  return { ...object, status: { conditions: parsed(annotation) } };
}

function parsed(json: string): JsonValue {
  try {
    return decodeJson(json).value;
  } catch {
    return [];
  }
}

/** Healthy when as many pods run as it wants to protect. */
export const podDisruptionBudget: HealthRule = (object) => {
  if (isUnobserved(object)) return waitingForController;
  const allowed = conditionOf(object, 'DisruptionAllowed');
  if (allowed?.status === 'False' && allowed.reason === 'SyncFailed')
    return degraded('SyncFailed', wordsOf(allowed, 'its pods cannot be counted'));
  const [current, desired] = [
    number(object, ['status', 'currentHealthy']),
    number(object, ['status', 'desiredHealthy']),
  ];
  if (current >= desired) return healthy;
  return progressing('InsufficientPods', `${current} of ${desired} pods healthy`);
};
