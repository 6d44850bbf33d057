import { finalizer } from '../../constants/finalizers.ts';
import { memberAccountName, membersGroup } from '../../constants/identity.ts';
import { Work } from '../../multicluster.x-k8s.io/v1alpha1/work.ts';
import { memberWrites } from '../../policies/member-writes.ts';
import { MemberCluster } from '../../quarterdeck.dev/v1alpha1/member-cluster.ts';
import { configMapManifest } from '../objects.ts';
import { forbidden, type PolicyVerdict, verdictsOf } from '../policy-verdict.ts';
import { member, workWith } from './objects.ts';

const workMessage =
  'a member may change nothing of a Work but its status and the finalizer multicluster.x-k8s.io/work-cleanup';
const statusMessage =
  'a member may not change status.namespace, status.clusterUID, status.clusterSet, status.clusterId or the conditions Accepted, Joined, Available, HubLeaseCurrent, Leaving, InClusterSet, ClockInSync, OneAgent, FollowsHub of its MemberCluster';
const agentGroups = [membersGroup];
const accountUser = `system:serviceaccount:member-m1:${memberAccountName('uid')}`;
const work = (name: string, metadata: Record<string, unknown> = {}, manifests: unknown[] = []) =>
  workWith(name, manifests, { labels: { a: 'b' }, ...metadata });
const condition = (type: string, status: string) => ({
  type,
  status,
  reason: 'Seen',
  message: '',
  lastTransitionTime: '2026-01-31T12:00:00Z',
});
const reported = (name: string, status: Record<string, unknown>) => member(name, 'Accepted', 'edge', { status });

/** What an agent may change of what is its own. */
export const memberWritesVerdicts: readonly PolicyVerdict[] = verdictsOf(memberWrites, [
  {
    name: 'RG-20 a member puts its finalizer on a work',
    kind: Work,
    groups: agentGroups,
    old: work('finalizer', { finalizers: ['example.com/other'] }),
    object: work('finalizer', { finalizers: ['example.com/other', finalizer.work] }),
  },
  {
    name: 'RG-20 a member takes no other finalizer off a work',
    kind: Work,
    groups: agentGroups,
    old: work('other-finalizer', { finalizers: ['example.com/other', finalizer.work] }),
    object: work('other-finalizer', { finalizers: [finalizer.work] }),
    refused: forbidden(workMessage),
  },
  {
    name: 'RG-20 a member changes no manifest',
    kind: Work,
    groups: agentGroups,
    old: work('manifest'),
    object: work('manifest', {}, [configMapManifest()]),
    refused: forbidden(workMessage),
  },
  {
    name: 'RG-20, RG-7 an agent that holds a token changes no manifest either',
    kind: Work,
    user: accountUser,
    old: work('account'),
    object: work('account', {}, [configMapManifest()]),
    refused: forbidden(workMessage),
  },
  {
    name: 'RG-20, RG-7 nor does it declare itself accepted',
    kind: MemberCluster,
    subresource: 'status',
    user: accountUser,
    old: reported('account', {}),
    object: reported('account', { conditions: [condition('Accepted', 'True')] }),
    refused: forbidden(statusMessage),
  },
  {
    name: 'RG-20, RG-3 nor does it say which set it is in',
    kind: MemberCluster,
    subresource: 'status',
    user: accountUser,
    old: reported('elsewhere', { clusterSet: 'edge' }),
    object: reported('elsewhere', { clusterSet: 'core' }),
    refused: forbidden(statusMessage),
  },
  {
    name: 'RG-20, RG-7 another service account of that namespace is no agent',
    kind: Work,
    user: 'system:serviceaccount:member-m1:quarterdeck-agentless',
    old: work('no-agent'),
    object: work('no-agent', {}, [configMapManifest()]),
  },
  {
    name: 'RG-20 a member labels no work',
    kind: Work,
    groups: agentGroups,
    old: work('label'),
    object: work('label', { labels: { a: 'c' } }),
    refused: forbidden(workMessage),
  },
  {
    name: 'RG-20 someone who is no member changes a work',
    kind: Work,
    old: work('user'),
    object: work('user', { labels: { a: 'c' } }, [configMapManifest()]),
  },
  {
    name: 'RG-20 a member reports version, nodes and the health of its control plane',
    kind: MemberCluster,
    subresource: 'status',
    groups: agentGroups,
    old: reported('healthy', { namespace: 'member-healthy', conditions: [condition('Accepted', 'True')] }),
    object: reported('healthy', {
      namespace: 'member-healthy',
      nodes: { total: 1, ready: 1 },
      conditions: [condition('ControlPlaneHealthy', 'True'), condition('Accepted', 'True')],
    }),
  },
  {
    name: 'RG-20 a member does not declare itself accepted',
    kind: MemberCluster,
    subresource: 'status',
    groups: agentGroups,
    old: reported('accepted', { conditions: [condition('Accepted', 'False')] }),
    object: reported('accepted', { conditions: [condition('Accepted', 'True')] }),
    refused: forbidden(statusMessage),
  },
  {
    name: 'RG-20 a member does not name its namespace',
    kind: MemberCluster,
    subresource: 'status',
    groups: agentGroups,
    old: reported('namespaced', {}),
    object: reported('namespaced', { namespace: 'kube-system' }),
    refused: forbidden(statusMessage),
  },
  {
    name: 'RG-4 a member does not change its recorded identity',
    kind: MemberCluster,
    subresource: 'status',
    groups: agentGroups,
    old: reported('identity', { clusterUID: 'a' }),
    object: reported('identity', { clusterUID: 'b' }),
    refused: forbidden(statusMessage),
  },
]);
