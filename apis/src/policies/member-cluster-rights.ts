import { valueAt } from '../kinds/value.ts';
import { definePolicy, type PolicyTwin, type Refusal, type Right } from './policy.ts';

const group = 'quarterdeck.dev';
const acceptMessage = (name: string) =>
  `spec.acceptance: setting it needs the verb accept on memberclusters.quarterdeck.dev "${name}"`;
const joinMessage = (clusterSet: string) =>
  `spec.clusterSet: setting it needs the verb join on clustersets.quarterdeck.dev "${clusterSet}"`;

const needs = (right: Right, message: string) => ({
  right,
  refusal: { reason: 'Forbidden', message } satisfies Refusal,
});
const join = (clusterSet: string) =>
  needs({ verb: 'join', group, resource: 'clustersets', name: clusterSet }, joinMessage(clusterSet));

/** The rights beyond create and update that the change asks for, in the order they are asked. */
function* neededFor(object: unknown, oldObject: unknown) {
  const acceptance = valueAt(object, 'spec', 'acceptance');
  if (acceptance !== (valueAt(oldObject, 'spec', 'acceptance') ?? 'Pending')) {
    const name = String(valueAt(object, 'metadata', 'name'));
    yield needs({ verb: 'accept', group, resource: 'memberclusters', name }, acceptMessage(name));
  }
  const clusterSet = String(valueAt(object, 'spec', 'clusterSet'));
  const oldClusterSet = valueAt(oldObject, 'spec', 'clusterSet');
  if (clusterSet === oldClusterSet) return;
  yield join(clusterSet);
  if (oldClusterSet !== undefined) yield join(String(oldClusterSet));
}

const twin: PolicyTwin = ({ object, oldObject }, may) => {
  for (const { right, refusal } of neededFor(object, oldObject)) {
    if (!may(right)) return refusal;
  }
  return undefined;
};

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
  twin,
});
