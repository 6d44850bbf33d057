import type { PolicyVerdict } from './policy-verdict.ts';
import { acceptanceRuleVerdicts } from './policy-verdicts/acceptance-rules.ts';
import { clusterSetBindVerdicts } from './policy-verdicts/cluster-set-bind.ts';
import { clusterSetNamespaceVerdicts } from './policy-verdicts/cluster-set-namespaces.ts';
import { defaultExecutorVerdicts } from './policy-verdicts/default-executor.ts';
import { executeAsVerdicts } from './policy-verdicts/execute-as.ts';
import { manifestAnnotationVerdicts } from './policy-verdicts/manifest-annotations.ts';
import { memberClusterRightsVerdicts } from './policy-verdicts/member-cluster-rights.ts';
import { memberNamespaceVerdicts } from './policy-verdicts/member-namespaces.ts';
import { memberObjectsVerdicts } from './policy-verdicts/member-objects.ts';
import { memberWritesVerdicts } from './policy-verdicts/member-writes.ts';
import { secretDataVerdicts } from './policy-verdicts/secret-data.ts';

/** One table for all policies. */
export const policyVerdicts: readonly PolicyVerdict[] = [
  ...manifestAnnotationVerdicts,
  ...executeAsVerdicts,
  ...defaultExecutorVerdicts,
  ...secretDataVerdicts,
  ...clusterSetBindVerdicts,
  ...memberClusterRightsVerdicts,
  ...acceptanceRuleVerdicts,
  ...memberWritesVerdicts,
  ...memberObjectsVerdicts,
  ...memberNamespaceVerdicts,
  ...clusterSetNamespaceVerdicts,
];
