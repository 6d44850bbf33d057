import type { Controller } from '@quarterdeck/machinery';
import type { Fleet } from '../fleet/fleet.ts';
import { clusterProfilePublishing } from './cluster-profile/publishing/controller.ts';
import { clusterSetMembership } from './cluster-set/membership/controller.ts';
import { clusterSetBindingBound } from './cluster-set-binding/bound/controller.ts';
import { healthRuleReadable } from './health-rule/readable/controller.ts';
import { memberClusterAvailability } from './member-cluster/availability/controller.ts';
import { memberClusterMembership } from './member-cluster/membership/controller.ts';
import { memberClusterOnboarding } from './member-cluster/onboarding/controller.ts';
import { memberClusterOneAgent } from './member-cluster/one-agent/controller.ts';
import { memberClusterRegistration } from './member-cluster/registration/controller.ts';
import { placementDecision } from './placement/decision/controller.ts';
import { workExpiry } from './work/expiry/controller.ts';
import { workLost } from './work/lost/controller.ts';
import { workSetDelivery } from './work-set/delivery/controller.ts';
import { workSetStatus } from './work-set/status/controller.ts';

/** Every controller of the fleet, along the path of a Placement. */
export const fleetControllers: readonly ((fleet: Fleet) => Controller)[] = [
  memberClusterRegistration,
  memberClusterOnboarding,
  memberClusterAvailability,
  memberClusterOneAgent,
  memberClusterMembership,
  clusterSetMembership,
  clusterSetBindingBound,
  clusterProfilePublishing,
  healthRuleReadable,
  placementDecision,
  workSetDelivery,
  workLost,
  workExpiry,
  workSetStatus,
];
