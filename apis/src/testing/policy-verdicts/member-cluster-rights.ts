import { memberClusterRights } from '../../policies/member-cluster-rights.ts';
import { MemberCluster } from '../../quarterdeck.dev/v1alpha1/member-cluster.ts';
import { objectOf } from '../objects.ts';
import { forbidden, type PolicyVerdict, right, verdictsOf } from '../policy-verdict.ts';
import { member } from './objects.ts';

const acceptMessage = (name: string) =>
  `spec.acceptance: setting it needs the verb accept on memberclusters.quarterdeck.dev "${name}"`;
const joinMessage = (clusterSet: string) =>
  `spec.clusterSet: setting it needs the verb join on clustersets.quarterdeck.dev "${clusterSet}"`;

/** Who may accept a member, and put it into a set. */
export const memberClusterRightsVerdicts: readonly PolicyVerdict[] = verdictsOf(memberClusterRights, [
  {
    name: 'RG-3 a pending member needs only the right to join its set',
    kind: MemberCluster,
    object: member('pending', 'Pending', 'edge'),
    rights: [right('join', 'clustersets', 'edge')],
  },
  {
    name: 'RG-3 creating a member in a set needs join on it',
    kind: MemberCluster,
    object: member('setless', 'Pending', 'default'),
    refused: forbidden(joinMessage('default')),
  },
  {
    name: 'RG-3 creating an accepted member needs accept',
    kind: MemberCluster,
    object: member('eager', 'Accepted', 'edge'),
    rights: [right('join', 'clustersets', 'edge')],
    refused: forbidden(acceptMessage('eager')),
  },
  {
    name: 'RG-3 accepting needs accept on this member',
    kind: MemberCluster,
    old: member('other', 'Pending', 'edge'),
    object: member('other', 'Accepted', 'edge'),
    rights: [right('accept', 'memberclusters', 'another')],
    refused: forbidden(acceptMessage('other')),
  },
  {
    name: 'RG-3 who may accept a member may also deny it',
    kind: MemberCluster,
    old: member('denied', 'Accepted', 'edge'),
    object: member('denied', 'Denied', 'edge'),
    rights: [right('accept', 'memberclusters', 'denied')],
  },
  {
    name: 'RG-3 moving a member needs join on the old set too',
    kind: MemberCluster,
    old: member('leaving', 'Accepted', 'edge'),
    object: member('leaving', 'Accepted', 'core'),
    rights: [right('join', 'clustersets', 'core')],
    refused: forbidden(joinMessage('edge')),
  },
  {
    name: 'RG-3 who may join both sets may move a member',
    kind: MemberCluster,
    old: member('moving', 'Accepted', 'edge'),
    object: member('moving', 'Accepted', 'core'),
    rights: [right('join', 'clustersets', 'core'), right('join', 'clustersets', 'edge')],
  },
  {
    name: 'RG-3 tainting a member needs neither',
    kind: MemberCluster,
    old: member('tainted', 'Accepted', 'edge'),
    object: objectOf(MemberCluster, 'tainted', {
      spec: { acceptance: 'Accepted', clusterSet: 'edge', taints: [{ key: 'a', effect: 'NoSchedule' }] },
    }),
  },
]);
