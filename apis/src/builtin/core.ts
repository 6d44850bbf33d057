import type { Condition, KubeObject, MicroTime, OwnerReference, Time } from '../meta/object.ts';
import { type ResourceType, resourceType } from '../meta/resource.ts';

/** Core kinds, with the fields our code reads and writes; the server's own schemas are the authority. */

export interface Namespace extends KubeObject {
  spec?: { finalizers?: string[] };
  status?: { phase?: 'Active' | 'Terminating'; conditions?: Condition[] };
}
export const Namespace: ResourceType<Namespace> = resourceType('', 'v1', 'Namespace', 'namespaces', 'Cluster');

export interface ConfigMap extends KubeObject {
  data?: Record<string, string>;
  binaryData?: Record<string, string>;
  immutable?: boolean;
}
export const ConfigMap: ResourceType<ConfigMap> = resourceType('', 'v1', 'ConfigMap', 'configmaps', 'Namespaced');

export interface Secret extends KubeObject {
  type?: string;
  /** Base64. */
  data?: Record<string, string>;
  /** Write-only, in clear. */
  stringData?: Record<string, string>;
  immutable?: boolean;
}
export const Secret: ResourceType<Secret> = resourceType('', 'v1', 'Secret', 'secrets', 'Namespaced');

export interface ServiceAccount extends KubeObject {
  secrets?: { name?: string }[];
  imagePullSecrets?: { name?: string }[];
  automountServiceAccountToken?: boolean;
}
export const ServiceAccount: ResourceType<ServiceAccount> = resourceType(
  '',
  'v1',
  'ServiceAccount',
  'serviceaccounts',
  'Namespaced',
);

export interface ObjectReference {
  apiVersion?: string;
  kind?: string;
  namespace?: string;
  name?: string;
  uid?: string;
  resourceVersion?: string;
  fieldPath?: string;
}

/** As served at core v1; the same objects show at events.k8s.io/v1 under other field names. KA-1 */
export interface Event extends KubeObject {
  involvedObject: ObjectReference;
  reason?: string;
  message?: string;
  type?: 'Normal' | 'Warning';
  action?: string;
  source?: { component?: string; host?: string };
  reportingComponent?: string;
  reportingInstance?: string;
  count?: number;
  firstTimestamp?: Time | null;
  lastTimestamp?: Time | null;
  eventTime?: MicroTime | null;
  series?: { count?: number; lastObservedTime?: MicroTime };
  related?: ObjectReference;
}
export const Event: ResourceType<Event> = resourceType('', 'v1', 'Event', 'events', 'Namespaced');

/** Resource name -> Kubernetes quantity. */
export type ResourceList = Record<string, string>;

/** A condition of the older kinds: no observedGeneration, and probe times of their own. */
export interface LegacyCondition {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  reason?: string;
  message?: string;
  lastTransitionTime?: Time;
  lastHeartbeatTime?: Time;
  lastProbeTime?: Time | null;
  lastUpdateTime?: Time;
}

export interface Node extends KubeObject {
  spec?: { unschedulable?: boolean; taints?: { key: string; value?: string; effect: string }[]; podCIDR?: string };
  status?: {
    capacity?: ResourceList;
    allocatable?: ResourceList;
    conditions?: LegacyCondition[];
    nodeInfo?: Record<string, string>;
    addresses?: { type: string; address: string }[];
  };
}
export const Node: ResourceType<Node> = resourceType('', 'v1', 'Node', 'nodes', 'Cluster');

export interface Container {
  name: string;
  image?: string;
  command?: string[];
  args?: string[];
  env?: { name: string; value?: string }[];
  ports?: { name?: string; containerPort: number; protocol?: string }[];
  resources?: { requests?: ResourceList; limits?: ResourceList };
}

export interface PodSpec {
  containers: Container[];
  initContainers?: Container[];
  nodeName?: string;
  nodeSelector?: Record<string, string>;
  restartPolicy?: 'Always' | 'OnFailure' | 'Never';
  serviceAccountName?: string;
  terminationGracePeriodSeconds?: number;
}

export interface PodTemplateSpec {
  metadata?: {
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    ownerReferences?: OwnerReference[];
    name?: string;
  };
  spec?: PodSpec;
}

export interface Pod extends KubeObject {
  spec?: PodSpec;
  status?: {
    phase?: 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown';
    conditions?: LegacyCondition[];
    reason?: string;
    message?: string;
    podIP?: string;
    hostIP?: string;
    startTime?: Time;
    containerStatuses?: { name: string; ready: boolean; restartCount: number; image: string; imageID: string }[];
  };
}
export const Pod: ResourceType<Pod> = resourceType('', 'v1', 'Pod', 'pods', 'Namespaced');

export interface Service extends KubeObject {
  spec?: {
    type?: 'ClusterIP' | 'NodePort' | 'LoadBalancer' | 'ExternalName';
    clusterIP?: string;
    clusterIPs?: string[];
    selector?: Record<string, string>;
    ports?: {
      name?: string;
      protocol?: string;
      appProtocol?: string;
      port: number;
      targetPort?: number | string;
      nodePort?: number;
    }[];
    ipFamilies?: string[];
    sessionAffinity?: string;
  };
  status?: { loadBalancer?: { ingress?: { ip?: string; hostname?: string }[] }; conditions?: Condition[] };
}
export const Service: ResourceType<Service> = resourceType('', 'v1', 'Service', 'services', 'Namespaced');
