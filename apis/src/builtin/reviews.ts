import type { KubeObject } from '../meta/object.ts';
import { type ResourceType, resourceType } from '../meta/resource.ts';

/** Kinds that are asked and answered, and never stored. KA-130, KA-131 */

export interface ReviewedUser {
  username?: string;
  uid?: string;
  groups?: string[];
  extra?: Record<string, string[]>;
}

export interface TokenReview extends KubeObject {
  spec: { token?: string; audiences?: string[] };
  status?: { authenticated?: boolean; user?: ReviewedUser; audiences?: string[]; error?: string };
}
export const TokenReview: ResourceType<TokenReview> = resourceType(
  'authentication.k8s.io',
  'v1',
  'TokenReview',
  'tokenreviews',
  'Cluster',
);

export interface ReviewedResource {
  namespace?: string;
  verb?: string;
  group?: string;
  version?: string;
  resource?: string;
  subresource?: string;
  name?: string;
}

/** Exactly one of the two attributes is set. */
export interface SelfSubjectAccessReviewSpec {
  resourceAttributes?: ReviewedResource;
  nonResourceAttributes?: { path?: string; verb?: string };
}

export interface SubjectAccessReviewStatus {
  allowed: boolean;
  denied?: boolean;
  reason?: string;
  evaluationError?: string;
}

export interface SubjectAccessReview extends KubeObject {
  spec: SelfSubjectAccessReviewSpec & {
    user?: string;
    uid?: string;
    groups?: string[];
    extra?: Record<string, string[]>;
  };
  status?: SubjectAccessReviewStatus;
}
export const SubjectAccessReview: ResourceType<SubjectAccessReview> = resourceType(
  'authorization.k8s.io',
  'v1',
  'SubjectAccessReview',
  'subjectaccessreviews',
  'Cluster',
);

export interface SelfSubjectAccessReview extends KubeObject {
  spec: SelfSubjectAccessReviewSpec;
  status?: SubjectAccessReviewStatus;
}
export const SelfSubjectAccessReview: ResourceType<SelfSubjectAccessReview> = resourceType(
  'authorization.k8s.io',
  'v1',
  'SelfSubjectAccessReview',
  'selfsubjectaccessreviews',
  'Cluster',
);
