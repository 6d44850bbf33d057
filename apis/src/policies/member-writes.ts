import { finalizer } from '../constants/finalizers.ts';
import { isMemberAccountExpression, membersGroup } from '../constants/identity.ts';
import { definePolicy } from './policy.ts';

/** Conditions of a MemberCluster that only the hub may state. */
const hubConditions = [
  'Accepted',
  'Joined',
  'Available',
  'HubLeaseCurrent',
  'Leaving',
  'InClusterSet',
  'ClockInSync',
  'OneAgent',
  'FollowsHub',
] as const;
const hubFields = ['namespace', 'clusterUID', 'clusterSet', 'clusterId'] as const;
const keptMetadata = ['labels', 'annotations', 'ownerReferences'] as const;

const workMessage = `a member may change nothing of a Work but its status and the finalizer ${finalizer.work}`;
const statusMessage = `a member may not change ${hubFields.map((field) => `status.${field}`).join(', ')} or the conditions ${hubConditions.join(', ')} of its MemberCluster`;

const list = (values: readonly string[]) => `[${values.map((value) => `'${value}'`).join(', ')}]`;
const others = (object: string) => `${object}.metadata.?finalizers.orValue([]).filter(f, f != '${finalizer.work}')`;
const stated = (object: string) => `${object}.?status.?conditions.orValue([]).filter(c, c.type == t)`;

/**
 * What RBAC cannot say about agents: it grants updates of a whole Work for the sake of one finalizer, and of a whole
 * status for the sake of a part. Which objects they reach is the business of their roles. RG-20
 */
export const memberWrites = definePolicy({
  name: 'member-writes.quarterdeck.dev',
  rules: [
    { apiGroups: ['multicluster.x-k8s.io'], apiVersions: ['*'], resources: ['works'], operations: ['UPDATE'] },
    {
      apiGroups: ['quarterdeck.dev'],
      apiVersions: ['*'],
      resources: ['memberclusters/status'],
      operations: ['UPDATE'],
    },
  ],
  matchConditions: [
    {
      name: 'by-a-member',
      expression: `'${membersGroup}' in request.userInfo.groups || ${isMemberAccountExpression}`,
    },
  ],
  variables: [{ name: 'isWork', expression: "request.resource.resource == 'works'" }],
  validations: [
    {
      expression: `!variables.isWork || (object.?spec == oldObject.?spec && ${keptMetadata
        .map((field) => `object.metadata.?${field} == oldObject.metadata.?${field}`)
        .join(' && ')} && ${others('object')} == ${others('oldObject')})`,
      message: workMessage,
      reason: 'Forbidden',
    },
    {
      expression: `variables.isWork || (${hubFields
        .map((field) => `object.?status.?${field} == oldObject.?status.?${field}`)
        .join(' && ')} && ${list(hubConditions)}.all(t, ${stated('object')} == ${stated('oldObject')}))`,
      message: statusMessage,
      reason: 'Forbidden',
    },
  ],
});
