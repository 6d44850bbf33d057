import { clusterSetBind } from './cluster-set-bind.ts';
import { executeAs } from './execute-as.ts';
import { manifestAnnotations } from './manifest-annotations.ts';
import { memberClusterRights } from './member-cluster-rights.ts';
import { memberNamespaces } from './member-namespaces.ts';
import { memberWrites } from './member-writes.ts';
import type { Policy } from './policy.ts';

/** Every admission rule beyond the schemas, in the order they are asked. DL-32 */
export const allPolicies: readonly Policy[] = [
  manifestAnnotations,
  executeAs,
  clusterSetBind,
  memberClusterRights,
  memberWrites,
  memberNamespaces,
];
