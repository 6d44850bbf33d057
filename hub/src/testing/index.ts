export { aspectsChanged } from '../scheduler/aspects.ts';
export type { ClusterView } from '../scheduler/cluster-view.ts';
export { createDependencyIndex, dependenciesOf } from '../scheduler/dependencies.ts';
export { indexFleet } from '../scheduler/fleet-index.ts';
export { runPass } from '../scheduler/pass.ts';
export type { PlacementRequest } from '../scheduler/placement-request.ts';
export type { Outcome } from '../scheduler/schedule.ts';
export type { FleetSnapshot } from '../scheduler/snapshot.ts';
export {
  before,
  clusterSet,
  member,
  placement,
  profile,
  requestOf,
  snapshotOf,
  stored,
  view,
  workSet,
} from './builders.ts';
