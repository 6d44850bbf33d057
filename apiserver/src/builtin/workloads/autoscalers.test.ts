import type { JsonObject } from '@quarterdeck/machinery';
import { describe, expect, test } from 'vitest';
import { horizontalPodAutoscalers } from './autoscalers.ts';

const { strategy } = horizontalPodAutoscalers;
const target = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' };
const autoscaler = (spec: JsonObject, version = 'v2'): JsonObject => ({
  apiVersion: `autoscaling/${version}`,
  spec: { maxReplicas: 3, scaleTargetRef: target, ...spec },
});
const fieldsOf = (errors: readonly { readonly field: string }[] | undefined) => errors?.map(({ field }) => field);
const metric = { name: 'm' };

describe('metrics', () => {
  test.each<{ readonly name: string; readonly metric: JsonObject; readonly want: readonly string[] }>([
    {
      name: 'pods by their average',
      metric: { type: 'Pods', pods: { metric, target: { type: 'AverageValue', averageValue: '1500m' } } },
      want: [],
    },
    {
      name: 'pods by something else',
      metric: { type: 'Pods', pods: { metric, target: { type: 'Value', value: '1' } } },
      want: ['pods.target.averageValue'],
    },
    {
      name: 'an object without a name or an amount',
      metric: {
        type: 'Object',
        object: { metric: {}, describedObject: { kind: 'Service' }, target: { type: 'Value' } },
      },
      want: ['object.describedObject.name', 'object.metric.name', 'object.target.averageValue'],
    },
    {
      name: 'something outside by two amounts',
      metric: { type: 'External', external: { metric, target: { type: 'Value', value: '1', averageValue: '1' } } },
      want: ['external.target.value'],
    },
    {
      name: 'amounts that are not positive',
      metric: { type: 'External', external: { metric, target: { type: 'Value', value: '0' } } },
      want: ['external.target.value'],
    },
    {
      name: 'a resource by both',
      metric: {
        type: 'Resource',
        resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 5, averageValue: '1' } },
      },
      want: ['resource.target.averageValue'],
    },
    {
      name: 'a resource of a container that is not named',
      metric: { type: 'ContainerResource', containerResource: { name: 'cpu', target: { type: 'Utilization' } } },
      want: ['containerResource.container', 'containerResource.target.averageUtilization'],
    },
  ])('KA-3 $name', ({ metric: one, want }) => {
    expect(fieldsOf(strategy.validate?.(autoscaler({ metrics: [one] })))).toEqual(
      want.map((field) => `spec.metrics[0].${field}`),
    );
  });
});

test.each([
  { apiVersion: 'apps/v1', want: [] },
  { apiVersion: 'v1', want: ['spec.scaleTargetRef.apiVersion'] },
  { apiVersion: undefined, want: ['spec.scaleTargetRef.apiVersion'] },
  { apiVersion: 'a/b/c', want: ['spec.scaleTargetRef.apiVersion'] },
  { apiVersion: 'v1', kind: 'ReplicationController', want: [] },
])('KA-3 what is scaled is of a group: $apiVersion $kind', ({ apiVersion, kind = 'Deployment', want }) => {
  const scaleTargetRef: JsonObject = { kind, name: 'd', ...(apiVersion === undefined ? {} : { apiVersion }) };
  const object = autoscaler({ scaleTargetRef });
  expect(fieldsOf(strategy.validateCreate?.(object))).toEqual(want);
  expect(fieldsOf(strategy.validateUpdate?.(object, autoscaler({})))).toEqual(want);
  // Who has one already keeps it.
  expect(strategy.validateUpdate?.(object, object)).toEqual([]);
});

test('KA-3 a policy of scaling is chosen in a way that exists', () => {
  const rules = { selectPolicy: 'x', policies: [{ type: 'Pods', value: 1, periodSeconds: 1 }] };
  expect(fieldsOf(strategy.validate?.(autoscaler({ behavior: { scaleUp: rules } })))).toEqual([
    'spec.behavior.scaleUp.selectPolicy',
  ]);
});

test('KA-99 processors are measured where the old version says nothing', () => {
  const metrics = JSON.stringify([
    { type: 'Pods', pods: { metric, target: { type: 'AverageValue', averageValue: '5' } } },
  ]);
  const annotations = { 'autoscaling.alpha.kubernetes.io/metrics': metrics };
  expect(strategy.complete?.(autoscaler({}, 'v1'))?.spec).toMatchObject({ targetCPUUtilizationPercentage: 80 });
  expect(strategy.complete?.(autoscaler({ targetCPUUtilizationPercentage: 5 }, 'v1'))?.spec).toMatchObject({
    targetCPUUtilizationPercentage: 5,
  });
  expect(strategy.complete?.({ ...autoscaler({}, 'v1'), metadata: { annotations } })?.spec).not.toHaveProperty(
    'targetCPUUtilizationPercentage',
  );
});
