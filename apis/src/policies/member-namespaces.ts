import { hubUserName } from '../constants/identity.ts';
import { label } from '../constants/labels.ts';
import { definePolicy } from './policy.ts';

const message = (clusterName: string) =>
  `the namespace belongs to MemberCluster "${clusterName}": delete that, and the hub deletes the namespace when the cluster has left`;

/**
 * The namespace of a member goes with its MemberCluster and not before, since its Works would go with it: only the hub
 * deletes it, and only the hub changes the label by which it is known. RG-40
 */
export const memberNamespaces = definePolicy({
  name: 'member-namespaces.quarterdeck.dev',
  rules: [{ apiGroups: [''], apiVersions: ['*'], resources: ['namespaces'], operations: ['UPDATE', 'DELETE'] }],
  matchConditions: [
    { name: 'of-a-member', expression: `'${label.memberCluster}' in oldObject.metadata.?labels.orValue({})` },
    { name: 'not-by-the-hub', expression: `request.userInfo.username != '${hubUserName}'` },
  ],
  variables: [{ name: 'member', expression: `oldObject.metadata.labels['${label.memberCluster}']` }],
  validations: [
    {
      expression: `request.operation == 'UPDATE' && object.metadata.?labels[?'${label.memberCluster}'].orValue('') == variables.member`,
      message: 'the namespace belongs to a MemberCluster: delete that instead',
      messageExpression: `'${message("' + variables.member + '")}'`,
      reason: 'Forbidden',
    },
  ],
});
