import { hubUserName, managedByValue } from '../constants/identity.ts';
import { label } from '../constants/labels.ts';
import { definePolicy } from './policy.ts';

const valueIn = (object: string, key: string) => `${object}.metadata.?labels[?'${key}'].orValue('')`;

const message = (clusterSet: string) =>
  `the namespace holds the ClusterProfiles of ClusterSet "${clusterSet}": delete that, and the hub deletes the namespace when no member is left in the set`;

/**
 * The namespace of a set goes with its ClusterSet and not before, since its ClusterProfiles would go with it, and with them
 * what consumers of the inventory made for each cluster: only the hub deletes it, and only the hub changes the labels by
 * which it is known. RG-12, CI-11
 */
export const clusterSetNamespaces = definePolicy({
  name: 'cluster-set-namespaces.quarterdeck.dev',
  rules: [{ apiGroups: [''], apiVersions: ['*'], resources: ['namespaces'], operations: ['UPDATE', 'DELETE'] }],
  matchConditions: [
    {
      name: 'of-a-set',
      expression: `${valueIn('oldObject', label.managedBy)} == '${managedByValue}' && ${valueIn('oldObject', label.clusterSet)} != ''`,
    },
    { name: 'not-by-the-hub', expression: `request.userInfo.username != '${hubUserName}'` },
  ],
  variables: [{ name: 'clusterSet', expression: `oldObject.metadata.labels['${label.clusterSet}']` }],
  validations: [
    {
      expression: `request.operation == 'UPDATE' && ${valueIn('object', label.clusterSet)} == variables.clusterSet && (${valueIn('object', label.clusterSetLegacy)} == ${valueIn('oldObject', label.clusterSetLegacy)} || ${valueIn('object', label.clusterSetLegacy)} == variables.clusterSet) && ${valueIn('object', label.managedBy)} == '${managedByValue}'`,
      message: 'the namespace holds the ClusterProfiles of a ClusterSet: delete that instead',
      messageExpression: `'${message("' + variables.clusterSet + '")}'`,
      reason: 'Forbidden',
    },
  ],
});
