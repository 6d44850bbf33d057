import { Lease } from '../../builtin/coordination.ts';
import { memberAccountName, membersGroup } from '../../constants/identity.ts';
import { apiVersionOf } from '../../meta/resource.ts';
import { Work } from '../../multicluster.x-k8s.io/v1alpha1/work.ts';
import { memberObjects } from '../../policies/member-objects.ts';
import { WorkReport } from '../../quarterdeck.dev/v1alpha1/work-report.ts';
import { objectOf } from '../objects.ts';
import { forbidden, type PolicyVerdict, verdictsOf } from '../policy-verdict.ts';

const heldMessage = 'metadata.finalizers: a member holds up the deletion of nothing that it makes on the hub';
const leaseMessage = 'a member makes no Leases but quarterdeck-agent and quarterdeck-agent-standby';
const reportMessage = 'metadata.ownerReferences: a report has the name of its Work, and is owned by it';
const held = { finalizers: ['example.com/held'] };
const agentGroups = [membersGroup];
const accountUser = `system:serviceaccount:member-m1:${memberAccountName('uid')}`;
const lease = (name: string, metadata: Record<string, unknown> = {}) =>
  objectOf(Lease, name, { metadata: { name, ...metadata }, spec: { leaseDurationSeconds: 40 } });
const report = (name: string, work: string, metadata: Record<string, unknown> = {}) => {
  const owner = { apiVersion: apiVersionOf(Work), kind: Work.kind, name: work, uid: 'uid' };
  return objectOf(WorkReport, name, { metadata: { name, ownerReferences: [owner], ...metadata } });
};

/** What an agent makes goes when the hub wants it to. */
export const memberObjectsVerdicts: readonly PolicyVerdict[] = verdictsOf(memberObjects, [
  {
    name: 'RG-30 a member makes its Lease',
    kind: Lease,
    groups: agentGroups,
    object: lease('quarterdeck-agent'),
  },
  {
    name: 'RG-30 and renews it',
    kind: Lease,
    groups: agentGroups,
    old: lease('renewed-by-member'),
    object: lease('renewed-by-member', { annotations: { a: 'b' } }),
  },
  {
    name: 'RG-20 a member makes no other Lease',
    kind: Lease,
    groups: agentGroups,
    object: lease('another-of-member'),
    refused: forbidden(leaseMessage),
  },
  {
    name: 'RG-20 somebody else does',
    kind: Lease,
    object: lease('of-somebody', held),
  },
  {
    name: 'RG-41 a member makes nothing that cannot be deleted',
    kind: Lease,
    groups: agentGroups,
    object: lease('quarterdeck-agent-standby', held),
    refused: forbidden(heldMessage),
  },
  {
    name: 'RG-41 nor does it hold it up later',
    kind: Lease,
    groups: agentGroups,
    old: lease('held-later'),
    object: lease('held-later', held),
    refused: forbidden(heldMessage),
  },
  {
    name: 'RG-41, RG-7 nor does an agent that holds a token',
    kind: Lease,
    user: accountUser,
    old: lease('held-by-account'),
    object: lease('held-by-account', held),
    refused: forbidden(heldMessage),
  },
  {
    name: 'WK-37 a member reports on its Work',
    kind: WorkReport,
    groups: agentGroups,
    object: report('of-work', 'of-work'),
  },
  {
    name: 'RG-20 a report of no Work, which nothing would take away',
    kind: WorkReport,
    groups: agentGroups,
    object: report('of-no-work', 'other'),
    refused: forbidden(reportMessage),
  },
  {
    name: 'RG-41 a report that cannot be deleted',
    kind: WorkReport,
    groups: agentGroups,
    object: report('held-report', 'held-report', held),
    refused: forbidden(heldMessage),
  },
]);
