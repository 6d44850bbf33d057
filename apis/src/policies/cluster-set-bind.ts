import { valueAt } from '../kinds/value.ts';
import { definePolicy, type PolicyTwin } from './policy.ts';

const messageOf = (clusterSet: string) =>
  `spec.clusterSet: binding needs the verb bind on clustersets.quarterdeck.dev "${clusterSet}"`;

const twin: PolicyTwin = ({ object, oldObject }, may) => {
  const clusterSet = String(valueAt(object, 'spec', 'clusterSet'));
  if (valueAt(oldObject, 'spec', 'clusterSet') === clusterSet) return undefined;
  if (may({ verb: 'bind', group: 'quarterdeck.dev', resource: 'clustersets', name: clusterSet })) return undefined;
  return { reason: 'Forbidden', message: messageOf(clusterSet) };
};

/** The tenancy gate: who binds a set in a namespace, or moves a binding to it, may `bind` that set. PL-1 */
export const clusterSetBind = definePolicy({
  name: 'cluster-set-bind.quarterdeck.dev',
  rules: [
    {
      apiGroups: ['quarterdeck.dev'],
      apiVersions: ['*'],
      resources: ['clustersetbindings'],
      operations: ['CREATE', 'UPDATE'],
    },
  ],
  validations: [
    {
      expression:
        "(oldObject != null && oldObject.spec.clusterSet == object.spec.clusterSet) || authorizer.group('quarterdeck.dev').resource('clustersets').name(object.spec.clusterSet).check('bind').allowed()",
      message: 'spec.clusterSet: binding needs the verb bind on the ClusterSet',
      messageExpression: `'${messageOf("' + object.spec.clusterSet + '")}'`,
      reason: 'Forbidden',
    },
  ],
  twin,
});
