import { annotation } from '../constants/annotations.ts';
import { definePolicy } from './policy.ts';

const group = 'quarterdeck.dev';
const acceptMessage = (name: string) =>
  `spec.acceptance: setting it needs the verb accept on memberclusters.quarterdeck.dev "${name}"`;
const joinMessage = (clusterSet: string) =>
  `spec.clusterSet: setting it needs the verb join on clustersets.quarterdeck.dev "${clusterSet}"`;

const replaceMessage = (name: string) =>
  `metadata.annotations[${annotation.replaceBy}]: letting another cluster take the name over needs the verb accept on memberclusters.quarterdeck.dev "${name}"`;

const mayAccept = `authorizer.group('${group}').resource('memberclusters').name(object.metadata.name).check('accept').allowed()`;
const mayJoin = (clusterSet: string) =>
  `authorizer.group('${group}').resource('clustersets').name(${clusterSet}).check('join').allowed()`;

const replaceByOf = (object: string) => `${object}.metadata.?annotations[?'${annotation.replaceBy}'].orValue('')`;

/**
 * Setting acceptance needs `accept` on the MemberCluster; setting the set needs `join` on the new set, changing it on
 * the old one too: the one it named, and the one it is in while there is none of that name. A new MemberCluster counts as
 * Pending and in no set before. RG-3
 *
 * Who names the cluster that shall take a name over accepts that cluster by it, so the annotation needs `accept` too; taking
 * it away does not. RG-4, SEC-10
 */
export const memberClusterRights = definePolicy({
  name: 'member-cluster-rights.quarterdeck.dev',
  rules: [{ apiGroups: [group], apiVersions: ['*'], resources: ['memberclusters'], operations: ['CREATE', 'UPDATE'] }],
  variables: [
    { name: 'acceptanceBefore', expression: "oldObject == null ? 'Pending' : oldObject.spec.acceptance" },
    { name: 'setBefore', expression: "oldObject == null ? '' : oldObject.spec.clusterSet" },
    {
      name: 'setWithin',
      expression: "oldObject == null ? '' : oldObject.?status.?clusterSet.orValue(oldObject.spec.clusterSet)",
    },
    { name: 'replaceBy', expression: replaceByOf('object') },
    { name: 'replaceByBefore', expression: `oldObject == null ? '' : ${replaceByOf('oldObject')}` },
  ],
  validations: [
    {
      expression: `object.spec.acceptance == variables.acceptanceBefore || ${mayAccept}`,
      message: 'spec.acceptance: setting it needs the verb accept on the MemberCluster',
      messageExpression: `'${acceptMessage("' + object.metadata.name + '")}'`,
      reason: 'Forbidden',
    },
    {
      expression: `object.spec.clusterSet == variables.setBefore || ${mayJoin('object.spec.clusterSet')}`,
      message: 'spec.clusterSet: setting it needs the verb join on the ClusterSet',
      messageExpression: `'${joinMessage("' + object.spec.clusterSet + '")}'`,
      reason: 'Forbidden',
    },
    {
      expression: `variables.setBefore == '' || object.spec.clusterSet == variables.setBefore || ${mayJoin('variables.setBefore')}`,
      message: 'spec.clusterSet: leaving a set needs the verb join on it',
      messageExpression: `'${joinMessage("' + variables.setBefore + '")}'`,
      reason: 'Forbidden',
    },
    {
      expression: `object.spec.clusterSet == variables.setBefore || variables.setWithin == '' || variables.setWithin == variables.setBefore || variables.setWithin == object.spec.clusterSet || ${mayJoin('variables.setWithin')}`,
      message: 'spec.clusterSet: leaving a set needs the verb join on it',
      messageExpression: `'${joinMessage("' + variables.setWithin + '")}'`,
      reason: 'Forbidden',
    },
    {
      expression: `variables.replaceBy == '' || variables.replaceBy == variables.replaceByBefore || ${mayAccept}`,
      message: 'letting another cluster take the name over needs the verb accept on the MemberCluster',
      messageExpression: `'${replaceMessage("' + object.metadata.name + '")}'`,
      reason: 'Forbidden',
    },
  ],
});
