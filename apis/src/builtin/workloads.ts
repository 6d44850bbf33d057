import type { KubeObject, LabelSelector, Time } from '../meta/object.ts';
import { type ResourceType, resourceType } from '../meta/resource.ts';
import type { LegacyCondition, PodTemplateSpec } from './core.ts';

/** apps/v1 and batch/v1, with the fields that health, replica counts and simulated members need. */

export interface Deployment extends KubeObject {
  spec: {
    /** Absent: 1. */
    replicas?: number;
    selector: LabelSelector;
    template: PodTemplateSpec;
    strategy?: {
      type?: 'RollingUpdate' | 'Recreate';
      rollingUpdate?: { maxSurge?: number | string; maxUnavailable?: number | string };
    };
    minReadySeconds?: number;
    revisionHistoryLimit?: number;
    paused?: boolean;
    progressDeadlineSeconds?: number;
  };
  status?: {
    observedGeneration?: number;
    replicas?: number;
    updatedReplicas?: number;
    readyReplicas?: number;
    availableReplicas?: number;
    unavailableReplicas?: number;
    conditions?: LegacyCondition[];
    collisionCount?: number;
  };
}
export const Deployment: ResourceType<Deployment> = resourceType(
  'apps',
  'v1',
  'Deployment',
  'deployments',
  'Namespaced',
);

export interface ReplicaSet extends KubeObject {
  spec: { replicas?: number; selector: LabelSelector; template?: PodTemplateSpec; minReadySeconds?: number };
  status?: {
    observedGeneration?: number;
    replicas: number;
    fullyLabeledReplicas?: number;
    readyReplicas?: number;
    availableReplicas?: number;
    conditions?: LegacyCondition[];
  };
}
export const ReplicaSet: ResourceType<ReplicaSet> = resourceType(
  'apps',
  'v1',
  'ReplicaSet',
  'replicasets',
  'Namespaced',
);

export interface StatefulSet extends KubeObject {
  spec: {
    replicas?: number;
    selector: LabelSelector;
    template: PodTemplateSpec;
    serviceName?: string;
    updateStrategy?: { type?: 'RollingUpdate' | 'OnDelete'; rollingUpdate?: { partition?: number } };
    minReadySeconds?: number;
  };
  status?: {
    observedGeneration?: number;
    replicas: number;
    readyReplicas?: number;
    availableReplicas?: number;
    currentReplicas?: number;
    updatedReplicas?: number;
    currentRevision?: string;
    updateRevision?: string;
    conditions?: LegacyCondition[];
  };
}
export const StatefulSet: ResourceType<StatefulSet> = resourceType(
  'apps',
  'v1',
  'StatefulSet',
  'statefulsets',
  'Namespaced',
);

export interface DaemonSet extends KubeObject {
  spec: {
    selector: LabelSelector;
    template: PodTemplateSpec;
    updateStrategy?: { type?: 'RollingUpdate' | 'OnDelete' };
    minReadySeconds?: number;
  };
  status?: {
    observedGeneration?: number;
    desiredNumberScheduled: number;
    currentNumberScheduled: number;
    numberMisscheduled: number;
    numberReady: number;
    updatedNumberScheduled?: number;
    numberAvailable?: number;
    numberUnavailable?: number;
    conditions?: LegacyCondition[];
  };
}
export const DaemonSet: ResourceType<DaemonSet> = resourceType('apps', 'v1', 'DaemonSet', 'daemonsets', 'Namespaced');

export interface Job extends KubeObject {
  spec: {
    parallelism?: number;
    completions?: number;
    backoffLimit?: number;
    activeDeadlineSeconds?: number;
    ttlSecondsAfterFinished?: number;
    suspend?: boolean;
    selector?: LabelSelector;
    template: PodTemplateSpec;
  };
  status?: {
    active?: number;
    ready?: number;
    succeeded?: number;
    failed?: number;
    startTime?: Time;
    completionTime?: Time;
    conditions?: LegacyCondition[];
  };
}
export const Job: ResourceType<Job> = resourceType('batch', 'v1', 'Job', 'jobs', 'Namespaced');
