import { clusterSetBind } from '../../policies/cluster-set-bind.ts';
import { ClusterSetBinding } from '../../quarterdeck.dev/v1alpha1/cluster-set-binding.ts';
import { objectOf } from '../objects.ts';
import { forbidden, type PolicyVerdict, right, verdictsOf } from '../policy-verdict.ts';

const binding = (name: string, clusterSet: string) => objectOf(ClusterSetBinding, name, { spec: { clusterSet } });
const bindMessage = (clusterSet: string) =>
  `spec.clusterSet: binding needs the verb bind on clustersets.quarterdeck.dev "${clusterSet}"`;

/** Who may bind a cluster set to a namespace. */
export const clusterSetBindVerdicts: readonly PolicyVerdict[] = verdictsOf(clusterSetBind, [
  {
    name: 'PL-1 who may bind the set may create a binding',
    kind: ClusterSetBinding,
    object: binding('mine', 'edge'),
    rights: [right('bind', 'clustersets', 'edge')],
  },
  {
    name: 'PL-1 who may bind another set may not',
    kind: ClusterSetBinding,
    object: binding('theirs', 'edge'),
    rights: [right('bind', 'clustersets', 'core')],
    refused: forbidden(bindMessage('edge')),
  },
  {
    name: 'PL-1 moving a binding needs the right on the new set',
    kind: ClusterSetBinding,
    old: binding('moved', 'edge'),
    object: binding('moved', 'core'),
    rights: [right('bind', 'clustersets', 'edge')],
    refused: forbidden(bindMessage('core')),
  },
  {
    name: 'PL-1 labelling a binding needs no right on the set',
    kind: ClusterSetBinding,
    old: binding('labelled', 'edge'),
    object: objectOf(ClusterSetBinding, 'labelled', {
      metadata: { name: 'labelled', labels: { a: 'b' } },
      spec: { clusterSet: 'edge' },
    }),
  },
]);
