import {
  decodeJson,
  encodeJson,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  WireError,
} from '@quarterdeck/machinery';
import type { ObjectForm } from '../../registry/definition.ts';
import { numberAt, objectAt, objectsAt, stringAt, withValue } from '../../registry/fields.ts';

/**
 * autoscaling/v1, which knows one metric: the load of the processors. What else an autoscaler says is kept in annotations,
 * as Kubernetes keeps it, so that a client of the old version does not lose it.
 */
const annotations = {
  metrics: 'autoscaling.alpha.kubernetes.io/metrics',
  behavior: 'autoscaling.alpha.kubernetes.io/behavior',
  currentMetrics: 'autoscaling.alpha.kubernetes.io/current-metrics',
  conditions: 'autoscaling.alpha.kubernetes.io/conditions',
} as const;

const isCpu = (metric: JsonObject, target: string): boolean =>
  stringAt(metric, 'type') === 'Resource' &&
  stringAt(metric, 'resource', 'name') === 'cpu' &&
  numberAt(metric, 'resource', target, 'averageUtilization') !== undefined;

function fromStored(stored: JsonObject): JsonObject {
  const { metrics: _metrics, behavior, ...spec } = objectAt(stored, 'spec');
  const { currentMetrics: _current, conditions, ...status } = objectAt(stored, 'status');
  const metrics = objectsAt(stored, 'spec', 'metrics');
  const current = objectsAt(stored, 'status', 'currentMetrics');
  const cpu = metrics.find((metric) => isCpu(metric, 'target'));
  const used = current.find((metric) => isCpu(metric, 'current'));
  return {
    ...withAnnotations(stored, {
      metrics: metrics.filter((metric) => metric !== cpu),
      behavior: isJsonObject(behavior) ? behavior : undefined,
      currentMetrics: current.filter((metric) => metric !== used),
      conditions: Array.isArray(conditions) ? conditions : [],
    }),
    apiVersion: 'autoscaling/v1',
    spec: {
      ...spec,
      ...(cpu === undefined
        ? {}
        : { targetCPUUtilizationPercentage: numberAt(cpu, 'resource', 'target', 'averageUtilization') ?? 0 }),
    },
    ...(stored.status === undefined
      ? {}
      : {
          status: {
            ...status,
            ...(used === undefined
              ? {}
              : { currentCPUUtilizationPercentage: numberAt(used, 'resource', 'current', 'averageUtilization') ?? 0 }),
          },
        }),
  };
}

function toStored(shown: JsonObject): JsonObject {
  const { targetCPUUtilizationPercentage: target, ...spec } = objectAt(shown, 'spec');
  const { currentCPUUtilizationPercentage: used, ...status } = objectAt(shown, 'status');
  const kept = (name: keyof typeof annotations) => readAnnotation(shown, annotations[name]);
  const metrics = [...asList(kept('metrics')), ...(target === undefined ? [] : [cpuMetric(target)])];
  const current = [...asList(kept('currentMetrics')), ...(used === undefined ? [] : [cpuUsage(used)])];
  const conditions = asList(kept('conditions'));
  const behavior = kept('behavior');
  return {
    ...withoutAnnotations(shown),
    apiVersion: 'autoscaling/v2',
    spec: {
      ...spec,
      ...(metrics.length === 0 ? {} : { metrics }),
      ...(isJsonObject(behavior) ? { behavior } : {}),
    },
    ...(shown.status === undefined
      ? {}
      : {
          status: {
            ...status,
            ...(current.length === 0 ? {} : { currentMetrics: current }),
            ...(conditions.length === 0 ? {} : { conditions }),
          },
        }),
  };
}

const cpuMetric = (averageUtilization: JsonValue): JsonObject => ({
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } },
});

const cpuUsage = (averageUtilization: JsonValue): JsonObject => ({
  type: 'Resource',
  resource: { name: 'cpu', current: { averageUtilization } },
});

const asList = (value: JsonValue | undefined): JsonValue[] => (Array.isArray(value) ? value : []);

function readAnnotation(object: JsonObject, key: string): JsonValue | undefined {
  const text = stringAt(object, 'metadata', 'annotations', key);
  if (text === '') return undefined;
  try {
    return decodeJson(Buffer.from(text, 'utf8')).value;
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}

function withoutAnnotations(object: JsonObject): JsonObject {
  const names: readonly string[] = Object.values(annotations);
  const own = Object.entries(objectAt(object, 'metadata', 'annotations'));
  const rest = own.filter(([key]) => !names.includes(key));
  if (rest.length === own.length) return object;
  return withValue(object, ['metadata', 'annotations'], rest.length === 0 ? undefined : Object.fromEntries(rest));
}

function withAnnotations(
  object: JsonObject,
  content: Readonly<Record<keyof typeof annotations, JsonObject | JsonValue[] | undefined>>,
): JsonObject {
  return Object.entries(annotations).reduce((one, [name, key]) => {
    const value = content[name as keyof typeof annotations];
    const isEmpty = value === undefined || (Array.isArray(value) && value.length === 0);
    return isEmpty ? one : withValue(one, ['metadata', 'annotations', key], encodeJson(value));
  }, object);
}

/** What tables show is of the stored form, in either version. */
export function storedAutoscaler(object: JsonObject): JsonObject {
  return object.apiVersion === 'autoscaling/v1' ? toStored(object) : object;
}

export const autoscalerV1: ObjectForm = { fromStored, toStored };
