import { type KubeObject, type ResourceType, resourceType } from '@quarterdeck/apis';

export interface ResourceQuota extends KubeObject {
  spec?: { hard?: Record<string, string> };
  status?: { hard?: Record<string, string>; used?: Record<string, string> };
}
export const ResourceQuota: ResourceType<ResourceQuota> = resourceType(
  '',
  'v1',
  'ResourceQuota',
  'resourcequotas',
  'Namespaced',
);
