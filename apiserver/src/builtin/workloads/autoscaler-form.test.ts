import { expect, test } from 'vitest';
import { autoscalerV1 } from './autoscaler-form.ts';

const cpu = (averageUtilization: number) => ({
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } },
});
const pods = { type: 'Pods', pods: { metric: { name: 'm' }, target: { type: 'AverageValue', averageValue: '5' } } };
const stored = {
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'a', annotations: { own: 'x' } },
  spec: { maxReplicas: 3, metrics: [pods, cpu(70)], behavior: { scaleUp: { selectPolicy: 'Max' } } },
  status: { desiredReplicas: 1, conditions: [{ type: 'AbleToScale', status: 'True' }] },
};

test('KA-3 the old version shows the load of the processors, and keeps the rest in annotations', () => {
  const shown = autoscalerV1.fromStored(stored);
  expect(shown).toEqual({
    apiVersion: 'autoscaling/v1',
    kind: 'HorizontalPodAutoscaler',
    metadata: {
      name: 'a',
      annotations: {
        own: 'x',
        'autoscaling.alpha.kubernetes.io/metrics': JSON.stringify([pods]),
        'autoscaling.alpha.kubernetes.io/behavior': '{"scaleUp":{"selectPolicy":"Max"}}',
        'autoscaling.alpha.kubernetes.io/conditions': '[{"type":"AbleToScale","status":"True"}]',
      },
    },
    spec: { maxReplicas: 3, targetCPUUtilizationPercentage: 70 },
    status: { desiredReplicas: 1 },
  });
  expect(autoscalerV1.toStored(shown)).toEqual(stored);
});

test('KA-3 annotations that cannot be read are dropped', () => {
  const annotations = { 'autoscaling.alpha.kubernetes.io/metrics': '{' };
  expect(autoscalerV1.toStored({ metadata: { annotations }, spec: { maxReplicas: 1 } })).toEqual({
    apiVersion: 'autoscaling/v2',
    metadata: {},
    spec: { maxReplicas: 1 },
  });
});
