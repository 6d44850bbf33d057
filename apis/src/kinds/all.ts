import { ClusterProperty } from '../about.k8s.io/v1beta1/cluster-property.ts';
import { AppliedWork } from '../multicluster.x-k8s.io/v1alpha1/applied-work.ts';
import { ClusterProfile } from '../multicluster.x-k8s.io/v1alpha1/cluster-profile.ts';
import { PlacementDecision } from '../multicluster.x-k8s.io/v1alpha1/placement-decision.ts';
import { Work } from '../multicluster.x-k8s.io/v1alpha1/work.ts';
import { ServiceExport } from '../multicluster.x-k8s.io/v1beta1/service-export.ts';
import { ServiceImport } from '../multicluster.x-k8s.io/v1beta1/service-import.ts';
import { AcceptanceRule } from '../quarterdeck.dev/v1alpha1/acceptance-rule.ts';
import { ClusterScore } from '../quarterdeck.dev/v1alpha1/cluster-score.ts';
import { ClusterSet } from '../quarterdeck.dev/v1alpha1/cluster-set.ts';
import { ClusterSetBinding } from '../quarterdeck.dev/v1alpha1/cluster-set-binding.ts';
import { HealthRule } from '../quarterdeck.dev/v1alpha1/health-rule.ts';
import { MemberCluster } from '../quarterdeck.dev/v1alpha1/member-cluster.ts';
import { Placement } from '../quarterdeck.dev/v1alpha1/placement.ts';
import { WorkReport } from '../quarterdeck.dev/v1alpha1/work-report.ts';
import { WorkSet } from '../quarterdeck.dev/v1alpha1/work-set.ts';
import type { KindDefinition } from './define-kind.ts';

/** The kinds of the SIG, exactly upstream's. */
export const sigKinds: readonly KindDefinition[] = [
  ClusterProfile,
  PlacementDecision,
  Work,
  AppliedWork,
  ServiceExport,
  ServiceImport,
  ClusterProperty,
];

/** Our own. */
export const quarterdeckKinds: readonly KindDefinition[] = [
  MemberCluster,
  AcceptanceRule,
  ClusterSet,
  ClusterSetBinding,
  Placement,
  ClusterScore,
  WorkSet,
  WorkReport,
  HealthRule,
];

/** Every kind that is served from a CRD of this package. */
export const allKinds: readonly KindDefinition[] = [...sigKinds, ...quarterdeckKinds];

/** What a member cluster itself needs: everything else lives on the hub. */
export const memberKinds: readonly KindDefinition[] = [AppliedWork, ClusterProperty, ServiceExport, ServiceImport];
