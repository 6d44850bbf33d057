import type { KubeObject, MicroTime } from '../meta/object.ts';
import { type ResourceType, resourceType } from '../meta/resource.ts';

export interface Lease extends KubeObject {
  spec?: {
    holderIdentity?: string;
    leaseDurationSeconds?: number;
    acquireTime?: MicroTime;
    renewTime?: MicroTime;
    leaseTransitions?: number;
  };
}
export const Lease: ResourceType<Lease> = resourceType('coordination.k8s.io', 'v1', 'Lease', 'leases', 'Namespaced');
