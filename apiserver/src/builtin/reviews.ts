import type { Scope } from '@quarterdeck/apis';
import type { ActionHandler, ResourceDefinition } from '../registry/definition.ts';
import { dataKind } from './data-kind.ts';

/** Who answers each review; see authn/reviews and authz/reviews. KA-130 */
export interface ReviewHandlers {
  readonly tokenReview: ActionHandler;
  readonly selfSubjectReview: ActionHandler;
  readonly subjectAccessReview: ActionHandler;
  readonly localSubjectAccessReview: ActionHandler;
  readonly selfSubjectAccessReview: ActionHandler;
  readonly selfSubjectRulesReview: ActionHandler;
}

/** Kinds that are only asked: nothing is stored, and they need no name. KA-131 */
export function reviews(handlers: ReviewHandlers): readonly ResourceDefinition[] {
  const review = (group: string, kind: string, scope: Scope, answer: ActionHandler) =>
    dataKind({ group, kind, plural: `${kind.toLowerCase()}s`, scope, verbs: ['create'], strategy: { answer } });
  const authentication = 'authentication.k8s.io';
  const authorization = 'authorization.k8s.io';
  return [
    review(authentication, 'TokenReview', 'Cluster', handlers.tokenReview),
    review(authentication, 'SelfSubjectReview', 'Cluster', handlers.selfSubjectReview),
    review(authorization, 'SubjectAccessReview', 'Cluster', handlers.subjectAccessReview),
    review(authorization, 'LocalSubjectAccessReview', 'Namespaced', handlers.localSubjectAccessReview),
    review(authorization, 'SelfSubjectAccessReview', 'Cluster', handlers.selfSubjectAccessReview),
    review(authorization, 'SelfSubjectRulesReview', 'Cluster', handlers.selfSubjectRulesReview),
  ];
}
