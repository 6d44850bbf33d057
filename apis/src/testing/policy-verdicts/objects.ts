import { Work } from '../../multicluster.x-k8s.io/v1alpha1/work.ts';
import type { Right } from '../../policies/policy.ts';
import { MemberCluster } from '../../quarterdeck.dev/v1alpha1/member-cluster.ts';
import { WorkSet } from '../../quarterdeck.dev/v1alpha1/work-set.ts';
import { objectOf } from '../objects.ts';

/** A Work of these manifests. */
export const workWith = (name: string, manifests: unknown[], metadata: Record<string, unknown> = {}) =>
  objectOf(Work, name, { metadata: { name, ...metadata }, spec: { workload: { manifests } } });

/** A WorkSet of these manifests. */
export const workSetWith = (name: string, manifests: unknown[], executeAs?: string) =>
  objectOf(WorkSet, name, {
    spec: {
      placementRef: { name: 'p' },
      workload: { manifests },
      deletionPolicy: 'Delete',
      ...(executeAs === undefined ? {} : { executeAs }),
    },
  });

/** A member of a set. */
export const member = (name: string, acceptance: string, clusterSet: string, fields: Record<string, unknown> = {}) =>
  objectOf(MemberCluster, name, { spec: { acceptance, clusterSet }, ...fields });

/** What naming `shop/deployer` as executor takes. */
export const mayExecute: Right = { verb: 'execute-as', group: '', resource: 'serviceaccounts', name: 'shop/deployer' };
