import { acceptanceRules } from '../../policies/acceptance-rules.ts';
import { AcceptanceRule } from '../../quarterdeck.dev/v1alpha1/acceptance-rule.ts';
import { objectOf } from '../objects.ts';
import { forbidden, type PolicyVerdict, right, verdictsOf } from '../policy-verdict.ts';

const acceptanceRule = (name: string, clusterSet: string, metadata: Record<string, unknown> = {}) =>
  objectOf(AcceptanceRule, name, {
    metadata: { name, ...metadata },
    spec: {
      requesters: [{ kind: 'User', name: 'provisioner' }],
      clusterNames: ['edge-*'],
      signerNames: ['kubernetes.io/kube-apiserver-client'],
      clusterSet,
      maxClusters: 1,
    },
  });
const acceptAll = right('accept', 'memberclusters', '*');
const joinEdge = right('join', 'clustersets', 'edge');

/** Who may write a rule that accepts clusters. */
export const acceptanceRuleVerdicts: readonly PolicyVerdict[] = verdictsOf(acceptanceRules, [
  {
    name: 'RG-3 who may accept every cluster, and put it into the set, may write a rule that does',
    kind: AcceptanceRule,
    object: acceptanceRule('written', 'edge'),
    rights: [acceptAll, joinEdge],
  },
  {
    name: 'RG-3 who may accept some clusters may not',
    kind: AcceptanceRule,
    object: acceptanceRule('narrow', 'edge'),
    rights: [right('accept', 'memberclusters', 'edge-1'), joinEdge],
    refused: forbidden('a rule that accepts clusters needs the verb accept on memberclusters.quarterdeck.dev "*"'),
  },
  {
    name: 'RG-3 nor who may not put clusters into the set, also by a change',
    kind: AcceptanceRule,
    old: acceptanceRule('moved-rule', 'edge'),
    object: acceptanceRule('moved-rule', 'core'),
    rights: [acceptAll, joinEdge],
    refused: forbidden(
      'spec.clusterSet: a rule that accepts into a set needs the verb join on clustersets.quarterdeck.dev "core"',
    ),
  },
  {
    name: 'RG-3 labelling a rule needs no right on clusters',
    kind: AcceptanceRule,
    old: acceptanceRule('labelled-rule', 'edge'),
    object: acceptanceRule('labelled-rule', 'edge', { labels: { a: 'b' } }),
  },
]);
