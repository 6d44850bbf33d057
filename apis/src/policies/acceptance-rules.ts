import { definePolicy } from './policy.ts';

const group = 'quarterdeck.dev';
const joinMessage = (clusterSet: string) =>
  `spec.clusterSet: a rule that accepts into a set needs the verb join on clustersets.quarterdeck.dev "${clusterSet}"`;

/**
 * Who writes a rule accepts by it, so they need what they would need to accept each cluster themselves: `accept` on every
 * MemberCluster, and `join` on the set. RG-3
 */
export const acceptanceRules = definePolicy({
  name: 'acceptance-rules.quarterdeck.dev',
  rules: [{ apiGroups: [group], apiVersions: ['*'], resources: ['acceptancerules'], operations: ['CREATE', 'UPDATE'] }],
  matchConditions: [{ name: 'says-something-else', expression: 'oldObject == null || object.spec != oldObject.spec' }],
  validations: [
    {
      expression: `authorizer.group('${group}').resource('memberclusters').name('*').check('accept').allowed()`,
      message: 'a rule that accepts clusters needs the verb accept on memberclusters.quarterdeck.dev "*"',
      reason: 'Forbidden',
    },
    {
      expression: `authorizer.group('${group}').resource('clustersets').name(object.spec.clusterSet).check('join').allowed()`,
      message: 'spec.clusterSet: a rule that accepts into a set needs the verb join on it',
      messageExpression: `'${joinMessage("' + object.spec.clusterSet + '")}'`,
      reason: 'Forbidden',
    },
  ],
});
