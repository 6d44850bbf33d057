import type { JsonObject } from '@quarterdeck/machinery';
import { describe, expect, test } from 'vitest';
import { healthOf } from './rules.ts';

const apps = (kind: string) => ({ group: 'apps', kind });
const core = (kind: string) => ({ group: '', kind });
const at = (generation: number, spec: JsonObject, status: JsonObject): JsonObject => ({
  metadata: { generation },
  spec,
  status,
});
const conditions = (...list: [type: string, status: string, reason?: string, message?: string][]) => ({
  conditions: list.map(([type, status, reason = '', message = '']) => ({ type, status, reason, message })),
});

describe('healthOf', () => {
  test.each<{ name: string; gvk: { group: string; kind: string }; object: JsonObject; want: [string, string] }>([
    {
      name: 'Deployment rolled out',
      gvk: apps('Deployment'),
      object: at(2, { replicas: 2 }, { observedGeneration: 2, replicas: 2, updatedReplicas: 2, availableReplicas: 2 }),
      want: ['Healthy', ''],
    },
    {
      name: 'Deployment of 0 replicas',
      gvk: apps('Deployment'),
      object: at(1, { replicas: 0 }, { observedGeneration: 1 }),
      want: ['Healthy', ''],
    },
    {
      name: 'Deployment without replicas means 1',
      gvk: apps('Deployment'),
      object: at(1, {}, { observedGeneration: 1 }),
      want: ['Progressing', '0 of 1 replicas updated'],
    },
    {
      name: 'Deployment not seen yet',
      gvk: apps('Deployment'),
      object: at(1, { replicas: 0 }, {}),
      want: ['Progressing', 'its controller has not seen the newest spec yet'],
    },
    {
      name: 'Deployment with old replicas',
      gvk: apps('Deployment'),
      object: at(1, { replicas: 1 }, { observedGeneration: 1, replicas: 2, updatedReplicas: 1, availableReplicas: 2 }),
      want: ['Progressing', '1 old replicas are being replaced'],
    },
    {
      name: 'Deployment not available',
      gvk: apps('Deployment'),
      object: at(1, { replicas: 2 }, { observedGeneration: 1, replicas: 2, updatedReplicas: 2, availableReplicas: 1 }),
      want: ['Progressing', '1 of 2 replicas available'],
    },
    {
      name: 'Deployment past its deadline',
      gvk: apps('Deployment'),
      object: at(1, {}, conditions(['Progressing', 'False', 'ProgressDeadlineExceeded', 'late'])),
      want: ['Degraded', 'late'],
    },
    {
      name: 'Deployment that cannot make pods',
      gvk: apps('Deployment'),
      object: at(1, {}, conditions(['ReplicaFailure', 'True', 'FailedCreate', 'quota'])),
      want: ['Degraded', 'quota'],
    },
    {
      name: 'ReplicaSet',
      gvk: apps('ReplicaSet'),
      object: at(1, { replicas: 1 }, { observedGeneration: 1, availableReplicas: 1 }),
      want: ['Healthy', ''],
    },
    {
      name: 'StatefulSet updated',
      gvk: apps('StatefulSet'),
      object: at(1, { replicas: 2 }, { observedGeneration: 1, readyReplicas: 2, updatedReplicas: 2 }),
      want: ['Healthy', ''],
    },
    {
      name: 'StatefulSet with a partition',
      gvk: apps('StatefulSet'),
      object: at(
        1,
        { replicas: 3, updateStrategy: { rollingUpdate: { partition: 2 } } },
        { observedGeneration: 1, readyReplicas: 3, updatedReplicas: 1 },
      ),
      want: ['Healthy', ''],
    },
    {
      name: 'StatefulSet OnDelete',
      gvk: apps('StatefulSet'),
      object: at(1, { replicas: 2, updateStrategy: { type: 'OnDelete' } }, { observedGeneration: 1, readyReplicas: 2 }),
      want: ['Healthy', ''],
    },
    {
      name: 'StatefulSet on its way',
      gvk: apps('StatefulSet'),
      object: at(1, { replicas: 2 }, { observedGeneration: 1, readyReplicas: 2, updatedReplicas: 1 }),
      want: ['Progressing', '1 of 2 replicas updated'],
    },
    {
      name: 'DaemonSet on no node',
      gvk: apps('DaemonSet'),
      object: at(1, {}, { observedGeneration: 1, desiredNumberScheduled: 0 }),
      want: ['Healthy', ''],
    },
    {
      name: 'DaemonSet on its way',
      gvk: apps('DaemonSet'),
      object: at(
        1,
        {},
        { observedGeneration: 1, desiredNumberScheduled: 2, updatedNumberScheduled: 2, numberAvailable: 1 },
      ),
      want: ['Progressing', '1 of 2 pods available'],
    },
    {
      name: 'Job complete',
      gvk: { group: 'batch', kind: 'Job' },
      object: at(1, {}, conditions(['Complete', 'True'])),
      want: ['Healthy', ''],
    },
    {
      name: 'Job failed',
      gvk: { group: 'batch', kind: 'Job' },
      object: at(1, {}, conditions(['Failed', 'True', 'BackoffLimitExceeded'])),
      want: ['Degraded', 'BackoffLimitExceeded'],
    },
    {
      name: 'Job running',
      gvk: { group: 'batch', kind: 'Job' },
      object: at(1, {}, { succeeded: 1, active: 2 }),
      want: ['Progressing', '1 pods succeeded, 2 active'],
    },
    {
      name: 'Pod ready',
      gvk: core('Pod'),
      object: at(1, {}, { phase: 'Running', ...conditions(['Ready', 'True']) }),
      want: ['Healthy', ''],
    },
    {
      name: 'Pod failed',
      gvk: core('Pod'),
      object: at(1, {}, { phase: 'Failed', message: 'evicted' }),
      want: ['Degraded', 'evicted'],
    },
    {
      name: 'Pod pending',
      gvk: core('Pod'),
      object: at(1, {}, { phase: 'Pending' }),
      want: ['Progressing', 'the pod is Pending'],
    },
    { name: 'Service in the cluster', gvk: core('Service'), object: at(1, {}, {}), want: ['Healthy', ''] },
    {
      name: 'Service without its balancer',
      gvk: core('Service'),
      object: at(1, { type: 'LoadBalancer' }, {}),
      want: ['Progressing', 'the load balancer has no address yet'],
    },
    {
      name: 'PersistentVolumeClaim lost',
      gvk: core('PersistentVolumeClaim'),
      object: at(1, {}, { phase: 'Lost' }),
      want: ['Degraded', 'its volume is lost'],
    },
    { name: 'Namespace', gvk: core('Namespace'), object: at(1, {}, { phase: 'Active' }), want: ['Healthy', ''] },
    {
      name: 'CustomResourceDefinition not established',
      gvk: { group: 'apiextensions.k8s.io', kind: 'CustomResourceDefinition' },
      object: at(1, {}, {}),
      want: ['Progressing', 'not established yet'],
    },
    {
      name: 'a kind without rule and conditions',
      gvk: core('ConfigMap'),
      object: at(0, {}, {}),
      want: ['Unknown', ''],
    },
    {
      name: 'a kind without a rule that is Ready',
      gvk: { group: 'example.test', kind: 'Widget' },
      object: at(1, {}, conditions(['Ready', 'True'])),
      want: ['Healthy', ''],
    },
    {
      name: 'a kind without a rule that is stalled',
      gvk: { group: 'example.test', kind: 'Widget' },
      object: at(1, {}, conditions(['Ready', 'False'], ['Stalled', 'True', 'BadSpec'])),
      want: ['Degraded', 'BadSpec'],
    },
    {
      name: 'a Deployment of another group',
      gvk: { group: 'example.test', kind: 'Deployment' },
      object: at(1, {}, {}),
      want: ['Unknown', ''],
    },
    {
      name: 'anything that is being deleted',
      gvk: core('ConfigMap'),
      object: { metadata: { deletionTimestamp: 'now' } },
      want: ['Progressing', 'the object is being deleted'],
    },
  ])('DL-22 $name', ({ gvk, object, want }) => {
    const { health, message } = healthOf(gvk, object);
    expect([health, message]).toEqual(want);
  });
});
