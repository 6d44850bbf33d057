import { policyAnnotation, workOnlyPolicies } from '../constants/annotations.ts';
import { hubUserName } from '../constants/identity.ts';
import { definePolicy } from './policy.ts';
import { workWrites } from './work-writes.ts';

const name = policyAnnotation.executeAs;

const misplaced = `the annotations ${workOnlyPolicies.join(', ')} belong on the Work, not on its manifests`;

/**
 * Who writes a Work or WorkSet that is executed as a named service account, or what it holds, may `execute-as` it. The name is
 * that of the service account on members, `namespace/name`; the right is given by a ClusterRole on the hub. What the hub writes
 * itself, the Works of a WorkSet, was asked of the author of that. DL-30, WK-41
 */
export const executeAs = definePolicy({
  name: 'execute-as.quarterdeck.dev',
  rules: workWrites,
  matchConditions: [
    { name: 'not-by-the-hub', expression: `request.userInfo.username != '${hubUserName}'` },
    {
      name: 'changes-content',
      expression: `oldObject == null || object.?spec != oldObject.?spec || object.metadata.?annotations[?'${name}'] != oldObject.metadata.?annotations[?'${name}']`,
    },
  ],
  variables: [
    { name: 'isWorkSet', expression: "request.resource.resource == 'worksets'" },
    {
      name: 'executor',
      expression: `variables.isWorkSet ? object.spec.?executeAs.orValue('') : object.metadata.?annotations[?'${name}'].orValue('')`,
    },
    {
      name: 'manifests',
      expression: 'object.?spec.?workload.?manifests.orValue([]).map(m, m.?metadata.?annotations.orValue({}))',
    },
  ],
  validations: [
    {
      expression: `!variables.manifests.exists(a, ${workOnlyPolicies.map((each) => `'${each}' in a`).join(' || ')})`,
      message: misplaced,
      reason: 'Invalid',
    },
    {
      expression:
        "variables.executor == '' || authorizer.group('').resource('serviceaccounts').name(variables.executor).check('execute-as').allowed()",
      message: 'what is executed as another needs the verb execute-as on its service account',
      messageExpression: `(variables.isWorkSet ? 'spec.executeAs' : 'metadata.annotations[${name}]') + ': what is executed as another needs the verb execute-as on serviceaccounts "' + variables.executor + '"'`,
      reason: 'Forbidden',
    },
  ],
});
