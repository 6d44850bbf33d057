import {
  apiVersionOf,
  ClusterSetBinding,
  defaultClusterSet,
  Placement,
  type ResourceType,
  WorkSet,
} from '@quarterdeck/apis';
import { appManifests } from './work.ts';

/** Where the user's own objects live on the hub. */
export const userNamespace = 'default';

const frame = (type: ResourceType, name: string) => ({
  apiVersion: apiVersionOf(type),
  kind: type.kind,
  metadata: { name, namespace: userNamespace },
});

export const binding: ClusterSetBinding = {
  ...frame(ClusterSetBinding, defaultClusterSet),
  spec: { clusterSet: defaultClusterSet },
};

/** Chooses every member. */
export const placementOfAll = (name: string): Placement => ({ ...frame(Placement, name), spec: {} });

export const appWorkSet = (name: string): WorkSet => ({
  ...frame(WorkSet, name),
  spec: { placementRef: { name }, workload: { manifests: appManifests(name) }, deletionPolicy: 'Delete' },
});
