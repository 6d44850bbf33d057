import { acceptanceRules } from './acceptance-rules.ts';
import { clusterSetBind } from './cluster-set-bind.ts';
import { clusterSetNamespaces } from './cluster-set-namespaces.ts';
import { defaultExecutor } from './default-executor.ts';
import { executeAs } from './execute-as.ts';
import { manifestAnnotations } from './manifest-annotations.ts';
import { memberClusterRights } from './member-cluster-rights.ts';
import { memberNamespaces } from './member-namespaces.ts';
import { memberObjects } from './member-objects.ts';
import { memberWrites } from './member-writes.ts';
import type { Policy } from './policy.ts';
import { secretData } from './secret-data.ts';
import { workNamespaces } from './work-namespaces.ts';

/** Every admission rule beyond the schemas, in the order they are asked. DL-32 */
export const allPolicies: readonly Policy[] = [
  manifestAnnotations,
  executeAs,
  secretData,
  defaultExecutor,
  clusterSetBind,
  memberClusterRights,
  acceptanceRules,
  memberWrites,
  memberObjects,
  memberNamespaces,
  clusterSetNamespaces,
  workNamespaces,
];
