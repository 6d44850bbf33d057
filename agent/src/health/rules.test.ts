import type { JsonObject } from '@quarterdeck/machinery';
import { describe, expect, test } from 'vitest';
import { withDeadline } from './deadline.ts';
import { healthOf } from './rules.ts';

const apps = (kind: string) => ({ group: 'apps', kind });
const core = (kind: string) => ({ group: '', kind });
const networking = (kind: string) => ({ group: 'networking.k8s.io', kind });
const autoscaler = { group: 'autoscaling', kind: 'HorizontalPodAutoscaler' };
const budget = { group: 'policy', kind: 'PodDisruptionBudget' };
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
      object: at(
        1,
        {},
        { observedGeneration: 1, ...conditions(['Progressing', 'False', 'ProgressDeadlineExceeded', 'late']) },
      ),
      want: ['Degraded', 'late'],
    },
    {
      name: 'Deployment that cannot make pods',
      gvk: apps('Deployment'),
      object: at(1, {}, { observedGeneration: 1, ...conditions(['ReplicaFailure', 'True', 'FailedCreate', 'quota']) }),
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
      name: 'Deployment whose failure was about an older spec',
      gvk: apps('Deployment'),
      object: at(
        2,
        {},
        { observedGeneration: 1, ...conditions(['Progressing', 'False', 'ProgressDeadlineExceeded', 'late']) },
      ),
      want: ['Progressing', 'its controller has not seen the newest spec yet'],
    },
    {
      name: 'Deployment that is paused half-way',
      gvk: apps('Deployment'),
      object: at(1, { replicas: 2, paused: true }, { observedGeneration: 1, updatedReplicas: 1 }),
      want: ['Progressing', '1 of 2 replicas updated, and it is paused'],
    },
    {
      name: 'ReplicaSet with more than it wants',
      gvk: apps('ReplicaSet'),
      object: at(1, { replicas: 1 }, { observedGeneration: 1, replicas: 3, availableReplicas: 3 }),
      want: ['Progressing', '2 replicas too many'],
    },
    {
      name: 'StatefulSet whose replicas are ready, not yet for long enough',
      gvk: apps('StatefulSet'),
      object: at(
        1,
        { replicas: 1, minReadySeconds: 5 },
        { observedGeneration: 1, readyReplicas: 1, updatedReplicas: 1 },
      ),
      want: ['Progressing', '0 of 1 replicas available'],
    },
    {
      name: 'Job about to fail',
      gvk: { group: 'batch', kind: 'Job' },
      object: at(1, {}, conditions(['FailureTarget', 'True', 'DeadlineExceeded', 'too long'])),
      want: ['Degraded', 'too long'],
    },
    {
      name: 'Job suspended',
      gvk: { group: 'batch', kind: 'Job' },
      object: at(1, {}, conditions(['Suspended', 'True'])),
      want: ['Progressing', 'the job is suspended'],
    },
    {
      name: 'CronJob',
      gvk: { group: 'batch', kind: 'CronJob' },
      object: at(1, { suspend: true }, {}),
      want: ['Healthy', ''],
    },
    {
      name: 'Pod whose image is not there',
      gvk: core('Pod'),
      object: at(
        1,
        {},
        {
          phase: 'Pending',
          containerStatuses: [
            { name: 'app', state: { waiting: { reason: 'ImagePullBackOff', message: 'no such image' } } },
          ],
        },
      ),
      want: ['Degraded', 'container app: no such image'],
    },
    {
      name: 'Pod that crashes again and again at its start',
      gvk: core('Pod'),
      object: at(
        1,
        {},
        {
          phase: 'Pending',
          initContainerStatuses: [{ name: 'init', state: { waiting: { reason: 'CrashLoopBackOff' } } }],
        },
      ),
      want: ['Degraded', 'container init: CrashLoopBackOff'],
    },
    {
      name: 'Pod that fits on no node',
      gvk: core('Pod'),
      object: at(
        1,
        {},
        { phase: 'Pending', ...conditions(['PodScheduled', 'False', 'Unschedulable', '0/3 nodes are available']) },
      ),
      want: ['Progressing', '0/3 nodes are available'],
    },
    {
      name: 'Pod that is done',
      gvk: core('Pod'),
      object: at(1, {}, { phase: 'Succeeded' }),
      want: ['Healthy', ''],
    },
    {
      name: 'Service with its balancer',
      gvk: core('Service'),
      object: at(1, { type: 'LoadBalancer' }, { loadBalancer: { ingress: [{ hostname: 'lb.example.test' }] } }),
      want: ['Healthy', ''],
    },
    {
      name: 'PersistentVolumeClaim bound',
      gvk: core('PersistentVolumeClaim'),
      object: at(1, {}, { phase: 'Bound' }),
      want: ['Healthy', ''],
    },
    {
      name: 'PersistentVolumeClaim being resized',
      gvk: core('PersistentVolumeClaim'),
      object: at(1, {}, { phase: 'Bound', ...conditions(['Resizing', 'True']) }),
      want: ['Progressing', 'its volume is being resized'],
    },
    {
      name: 'PersistentVolumeClaim waiting for its first consumer',
      gvk: core('PersistentVolumeClaim'),
      object: at(1, {}, { phase: 'Pending' }),
      want: ['Progressing', 'not bound to a volume yet'],
    },
    {
      name: 'Ingress without a controller',
      gvk: networking('Ingress'),
      object: at(1, {}, { loadBalancer: { ingress: [{}] } }),
      want: ['Progressing', 'no controller has given it an address yet'],
    },
    {
      name: 'Ingress with an address',
      gvk: networking('Ingress'),
      object: at(1, {}, { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } }),
      want: ['Healthy', ''],
    },
    {
      name: 'HorizontalPodAutoscaler at work',
      gvk: autoscaler,
      object: at(1, {}, conditions(['AbleToScale', 'True'], ['ScalingActive', 'True'], ['ScalingLimited', 'True'])),
      want: ['Healthy', ''],
    },
    {
      name: 'HorizontalPodAutoscaler of nothing',
      gvk: autoscaler,
      object: at(1, {}, conditions(['AbleToScale', 'False', 'FailedGetScale', 'not found'])),
      want: ['Degraded', 'not found'],
    },
    {
      name: 'HorizontalPodAutoscaler without metrics',
      gvk: autoscaler,
      object: at(
        1,
        {},
        conditions(['AbleToScale', 'True'], ['ScalingActive', 'False', 'FailedGetResourceMetric', 'none']),
      ),
      want: ['Progressing', 'none'],
    },
    {
      name: 'HorizontalPodAutoscaler of a workload scaled to 0',
      gvk: autoscaler,
      object: at(1, {}, conditions(['AbleToScale', 'True'], ['ScalingActive', 'False', 'ScalingDisabled'])),
      want: ['Healthy', ''],
    },
    {
      name: 'HorizontalPodAutoscaler read at v1',
      gvk: autoscaler,
      object: {
        metadata: {
          annotations: {
            'autoscaling.alpha.kubernetes.io/conditions':
              '[{"type":"AbleToScale","status":"False","reason":"InvalidSelector","message":"bad"}]',
          },
        },
        status: {},
      },
      want: ['Degraded', 'bad'],
    },
    {
      name: 'HorizontalPodAutoscaler not looked at',
      gvk: autoscaler,
      object: { metadata: { annotations: { 'autoscaling.alpha.kubernetes.io/conditions': '{' } } },
      want: ['Progressing', 'its controller has not looked at it yet'],
    },
    {
      name: 'PodDisruptionBudget with enough pods',
      gvk: budget,
      object: at(1, {}, { observedGeneration: 1, currentHealthy: 2, desiredHealthy: 2 }),
      want: ['Healthy', ''],
    },
    {
      name: 'PodDisruptionBudget short of pods',
      gvk: budget,
      object: at(1, {}, { observedGeneration: 1, currentHealthy: 1, desiredHealthy: 2 }),
      want: ['Progressing', '1 of 2 pods healthy'],
    },
    {
      name: 'PodDisruptionBudget over pods of nobody',
      gvk: budget,
      object: at(
        1,
        {},
        { observedGeneration: 1, ...conditions(['DisruptionAllowed', 'False', 'SyncFailed', 'no controller']) },
      ),
      want: ['Degraded', 'no controller'],
    },
    {
      name: 'CustomResourceDefinition established',
      gvk: { group: 'apiextensions.k8s.io', kind: 'CustomResourceDefinition' },
      object: at(1, {}, conditions(['NamesAccepted', 'True'], ['Established', 'True'])),
      want: ['Healthy', ''],
    },
    {
      name: 'CustomResourceDefinition whose names are taken',
      gvk: { group: 'apiextensions.k8s.io', kind: 'CustomResourceDefinition' },
      object: at(1, {}, conditions(['NamesAccepted', 'False', 'PluralConflict', 'taken'], ['Established', 'True'])),
      want: ['Degraded', 'taken'],
    },
    {
      name: 'APIService served',
      gvk: { group: 'apiregistration.k8s.io', kind: 'APIService' },
      object: at(0, {}, conditions(['Available', 'True'])),
      want: ['Healthy', ''],
    },
    {
      name: 'APIService without endpoints',
      gvk: { group: 'apiregistration.k8s.io', kind: 'APIService' },
      object: at(0, {}, conditions(['Available', 'False', 'MissingEndpoints', 'no endpoints'])),
      want: ['Progressing', 'no endpoints'],
    },
    {
      name: 'a kind without a rule whose controller is behind',
      gvk: { group: 'example.test', kind: 'Widget' },
      object: at(2, {}, { observedGeneration: 1, ...conditions(['Ready', 'True']) }),
      want: ['Progressing', 'its controller has not seen the newest spec yet'],
    },
    {
      name: 'a kind without a rule whose condition is about an older spec',
      gvk: { group: 'example.test', kind: 'Widget' },
      object: at(2, {}, { conditions: [{ type: 'Ready', status: 'True', observedGeneration: 1 }] }),
      want: ['Unknown', ''],
    },
    {
      name: 'a kind without a rule that reconciles',
      gvk: { group: 'example.test', kind: 'Widget' },
      object: at(1, {}, conditions(['Reconciling', 'True', 'Rolling', 'half done'], ['Ready', 'True'])),
      want: ['Progressing', 'half done'],
    },
    {
      name: 'a kind without a rule that is Available and has no Ready',
      gvk: { group: 'example.test', kind: 'Widget' },
      object: at(1, {}, conditions(['Available', 'False', 'Down'])),
      want: ['Progressing', 'Down'],
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

describe('withDeadline', () => {
  const waiting = { health: 'Progressing', reason: 'NotReady', message: 'waits' } as const;
  test.each([
    { name: 'within the deadline', health: waiting, deadline: 10, now: 9_999, want: ['Progressing', 10_000] },
    { name: 'at the deadline', health: waiting, deadline: 10, now: 10_000, want: ['Degraded', undefined] },
    { name: 'without a deadline', health: waiting, deadline: undefined, now: 1e12, want: ['Progressing', undefined] },
    {
      name: 'suspended',
      health: { ...waiting, reason: 'Suspended' },
      deadline: 1,
      now: 1e12,
      want: ['Progressing', undefined],
    },
    {
      name: 'healthy',
      health: { ...waiting, health: 'Healthy' as const },
      deadline: 1,
      now: 1e12,
      want: ['Healthy', undefined],
    },
  ])('DL-22 $name', ({ health, deadline, now, want }) => {
    const timed = withDeadline(health, 0, deadline, now);
    expect([timed.health.health, timed.changesAt]).toEqual(want);
  });

  test('DL-22 what failed by its deadline still says what it waits for', () => {
    const replicas = { desired: 1, ready: 0, available: 0, updated: 1 };
    expect(withDeadline({ ...waiting, replicas }, 0, 10, 20_000).health).toEqual({
      health: 'Degraded',
      reason: 'DeadlineExceeded',
      message: 'not healthy within 10 s: waits',
      replicas,
    });
  });
});
