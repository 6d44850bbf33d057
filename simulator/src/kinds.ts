import {
  DaemonSet,
  Deployment,
  Job,
  type LegacyCondition,
  Node,
  Pod,
  type PodSpec,
  ReplicaSet,
  type ResourceType,
  StatefulSet,
  type Stored,
} from '@quarterdeck/apis';

/** Kubernetes' kinds with the further fields that play a part here. */

export interface Toleration {
  readonly key?: string;
  /** Default Equal. */
  readonly operator?: 'Exists' | 'Equal';
  readonly value?: string;
  /** Absent: all. */
  readonly effect?: string;
}

export interface NodeSelectorRequirement {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt';
  readonly values?: string[];
}

export interface NodeSelectorTerm {
  readonly matchExpressions?: NodeSelectorRequirement[];
  readonly matchFields?: NodeSelectorRequirement[];
}

/** What the scheduler reads of a pod. */
export interface SchedulingSpec {
  tolerations?: Toleration[];
  affinity?: {
    nodeAffinity?: { requiredDuringSchedulingIgnoredDuringExecution?: { nodeSelectorTerms: NodeSelectorTerm[] } };
  };
  schedulerName?: string;
}

export interface ContainerState {
  waiting?: { reason: string; message?: string };
  running?: { startedAt: string };
  terminated?: { exitCode: number; reason: string; startedAt: string; finishedAt: string };
}

export interface ContainerStatus {
  name: string;
  image: string;
  imageID: string;
  ready: boolean;
  started: boolean;
  restartCount: number;
  state: ContainerState;
  /** Always empty: containers do not restart here. Said, because the API says it: a status without it is never the stored one. */
  lastState: Record<string, never>;
}

export type PodStatus = Omit<NonNullable<Pod['status']>, 'containerStatuses'> & {
  observedGeneration?: number;
  hostIPs?: { ip: string }[];
  podIPs?: { ip: string }[];
  qosClass?: string;
  containerStatuses?: ContainerStatus[];
};
export type SimPod = Omit<Pod, 'spec' | 'status'> & {
  spec?: PodSpec & SchedulingSpec & { hostname?: string };
  status?: PodStatus;
};
export const SimPod = Pod as unknown as ResourceType<SimPod>;
export type StoredPod = Stored<SimPod>;

export type SimStatefulSet = StatefulSet & {
  spec: { podManagementPolicy?: 'OrderedReady' | 'Parallel'; ordinals?: { start?: number } };
};
export const SimStatefulSet = StatefulSet as unknown as ResourceType<SimStatefulSet>;

export type SimDaemonSet = DaemonSet & {
  spec: { updateStrategy?: { rollingUpdate?: { maxUnavailable?: number | string } } };
};
export const SimDaemonSet = DaemonSet as unknown as ResourceType<SimDaemonSet>;

export type SimJob = Job & {
  spec: { completionMode?: 'NonIndexed' | 'Indexed' };
  status?: { uncountedTerminatedPods?: { succeeded?: string[]; failed?: string[] }; terminating?: number };
};
export const SimJob = Job as unknown as ResourceType<SimJob>;

export type { LegacyCondition };
export { Deployment, Node, ReplicaSet };
