import { Namespace } from '../../builtin/core.ts';
import { memberNamespaces } from '../../policies/member-namespaces.ts';
import { objectOf } from '../objects.ts';
import { forbidden, type PolicyVerdict, verdictsOf } from '../policy-verdict.ts';

const namespaceOf = (name: string, labels: Record<string, string> = {}) =>
  objectOf(Namespace, name, { metadata: { name, labels } });
const ofMember = { 'quarterdeck.dev/member-cluster': 'm1' };
const namespaceMessage =
  'the namespace belongs to MemberCluster "m1": delete that, and the hub deletes the namespace when the cluster has left';

/** What keeps the namespace of a member. */
export const memberNamespaceVerdicts: readonly PolicyVerdict[] = verdictsOf(memberNamespaces, [
  {
    name: "RG-40 nobody but the hub deletes a member's namespace",
    kind: Namespace,
    deletes: true,
    old: namespaceOf('member-m1-deleted', ofMember),
    object: namespaceOf('member-m1-deleted', ofMember),
    refused: forbidden(namespaceMessage),
  },
  {
    name: 'RG-40 nor takes away the label by which it is known',
    kind: Namespace,
    old: namespaceOf('member-m1-labelled', ofMember),
    object: namespaceOf('member-m1-labelled'),
    refused: forbidden(namespaceMessage),
  },
  {
    name: 'RG-40 other labels of it are free',
    kind: Namespace,
    old: namespaceOf('member-m1-free', ofMember),
    object: namespaceOf('member-m1-free', { ...ofMember, team: 'a' }),
  },
  {
    name: 'RG-40 other namespaces are deleted by whoever may',
    kind: Namespace,
    deletes: true,
    old: namespaceOf('apps-of-a'),
    object: namespaceOf('apps-of-a'),
  },
]);
