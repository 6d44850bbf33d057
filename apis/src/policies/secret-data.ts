import { policyAnnotation } from '../constants/annotations.ts';
import { hubUserName } from '../constants/identity.ts';
import { definePolicy } from './policy.ts';
import { workWrites } from './work-writes.ts';

const name = policyAnnotation.secretDataFrom;
/** So many that a server may ask for the right to each of them. */
const maxReferences = 20;

const isSecret = "m.?apiVersion.orValue('') == 'v1' && m.?kind.orValue('') == 'Secret'";
const at = (position: string) => `'spec.workload.manifests[' + string(${position}) + ']`;

/**
 * Data of Secrets stands in no Work: the manifest of a Secret names one beside the Work on the hub instead, and who writes such
 * a Work, or anything else of it, may `get` that one. A WorkSet goes to many namespaces of members, so its author may get the
 * name in all of them. What the hub writes itself was asked of the author of the WorkSet. DL-31, SEC-11, SEC-12
 */
export const secretData = definePolicy({
  name: 'secret-data.quarterdeck.dev',
  rules: workWrites,
  matchConditions: [
    { name: 'changes-content', expression: 'oldObject == null || object.?spec != oldObject.?spec' },
    { name: 'not-by-the-hub', expression: `request.userInfo.username != '${hubUserName}'` },
  ],
  variables: [
    { name: 'manifests', expression: 'object.?spec.?workload.?manifests.orValue([])' },
    {
      name: 'withData',
      expression: `variables.manifests.filter(m, ${isSecret} && (m.?data.hasValue() || m.?stringData.hasValue()))`,
    },
    {
      name: 'referring',
      expression: `variables.manifests.filter(m, '${name}' in m.?metadata.?annotations.orValue({}))`,
    },
    { name: 'misplaced', expression: `variables.referring.filter(m, !(${isSecret}))` },
    { name: 'names', expression: `variables.referring.map(m, string(m.metadata.annotations['${name}']))` },
    { name: 'secrets', expression: "authorizer.group('').resource('secrets')" },
  ],
  validations: [
    {
      expression: 'size(variables.withData) == 0',
      message: 'data of Secrets stands in no Work',
      messageExpression: `${at('variables.manifests.indexOf(variables.withData[0])')}: data of a Secret stands in no Work: keep it in a Secret in the namespace of the member on the hub, and name that with the annotation ${name}'`,
      reason: 'Invalid',
    },
    {
      expression: 'size(variables.misplaced) == 0',
      message: 'only the manifest of a Secret gets the data of a Secret',
      messageExpression: `${at('variables.manifests.indexOf(variables.misplaced[0])')}: the annotation ${name} belongs on manifests of Secrets'`,
      reason: 'Invalid',
    },
    {
      expression: `size(variables.names) <= ${maxReferences}`,
      message: `at most ${maxReferences} manifests of a Work get the data of Secrets`,
      reason: 'Invalid',
    },
    {
      expression:
        "variables.names.all(n, (request.resource.resource == 'worksets' ? variables.secrets : variables.secrets.namespace(object.metadata.namespace)).name(n).check('get').allowed())",
      message: 'referring to a Secret needs the verb get on it',
      // Which one it was is not asked again: a message cannot ask for rights.
      messageExpression: `'annotation ${name}: referring to Secrets needs the verb get on each of them: ' + variables.names.join(', ')`,
      reason: 'Forbidden',
    },
  ],
});
