import type { JsonObject } from '@quarterdeck/machinery';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { healthOf } from './rules.ts';

const kinds = [
  ...['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet'].map((kind) => ({ group: 'apps', kind })),
  ...['Pod', 'Namespace', 'PersistentVolumeClaim', 'Service', 'ConfigMap'].map((kind) => ({ group: '', kind })),
  ...['Job', 'CronJob'].map((kind) => ({ group: 'batch', kind })),
  { group: 'networking.k8s.io', kind: 'Ingress' },
  { group: 'autoscaling', kind: 'HorizontalPodAutoscaler' },
  { group: 'policy', kind: 'PodDisruptionBudget' },
  { group: 'apiregistration.k8s.io', kind: 'APIService' },
  { group: 'apiextensions.k8s.io', kind: 'CustomResourceDefinition' },
  { group: 'example.test', kind: 'Widget' },
];
const key = fc.constantFrom(
  'conditions',
  'phase',
  'replicas',
  'updatedReplicas',
  'availableReplicas',
  'observedGeneration',
  'loadBalancer',
  'type',
  'generation',
  'updateStrategy',
  'rollingUpdate',
  'partition',
  'containerStatuses',
  'state',
  'waiting',
  'ingress',
  'ip',
  'annotations',
  '__proto__',
);
const { any } = fc.letrec<{ any: unknown }>((tie) => ({
  any: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(
      null,
      true,
      'True',
      'False',
      'Ready',
      'Progressing',
      'ProgressDeadlineExceeded',
      -1,
      0,
      1,
      1.5,
      1e308,
      2n ** 70n,
    ),
    fc.array(tie('any'), { maxLength: 3 }),
    fc.dictionary(key, tie('any'), { maxKeys: 4 }),
    fc.record({
      type: fc.constantFrom('Ready', 'Progressing', 'Stalled', 'Failed'),
      status: tie('any'),
      reason: tie('any'),
      message: tie('any'),
    }),
  ),
}));

test('DL-22 every object of every kind, however odd, has a health, a text and counts that a report can hold', () => {
  fc.assert(
    fc.property(fc.constantFrom(...kinds), any, any, any, (gvk, metadata, spec, status) => {
      const { health, reason, message, replicas } = healthOf(gvk, { metadata, spec, status } as JsonObject);
      expect(['Healthy', 'Progressing', 'Degraded', 'Unknown']).toContain(health);
      expect([typeof reason, typeof message]).toEqual(['string', 'string']);
      for (const count of Object.values(replicas ?? {})) expect(Number.isSafeInteger(count) && count >= 0).toBe(true);
    }),
  );
});
