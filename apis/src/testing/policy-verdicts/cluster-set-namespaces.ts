import { Namespace } from '../../builtin/core.ts';
import { clusterSetNamespaces } from '../../policies/cluster-set-namespaces.ts';
import { objectOf } from '../objects.ts';
import { forbidden, type PolicyVerdict, right, verdictsOf } from '../policy-verdict.ts';

const namespaceOf = (name: string, labels: Record<string, string>) =>
  objectOf(Namespace, name, { metadata: { name, labels } });
const ofSet = {
  'clusterset.multicluster.x-k8s.io': 'blue',
  'multicluster.x-k8s.io/clusterset': 'blue',
  'app.kubernetes.io/managed-by': 'quarterdeck',
};
const { 'clusterset.multicluster.x-k8s.io': _set, ...withoutSet } = ofSet;
const ofSetInOneLabel = { ...ofSet, 'multicluster.x-k8s.io/clusterset': 'red' };
const { 'app.kubernetes.io/managed-by': _manager, ...ofAnotherManager } = ofSet;
const namespaceMessage =
  'the namespace holds the ClusterProfiles of ClusterSet "blue": delete that, and the hub deletes the namespace when no member is left in the set';

const handOverMessage =
  'metadata.labels[clusterset.multicluster.x-k8s.io]: who makes a namespace that of ClusterSet "blue" decides which ClusterProfiles stand there, which needs the verb join on clustersets.quarterdeck.dev "blue"';

/** What keeps the namespace of a set. */
export const clusterSetNamespaceVerdicts: readonly PolicyVerdict[] = verdictsOf(clusterSetNamespaces, [
  {
    name: 'RG-12 nobody but the hub deletes the namespace of a set',
    kind: Namespace,
    deletes: true,
    old: namespaceOf('clusterset-blue-deleted', ofSet),
    object: namespaceOf('clusterset-blue-deleted', ofSet),
    refused: forbidden(namespaceMessage),
  },
  {
    name: 'RG-12 nor takes away the label that names the set',
    kind: Namespace,
    old: namespaceOf('clusterset-blue-unlabelled', ofSet),
    object: namespaceOf('clusterset-blue-unlabelled', withoutSet),
    refused: forbidden(namespaceMessage),
  },
  {
    name: 'CI-12 nor lets the other label name another set, which would make it the namespace of none',
    kind: Namespace,
    old: namespaceOf('clusterset-blue-torn', ofSet),
    object: namespaceOf('clusterset-blue-torn', ofSetInOneLabel),
    refused: forbidden(namespaceMessage),
  },
  {
    name: 'CI-12 and whoever may sets right what is wrong with it',
    kind: Namespace,
    old: namespaceOf('clusterset-blue-mended', ofSetInOneLabel),
    object: namespaceOf('clusterset-blue-mended', ofSet),
  },
  {
    name: 'RG-12 nor the one that says whose it is',
    kind: Namespace,
    old: namespaceOf('clusterset-blue-disowned', ofSet),
    object: namespaceOf('clusterset-blue-disowned', ofAnotherManager),
    refused: forbidden(namespaceMessage),
  },
  {
    name: 'RG-12 other labels of it are free',
    kind: Namespace,
    old: namespaceOf('clusterset-blue-free', ofSet),
    object: namespaceOf('clusterset-blue-free', { ...ofSet, team: 'a' }),
  },
  {
    name: 'SEC-10, CI-12 nobody makes a namespace of their own that of a set to come',
    kind: Namespace,
    object: namespaceOf('clusterset-blue-planted', { 'clusterset.multicluster.x-k8s.io': 'blue' }),
    rights: [right('join', 'clustersets', 'red')],
    refused: forbidden(handOverMessage),
  },
  {
    name: 'SEC-10, CI-12 nor one that they have already, by the older label either',
    kind: Namespace,
    old: namespaceOf('clusterset-blue-turned', {}),
    object: namespaceOf('clusterset-blue-turned', { 'multicluster.x-k8s.io/clusterset': 'blue' }),
    refused: forbidden(handOverMessage),
  },
  {
    name: 'CI-12 who may put clusters into the set may hand a namespace over to it',
    kind: Namespace,
    old: namespaceOf('clusterset-blue-handed', {}),
    object: namespaceOf('clusterset-blue-handed', { 'clusterset.multicluster.x-k8s.io': 'blue' }),
    rights: [right('join', 'clustersets', 'blue')],
  },
  {
    name: 'CI-12 a namespace of another name is labelled as its owners like: the hub never takes it for that of a set',
    kind: Namespace,
    object: namespaceOf('apps-of-blue', { 'clusterset.multicluster.x-k8s.io': 'blue' }),
  },
  {
    name: 'CI-12 the namespace of a set of another manager is deleted by whoever may',
    kind: Namespace,
    deletes: true,
    old: namespaceOf('clusterset-blue-foreign', ofAnotherManager),
    object: namespaceOf('clusterset-blue-foreign', ofAnotherManager),
  },
]);
