import { hubUserName, managedByValue } from '../constants/identity.ts';
import { label } from '../constants/labels.ts';
import { clusterSetNamespaceName } from '../constants/names.ts';
import { definePolicy } from './policy.ts';

const valueIn = (object: string, key: string) => `${object}.metadata.?labels[?'${key}'].orValue('')`;

/** The set that a namespace is labelled with, by either label; '' without one, or without the object. */
const namedBy = (object: string) =>
  `${object} == null ? '' : (${valueIn(object, label.clusterSet)} != '' ? ${valueIn(object, label.clusterSet)} : ${valueIn(object, label.clusterSetLegacy)})`;

const isOurs = `oldObject != null && ${valueIn('oldObject', label.managedBy)} == '${managedByValue}' && ${valueIn('oldObject', label.clusterSet)} != ''`;

const message = (clusterSet: string) =>
  `the namespace holds the ClusterProfiles of ClusterSet "${clusterSet}": delete that, and the hub deletes the namespace when no member is left in the set`;

const handOverMessage = (clusterSet: string) =>
  `metadata.labels[${label.clusterSet}]: who makes a namespace that of ClusterSet "${clusterSet}" decides which ClusterProfiles stand there, which needs the verb join on clustersets.quarterdeck.dev "${clusterSet}"`;

/**
 * The namespace of a set goes with its ClusterSet and not before, since its ClusterProfiles would go with it, and with them
 * what consumers of the inventory made for each cluster: only the hub deletes it, and only the hub changes the labels by
 * which it is known. RG-12, CI-11
 *
 * The labels hand a namespace over that was there before its set, with all the rights that others have in it: they would write
 * clusters into the inventory of the set. So it takes the right to put clusters into that set. SEC-10, CI-12
 */
export const clusterSetNamespaces = definePolicy({
  name: 'cluster-set-namespaces.quarterdeck.dev',
  rules: [
    { apiGroups: [''], apiVersions: ['*'], resources: ['namespaces'], operations: ['CREATE', 'UPDATE', 'DELETE'] },
  ],
  matchConditions: [
    {
      name: 'of-a-set',
      expression: `(${isOurs}) || (request.name.startsWith('${clusterSetNamespaceName('')}') && (${namedBy('object')}) != '')`,
    },
    { name: 'not-by-the-hub', expression: `request.userInfo.username != '${hubUserName}'` },
  ],
  variables: [
    { name: 'isOurs', expression: isOurs },
    { name: 'clusterSet', expression: namedBy('oldObject') },
    { name: 'named', expression: namedBy('object') },
  ],
  validations: [
    {
      expression: `!variables.isOurs || (request.operation == 'UPDATE' && ${valueIn('object', label.clusterSet)} == variables.clusterSet && (${valueIn('object', label.clusterSetLegacy)} == ${valueIn('oldObject', label.clusterSetLegacy)} || ${valueIn('object', label.clusterSetLegacy)} == variables.clusterSet) && ${valueIn('object', label.managedBy)} == '${managedByValue}')`,
      message: 'the namespace holds the ClusterProfiles of a ClusterSet: delete that instead',
      messageExpression: `'${message("' + variables.clusterSet + '")}'`,
      reason: 'Forbidden',
    },
    {
      expression: `variables.isOurs || variables.named == variables.clusterSet || authorizer.group('quarterdeck.dev').resource('clustersets').name(variables.named).check('join').allowed()`,
      message: 'making a namespace that of a ClusterSet needs the verb join on it',
      messageExpression: `'${handOverMessage("' + variables.named + '")}'`,
      reason: 'Forbidden',
    },
  ],
});
