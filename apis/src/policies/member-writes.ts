import { finalizer } from '../constants/finalizers.ts';
import { membersGroup } from '../constants/identity.ts';
import { equalJson, listAt, valueAt } from '../kinds/value.ts';
import { definePolicy, type PolicyTwin } from './policy.ts';

/** Conditions of a MemberCluster that only the hub may state. */
const hubConditions = ['Accepted', 'Joined', 'Available', 'HubLeaseCurrent'] as const;
const hubFields = ['namespace', 'clusterUID'] as const;
const keptMetadata = ['labels', 'annotations', 'ownerReferences'] as const;

const workMessage = `a member may change nothing of a Work but its status and the finalizer ${finalizer.work}`;
const statusMessage = `a member may not change ${hubFields.map((field) => `status.${field}`).join(', ')} or the conditions ${hubConditions.join(', ')} of its MemberCluster`;

const otherFinalizers = (object: unknown) =>
  listAt(object, 'metadata', 'finalizers').filter((name) => name !== finalizer.work);
const conditionsOf = (object: unknown, type: string) =>
  listAt(object, 'status', 'conditions').filter((condition) => valueAt(condition, 'type') === type);

function isWorkKept(object: unknown, oldObject: unknown): boolean {
  return (
    equalJson(valueAt(object, 'spec'), valueAt(oldObject, 'spec')) &&
    keptMetadata.every((field) =>
      equalJson(valueAt(object, 'metadata', field), valueAt(oldObject, 'metadata', field)),
    ) &&
    equalJson(otherFinalizers(object), otherFinalizers(oldObject))
  );
}

function isHubStatusKept(object: unknown, oldObject: unknown): boolean {
  return (
    hubFields.every((field) => equalJson(valueAt(object, 'status', field), valueAt(oldObject, 'status', field))) &&
    hubConditions.every((type) => equalJson(conditionsOf(object, type), conditionsOf(oldObject, type)))
  );
}

const twin: PolicyTwin = ({ resource, user, object, oldObject }) => {
  if (!user.groups.includes(membersGroup)) return undefined;
  if (resource === 'works') {
    return isWorkKept(object, oldObject) ? undefined : { reason: 'Forbidden', message: workMessage };
  }
  return isHubStatusKept(object, oldObject) ? undefined : { reason: 'Forbidden', message: statusMessage };
};

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
  matchConditions: [{ name: 'by-a-member', expression: `'${membersGroup}' in request.userInfo.groups` }],
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
  twin,
});
