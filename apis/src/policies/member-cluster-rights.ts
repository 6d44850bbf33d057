import { definePolicy } from './policy.ts';

const group = 'quarterdeck.dev';
const acceptMessage = (name: string) =>
  `spec.acceptance: setting it needs the verb accept on memberclusters.quarterdeck.dev "${name}"`;
const joinMessage = (clusterSet: string) =>
  `spec.clusterSet: setting it needs the verb join on clustersets.quarterdeck.dev "${clusterSet}"`;

const mayJoin = (clusterSet: string) =>
  `authorizer.group('${group}').resource('clustersets').name(${clusterSet}).check('join').allowed()`;

/**
 * Setting acceptance needs `accept` on the MemberCluster; setting the set needs `join` on the new set, changing it on
 * the old one too. A new MemberCluster counts as Pending and in no set before. RG-3
 */
export const memberClusterRights = definePolicy({
  name: 'member-cluster-rights.quarterdeck.dev',
  rules: [{ apiGroups: [group], apiVersions: ['*'], resources: ['memberclusters'], operations: ['CREATE', 'UPDATE'] }],
  variables: [
    { name: 'acceptanceBefore', expression: "oldObject == null ? 'Pending' : oldObject.spec.acceptance" },
    { name: 'setBefore', expression: "oldObject == null ? '' : oldObject.spec.clusterSet" },
  ],
  validations: [
    {
      expression: `object.spec.acceptance == variables.acceptanceBefore || authorizer.group('${group}').resource('memberclusters').name(object.metadata.name).check('accept').allowed()`,
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
  ],
});
