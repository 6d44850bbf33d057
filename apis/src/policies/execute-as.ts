import { policyAnnotation } from '../constants/annotations.ts';
import { definePolicy } from './policy.ts';

const name = policyAnnotation.executeAs;
const workOnly = [policyAnnotation.dryRun, policyAnnotation.executeAs] as const;

const messageOf = (executor: string) =>
  `metadata.annotations[${name}]: what is executed as another needs the verb execute-as on serviceaccounts "${executor}"`;
const misplaced = `the annotations ${workOnly.join(' and ')} belong on the Work, not on its manifests`;

/**
 * Who writes a Work that is executed as a named service account, or what such a Work holds, may `execute-as` it. The name is
 * that of the service account on members, `namespace/name`; the right is given by a ClusterRole on the hub. DL-30, WK-41
 */
export const executeAs = definePolicy({
  name: 'execute-as.quarterdeck.dev',
  rules: [
    {
      apiGroups: ['multicluster.x-k8s.io'],
      apiVersions: ['*'],
      resources: ['works'],
      operations: ['CREATE', 'UPDATE'],
    },
  ],
  matchConditions: [
    {
      name: 'changes-content',
      expression: `oldObject == null || object.?spec != oldObject.?spec || object.metadata.?annotations[?'${name}'] != oldObject.metadata.?annotations[?'${name}']`,
    },
  ],
  variables: [
    { name: 'executor', expression: `object.metadata.?annotations[?'${name}'].orValue('')` },
    {
      name: 'manifests',
      expression: 'object.?spec.?workload.?manifests.orValue([]).map(m, m.?metadata.?annotations.orValue({}))',
    },
  ],
  validations: [
    {
      expression: `!variables.manifests.exists(a, ${workOnly.map((each) => `'${each}' in a`).join(' || ')})`,
      message: misplaced,
      reason: 'Invalid',
    },
    {
      expression:
        "variables.executor == '' || authorizer.group('').resource('serviceaccounts').name(variables.executor).check('execute-as').allowed()",
      message: 'what is executed as another needs the verb execute-as on its service account',
      messageExpression: `'${messageOf("' + variables.executor + '")}'`,
      reason: 'Forbidden',
    },
  ],
});
