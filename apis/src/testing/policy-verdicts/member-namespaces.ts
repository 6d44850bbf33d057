import { Namespace } from '../../builtin/core.ts';
import { memberNamespaces } from '../../policies/member-namespaces.ts';
import { objectOf } from '../objects.ts';
import { forbidden, type PolicyVerdict, right, verdictsOf } from '../policy-verdict.ts';

const namespaceOf = (name: string, labels: Record<string, string> = {}) =>
  objectOf(Namespace, name, { metadata: { name, labels } });
const ofMember = { 'quarterdeck.dev/member-cluster': 'm1' };
const namespaceMessage =
  'the namespace belongs to MemberCluster "m1": delete that, and the hub deletes the namespace when the cluster has left';

const handOverMessage =
  'metadata.labels[quarterdeck.dev/member-cluster]: who makes a namespace that of MemberCluster "m1" decides what is brought there, which needs the verb accept on memberclusters.quarterdeck.dev "m1"';

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
    name: 'SEC-10, RG-40 nobody makes a namespace of their own that of a member to come',
    kind: Namespace,
    object: namespaceOf('member-m1-planted', ofMember),
    rights: [right('accept', 'memberclusters', 'm2')],
    refused: forbidden(handOverMessage),
  },
  {
    name: 'SEC-10, RG-40 nor one that they have already',
    kind: Namespace,
    old: namespaceOf('member-m1-turned'),
    object: namespaceOf('member-m1-turned', ofMember),
    refused: forbidden(handOverMessage),
  },
  {
    name: 'RG-40 who may accept the member may hand a namespace over to it',
    kind: Namespace,
    old: namespaceOf('member-m1-handed'),
    object: namespaceOf('member-m1-handed', ofMember),
    rights: [right('accept', 'memberclusters', 'm1')],
  },
  {
    name: "RG-40 a namespace of no member is anybody's to make",
    kind: Namespace,
    object: namespaceOf('apps-of-b', { team: 'b' }),
  },
  {
    name: 'RG-40 other namespaces are deleted by whoever may',
    kind: Namespace,
    deletes: true,
    old: namespaceOf('apps-of-a'),
    object: namespaceOf('apps-of-a'),
  },
]);
