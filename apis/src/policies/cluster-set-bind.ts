import { definePolicy } from './policy.ts';

const messageOf = (clusterSet: string) =>
  `spec.clusterSet: binding needs the verb bind on clustersets.quarterdeck.dev "${clusterSet}"`;

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
});
