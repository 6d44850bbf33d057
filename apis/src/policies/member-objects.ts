import type { AdmissionRule } from '../builtin/extensions.ts';
import { bootstrapGroup, isMemberAccountExpression, membersGroup } from '../constants/identity.ts';
import { memberLeaseName, memberStandbyLeaseName } from '../constants/names.ts';
import { definePolicy } from './policy.ts';

/** What agents make on the hub. Of a Work they may put on one finalizer, which `member-writes` sees to. */
const made = [
  { apiGroups: ['quarterdeck.dev'], apiVersions: ['*'], resources: ['workreports'] },
  { apiGroups: ['coordination.k8s.io'], apiVersions: ['*'], resources: ['leases'] },
  { apiGroups: ['', 'events.k8s.io'], apiVersions: ['*'], resources: ['events'] },
  { apiGroups: ['certificates.k8s.io'], apiVersions: ['*'], resources: ['certificatesigningrequests'] },
];
const leaseNames = [memberLeaseName, memberStandbyLeaseName];

const finalizersOf = (object: string) => `${object}.metadata.?finalizers.orValue([])`;
const keepsFinalizers = `${finalizersOf('object')} == (oldObject == null ? [] : ${finalizersOf('oldObject')})`;
const byGroup = [membersGroup, bootstrapGroup].map((group) => `'${group}' in request.userInfo.groups`);
const isNewOf = (resource: string) => `oldObject == null && request.resource.resource == '${resource}'`;

/**
 * What an agent, or who asks to be one, makes on the hub goes when the hub wants it to: a finalizer on it would hold up the
 * namespace of a member that is removed against its will, or requests that are to age out; a Lease of any name, or a report on
 * no Work, would stay for good. A report goes with the Work that it names. RG-5, RG-20, RG-41
 */
export const memberObjects = definePolicy({
  name: 'member-objects.quarterdeck.dev',
  rules: made.map((rule): AdmissionRule => ({ ...rule, operations: ['CREATE', 'UPDATE'] })),
  matchConditions: [
    {
      // One, for all conditions are evaluated whatever the first one says: the left half is all that a heartbeat has to pass.
      name: 'by-a-member',
      expression: `(oldObject == null || !(${keepsFinalizers})) && (${[...byGroup, isMemberAccountExpression].join(' || ')})`,
    },
  ],
  validations: [
    {
      expression: keepsFinalizers,
      message: 'metadata.finalizers: a member holds up the deletion of nothing that it makes on the hub',
      reason: 'Forbidden',
    },
    {
      expression: `!(${isNewOf('leases')}) || object.metadata.name in [${leaseNames.map((name) => `'${name}'`).join(', ')}]`,
      message: `a member makes no Leases but ${leaseNames.join(' and ')}`,
      reason: 'Forbidden',
    },
    {
      expression: `!(${isNewOf('workreports')}) || object.metadata.?ownerReferences.orValue([]).exists(o, o.kind == 'Work' && o.name == object.metadata.name)`,
      message: 'metadata.ownerReferences: a report has the name of its Work, and is owned by it',
      reason: 'Forbidden',
    },
  ],
});
