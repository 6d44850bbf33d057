import { policyAnnotation } from '../constants/annotations.ts';
import { equalJson, fieldOf, listAt, valueAt } from '../kinds/value.ts';
import { definePolicy, type PolicyTwin } from './policy.ts';

const name = policyAnnotation.executeAs;
const workOnly = [policyAnnotation.dryRun, policyAnnotation.executeAs] as const;

const messageOf = (executor: string) =>
  `metadata.annotations[${name}]: what is executed as another needs the verb execute-as on serviceaccounts "${executor}"`;
const misplaced = `the annotations ${workOnly.join(' and ')} belong on the Work, not on its manifests`;

const executorOf = (object: unknown) => fieldOf(valueAt(object, 'metadata', 'annotations'), name);

const twin: PolicyTwin = ({ object, oldObject }, may) => {
  const isSame = oldObject !== undefined && equalJson(valueAt(object, 'spec'), valueAt(oldObject, 'spec'));
  const manifests = listAt(object, 'spec', 'workload', 'manifests');
  const hasMisplaced = manifests.some((manifest) =>
    workOnly.some((each) => fieldOf(valueAt(manifest, 'metadata', 'annotations'), each) !== undefined),
  );
  if (!isSame && hasMisplaced) return { reason: 'Invalid', message: misplaced };
  const executor = executorOf(object);
  if (executor === undefined || (isSame && executorOf(oldObject) === executor)) return undefined;
  const right = { verb: 'execute-as', group: '', resource: 'serviceaccounts', name: String(executor) };
  return may(right) ? undefined : { reason: 'Forbidden', message: messageOf(String(executor)) };
};

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
  twin,
});
