import {
  apiVersionOf,
  type ClusterProfile,
  ClusterProfile as ClusterProfileKind,
  type ClusterSet,
  ClusterSet as ClusterSetKind,
  type KubeObject,
  type MemberCluster,
  MemberCluster as MemberClusterKind,
  type Placement,
  Placement as PlacementKind,
  type ResourceType,
  type Stored,
  type WorkSet,
  WorkSet as WorkSetKind,
} from '@quarterdeck/apis';
import type { ClusterView } from '../scheduler/cluster-view.ts';
import { compilePlacement } from '../scheduler/compile.ts';
import { indexFleet } from '../scheduler/fleet-index.ts';
import type { PlacementRequest } from '../scheduler/placement-request.ts';
import { type FleetSnapshot, nothingBefore, type Previous } from '../scheduler/snapshot.ts';

/** Any object as the server would return it: identity filled in, deterministic by name. */
export function stored<T extends KubeObject>(
  type: ResourceType<T>,
  name: string,
  rest: Omit<T, keyof KubeObject> & { metadata?: KubeObject['metadata'] },
): Stored<T> {
  const { metadata, ...content } = rest;
  return {
    apiVersion: apiVersionOf(type),
    kind: type.kind,
    metadata: {
      name,
      uid: `uid-${name}`,
      resourceVersion: '1',
      generation: 1,
      creationTimestamp: '2026-01-01T00:00:00Z',
      ...metadata,
    },
    ...content,
  } as unknown as Stored<T>;
}

export const member = (name: string, over: Partial<MemberCluster> = {}): Stored<MemberCluster> =>
  stored(MemberClusterKind, name, { spec: { acceptance: 'Accepted', clusterSet: 'default' }, ...over });

export const clusterSet = (name: string, over: Partial<ClusterSet> = {}): Stored<ClusterSet> =>
  stored(ClusterSetKind, name, { spec: {}, ...over });

export const placement = (
  name: string,
  spec: Placement['spec'] = {},
  over: Partial<Placement> = {},
): Stored<Placement> =>
  stored(PlacementKind, name, { spec, ...over, metadata: { namespace: 'apps', ...over.metadata } });

export const workSet = (name: string, over: Partial<WorkSet> = {}): Stored<WorkSet> =>
  stored(WorkSetKind, name, {
    spec: { placementRef: { name: 'everywhere' }, workload: { manifests: [] }, deletionPolicy: 'Delete' },
    ...over,
    metadata: { namespace: 'apps', ...over.metadata },
  });

export const profile = (name: string, namespace: string, over: Partial<ClusterProfile> = {}): Stored<ClusterProfile> =>
  stored(ClusterProfileKind, name, {
    spec: { clusterManager: { name: 'quarterdeck' } },
    ...over,
    metadata: { namespace, ...over.metadata },
  });

/** A reachable, untainted cluster of the set `default`. */
export const view = (name: string, over: Partial<ClusterView> = {}): ClusterView => ({
  name,
  profileNamespace: 'clusterset-default',
  isPublished: true,
  clusterSet: 'default',
  labels: {},
  taints: [],
  reachable: true,
  leaving: false,
  properties: {},
  version: undefined,
  capacity: undefined,
  conditions: { Joined: 'True' },
  apis: undefined,
  scores: {},
  ...over,
});

/** A snapshot in which the namespace `apps` has bound the set `default`, and nothing was decided before. */
export const snapshotOf = (clusters: readonly ClusterView[], over: Partial<FleetSnapshot> = {}): FleetSnapshot => ({
  now: Date.parse('2026-01-01T00:00:00Z'),
  fleet: indexFleet(clusters),
  bound: new Map([['apps', new Set(['default'])]]),
  decisions: new Map(),
  reservations: [],
  brake: false,
  ...over,
});

/** A compiled placement `apps/p`, without CEL. @throws Error when the spec cannot be compiled */
export function requestOf(spec: Placement['spec'] = {}, over: Partial<PlacementRequest> = {}): PlacementRequest {
  const compiled = compilePlacement(placement('p', spec), () => ({ problem: 'no CEL here' }));
  if ('problem' in compiled) throw new Error(compiled.problem);
  return { ...compiled, ...over };
}

/** A decision that holds these clusters; none: nothing was decided. */
export const before = (names: readonly string[], over: Partial<Previous> = {}): Previous => ({
  ...nothingBefore,
  clusters: new Set(names),
  decided: names.length > 0,
  ...over,
});
