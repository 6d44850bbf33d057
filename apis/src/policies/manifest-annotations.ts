import { manifestOnlyPolicies, type PolicyAnnotation, policySyntax } from '../constants/annotations.ts';
import { definePolicy } from './policy.ts';
import { workWrites } from './work-writes.ts';

/** A Work with its status, an entry for each manifest, has to fit one stored object. WK-28, BI-23 */
const maxManifests = 1000;

const names = Object.keys(policySyntax) as PolicyAnnotation[];
const quoted = (values: readonly string[]) => `[${values.map((value) => `'${value}'`).join(', ')}]`;
/** A CEL text, in which a backslash is written twice. */
const celText = (text: string) => `'${text.replaceAll('\\', '\\\\')}'`;
const mapOf = (part: 'pattern' | 'supported') =>
  `{${names.map((name) => `'${name}': ${celText(policySyntax[name][part])}`).join(', ')}}`;

const manifestOnlyMessage = `metadata.annotations: ${manifestOnlyPolicies.join(', ')} belongs on manifests`;
const workSetMessage =
  'metadata.annotations: a WorkSet says its policy in spec; these annotations belong on its manifests';

/**
 * Policy annotations on embedded manifests, and on the Work for all of them, have a value that exists. Everything
 * else is refused with its path rather than ignored. DL-10, DL-32
 */
export const manifestAnnotations = definePolicy({
  name: 'manifest-annotations.quarterdeck.dev',
  rules: workWrites,
  // An object that was stored with such a value before the policy was there can still lose its finalizers.
  matchConditions: [
    {
      name: 'changes-manifests',
      expression:
        'oldObject == null || object.?spec != oldObject.?spec || object.metadata.?annotations != oldObject.metadata.?annotations',
    },
  ],
  variables: [
    { name: 'names', expression: quoted(names) },
    { name: 'patterns', expression: mapOf('pattern') },
    { name: 'supported', expression: mapOf('supported') },
    { name: 'isWorkSet', expression: "request.resource.resource == 'worksets'" },
    { name: 'own', expression: 'object.metadata.?annotations.orValue({})' },
    // The annotations of the object itself come first; those of manifest i stand at position i + 1.
    {
      name: 'maps',
      expression:
        '[variables.isWorkSet ? {} : variables.own] + object.?spec.?workload.?manifests.orValue([]).map(m, m.?metadata.?annotations.orValue({}))',
    },
    {
      name: 'refused',
      // A server that is given too many would give up before it came to say so.
      expression: `size(variables.maps) > ${maxManifests} + 1 ? [] : variables.maps.filter(a, size(a) > 0 && variables.names.exists(n, n in a && !a[n].matches(variables.patterns[n])))`,
    },
    { name: 'position', expression: 'variables.maps.indexOf(variables.refused[0])' },
    {
      name: 'refusedName',
      expression:
        'variables.names.filter(n, n in variables.refused[0] && !variables.refused[0][n].matches(variables.patterns[n]))[0]',
    },
  ],
  validations: [
    {
      expression: 'size(variables.refused) == 0',
      message: 'a policy annotation has a value that is not supported',
      messageExpression:
        "(variables.position == 0 ? 'metadata.annotations' : 'spec.workload.manifests[' + string(variables.position - 1) + '].metadata.annotations') + '[' + variables.refusedName + ']: unsupported value \"' + variables.refused[0][variables.refusedName] + '\"; supported: ' + variables.supported[variables.refusedName]",
      reason: 'Invalid',
    },
    {
      expression: '!variables.isWorkSet || !variables.names.exists(n, n in variables.own)',
      message: workSetMessage,
      reason: 'Invalid',
    },
    {
      expression: `size(object.?spec.?workload.?manifests.orValue([])) <= ${maxManifests}`,
      message: `spec.workload.manifests: at most ${maxManifests} manifests, since what became of each stands in one object: make several Works`,
      reason: 'Invalid',
    },
    {
      expression: `variables.isWorkSet || !${quoted(manifestOnlyPolicies)}.exists(n, n in variables.own)`,
      message: manifestOnlyMessage,
      reason: 'Invalid',
    },
  ],
});
