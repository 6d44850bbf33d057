import { memberClusterRights } from '../../policies/member-cluster-rights.ts';
import { MemberCluster } from '../../quarterdeck.dev/v1alpha1/member-cluster.ts';
import { objectOf } from '../objects.ts';
import { forbidden, type PolicyVerdict, right, verdictsOf } from '../policy-verdict.ts';
import { member } from './objects.ts';

const acceptMessage = (name: string) =>
  `spec.acceptance: setting it needs the verb accept on memberclusters.quarterdeck.dev "${name}"`;
const joinMessage = (clusterSet: string) =>
  `spec.clusterSet: setting it needs the verb join on clustersets.quarterdeck.dev "${clusterSet}"`;

const replaceMessage = (name: string) =>
  `metadata.annotations[quarterdeck.dev/replace-by]: letting another cluster take the name over needs the verb accept on memberclusters.quarterdeck.dev "${name}"`;
const replacedBy = (name: string, uid: string, more: Record<string, unknown> = {}) =>
  member(name, 'Accepted', 'edge', {
    metadata: { name, annotations: { 'quarterdeck.dev/replace-by': uid }, ...more },
  });

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
    name: 'RG-3, PL-21 moving a member out of the set that it is still in needs join on that too',
    kind: MemberCluster,
    old: member('held', 'Accepted', 'egde', { status: { clusterSet: 'edge' } }),
    object: member('held', 'Accepted', 'core'),
    rights: [right('join', 'clustersets', 'core'), right('join', 'clustersets', 'egde')],
    refused: forbidden(joinMessage('edge')),
  },
  {
    name: 'RG-3, PL-21 putting it right needs no more than the mistake did',
    kind: MemberCluster,
    old: member('corrected', 'Accepted', 'egde', { status: { clusterSet: 'edge' } }),
    object: member('corrected', 'Accepted', 'edge'),
    rights: [right('join', 'clustersets', 'edge'), right('join', 'clustersets', 'egde')],
  },
  {
    name: 'RG-3 tainting a member needs neither',
    kind: MemberCluster,
    old: member('tainted', 'Accepted', 'edge'),
    object: objectOf(MemberCluster, 'tainted', {
      spec: { acceptance: 'Accepted', clusterSet: 'edge', taints: [{ key: 'a', effect: 'NoSchedule' }] },
    }),
  },
  {
    name: 'RG-4, SEC-10 who may not accept a member names no cluster that takes its name over',
    kind: MemberCluster,
    old: member('kept', 'Accepted', 'edge'),
    object: replacedBy('kept', 'uid-of-mine'),
    rights: [right('accept', 'memberclusters', 'another')],
    refused: forbidden(replaceMessage('kept')),
  },
  {
    name: 'RG-4, SEC-10 nor another one than was named',
    kind: MemberCluster,
    old: replacedBy('renamed', 'uid-of-theirs'),
    object: replacedBy('renamed', 'uid-of-mine'),
    refused: forbidden(replaceMessage('renamed')),
  },
  {
    name: 'RG-4, SEC-10 nor before anybody has the name',
    kind: MemberCluster,
    object: member('early', 'Pending', 'edge', {
      metadata: { name: 'early', annotations: { 'quarterdeck.dev/replace-by': 'uid-of-mine' } },
    }),
    rights: [right('join', 'clustersets', 'edge')],
    refused: forbidden(replaceMessage('early')),
  },
  {
    name: 'RG-4 who may accept a member may let another cluster take its name over',
    kind: MemberCluster,
    old: member('moved', 'Accepted', 'edge'),
    object: replacedBy('moved', 'uid-of-new'),
    rights: [right('accept', 'memberclusters', 'moved')],
  },
  {
    name: 'RG-4 taking that back needs no more than changing the member',
    kind: MemberCluster,
    old: replacedBy('back', 'uid-of-new'),
    object: member('back', 'Accepted', 'edge'),
  },
  {
    name: 'RG-4 a member that names one is labelled as any other',
    kind: MemberCluster,
    old: replacedBy('labelled', 'uid-of-new'),
    object: replacedBy('labelled', 'uid-of-new', { labels: { tier: 'gold' } }),
  },
]);
