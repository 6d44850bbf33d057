import { annotation, policyAnnotation, policySyntax } from '../constants/annotations.ts';
import { definePolicy } from './policy.ts';

const name = annotation.defaultExecutor;
const { pattern, supported } = policySyntax[policyAnnotation.executeAs];
const messageOf = (executor: string) =>
  `metadata.annotations[${name}]: it is set and taken away by those who may execute-as serviceaccounts "${executor}"`;
const mayExecuteAs = (executor: string) =>
  `${executor} == '' || authorizer.group('').resource('serviceaccounts').name(${executor}).check('execute-as').allowed()`;

/**
 * What Works and WorkSets of a namespace are executed as when they name nobody is an admin's to say: it takes the right on the
 * service account that is named, and on the one that was named before, so that nobody widens what a namespace may do by taking
 * its default away. DL-30
 */
export const defaultExecutor = definePolicy({
  name: 'default-executor.quarterdeck.dev',
  rules: [{ apiGroups: [''], apiVersions: ['*'], resources: ['namespaces'], operations: ['CREATE', 'UPDATE'] }],
  matchConditions: [
    {
      name: 'changes-the-default',
      expression: `object.metadata.?annotations[?'${name}'].orValue('') != (oldObject == null ? '' : oldObject.metadata.?annotations[?'${name}'].orValue(''))`,
    },
  ],
  variables: [
    { name: 'executor', expression: `object.metadata.?annotations[?'${name}'].orValue('')` },
    {
      name: 'before',
      expression: `oldObject == null ? '' : oldObject.metadata.?annotations[?'${name}'].orValue('')`,
    },
  ],
  validations: [
    {
      expression: `variables.executor == '' || variables.executor.matches('${pattern}')`,
      message: `metadata.annotations[${name}]: supported: ${supported}`,
      reason: 'Invalid',
    },
    {
      expression: mayExecuteAs('variables.executor'),
      message: 'setting a default executor needs the verb execute-as on its service account',
      messageExpression: `'${messageOf("' + variables.executor + '")}'`,
      reason: 'Forbidden',
    },
    {
      expression: mayExecuteAs('variables.before'),
      message: 'taking a default executor away needs the verb execute-as on its service account',
      messageExpression: `'${messageOf("' + variables.before + '")}'`,
      reason: 'Forbidden',
    },
  ],
});
