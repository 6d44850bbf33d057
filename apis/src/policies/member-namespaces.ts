import { hubUserName } from '../constants/identity.ts';
import { label } from '../constants/labels.ts';
import { definePolicy } from './policy.ts';

const message = (clusterName: string) =>
  `the namespace belongs to MemberCluster "${clusterName}": delete that, and the hub deletes the namespace when the cluster has left`;

const handOverMessage = (clusterName: string) =>
  `metadata.labels[${label.memberCluster}]: who makes a namespace that of MemberCluster "${clusterName}" decides what is brought there, which needs the verb accept on memberclusters.quarterdeck.dev "${clusterName}"`;

const memberOf = (object: string) =>
  `${object} == null ? '' : ${object}.metadata.?labels[?'${label.memberCluster}'].orValue('')`;

/**
 * The namespace of a member goes with its MemberCluster and not before, since its Works would go with it: only the hub
 * deletes it, and only the hub changes the label by which it is known. RG-40
 *
 * The label hands a namespace over that was there before its member, with all the rights that others have in it: whose
 * manifests an agent applies would be theirs to say. So it takes the right to accept that member. SEC-10
 */
export const memberNamespaces = definePolicy({
  name: 'member-namespaces.quarterdeck.dev',
  rules: [
    { apiGroups: [''], apiVersions: ['*'], resources: ['namespaces'], operations: ['CREATE', 'UPDATE', 'DELETE'] },
  ],
  matchConditions: [
    { name: 'of-a-member', expression: `(${memberOf('oldObject')}) != '' || (${memberOf('object')}) != ''` },
    { name: 'not-by-the-hub', expression: `request.userInfo.username != '${hubUserName}'` },
  ],
  variables: [
    { name: 'member', expression: memberOf('oldObject') },
    { name: 'named', expression: memberOf('object') },
  ],
  validations: [
    {
      expression: `variables.member == '' || (request.operation == 'UPDATE' && variables.named == variables.member)`,
      message: 'the namespace belongs to a MemberCluster: delete that instead',
      messageExpression: `'${message("' + variables.member + '")}'`,
      reason: 'Forbidden',
    },
    {
      expression: `variables.member != '' || authorizer.group('quarterdeck.dev').resource('memberclusters').name(variables.named).check('accept').allowed()`,
      message: 'making a namespace that of a MemberCluster needs the verb accept on it',
      messageExpression: `'${handOverMessage("' + variables.named + '")}'`,
      reason: 'Forbidden',
    },
  ],
});
