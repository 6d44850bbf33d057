import type { FieldError } from '@quarterdeck/apis';
import type { JsonObject } from '@quarterdeck/machinery';
import {
  forbiddenField,
  invalidField,
  numberAt,
  objectAt,
  objectsAt,
  requiredField,
  stringAt,
  valueAt,
} from '../../registry/fields.ts';
import { dnsSubdomainProblems, pathSegmentProblems } from '../../registry/names.ts';
import { named, oneOf } from '../checks.ts';
import { cell } from '../columns.ts';
import { dataKind, status } from '../data-kind.ts';

/** The name is what it is about: `v1.apps`, `v1.` for core. */
export function apiServiceName(group: string, version: string): string {
  return `${version}.${group}`;
}

function validate(service: JsonObject): FieldError[] {
  const spec = objectAt(service, 'spec');
  const [group, version] = [stringAt(spec, 'group'), stringAt(spec, 'version')];
  const name = stringAt(service, 'metadata', 'name');
  const wanted = apiServiceName(group, version);
  return [
    ...(name === wanted
      ? []
      : [invalidField('metadata.name', name, `must be \`spec.version+"."+spec.group\`: "${wanted}"`)]),
    ...(group === '' && version !== 'v1'
      ? [requiredField('spec.group', 'only v1 may have an empty group and it better be legacy kube')]
      : named(spec, 'spec', 'group', dnsSubdomainProblems)),
    ...(/^[a-z](?:[-a-z0-9]*[a-z0-9])?$/.test(version)
      ? []
      : [invalidField('spec.version', version, 'must be a DNS-1035 label such as v1')]),
    ...priorityErrors(spec, 'groupPriorityMinimum', 20_000),
    ...priorityErrors(spec, 'versionPriority', 1000),
    ...localErrors(spec),
    ...objectsAt(service, 'status', 'conditions').flatMap((condition, index) =>
      oneOf(condition, `status.conditions[${index}]`, 'status', ['True', 'False', 'Unknown']),
    ),
  ];
}

function priorityErrors(spec: JsonObject, field: string, most: number): FieldError[] {
  const value = numberAt(spec, field) ?? 0;
  return value > 0 && value <= most
    ? []
    : [invalidField(`spec.${field}`, value, `must be positive and less than ${most}`)];
}

/** This server answers for all of its groups itself. */
function localErrors(spec: JsonObject): FieldError[] {
  if (valueAt(spec, 'service') !== undefined) {
    return [
      forbiddenField(
        'spec.service',
        'this server does not pass requests on to other API servers; leave the service out, or define the kinds by CustomResourceDefinitions',
      ),
    ];
  }
  return [
    ...(stringAt(spec, 'caBundle') === ''
      ? []
      : [invalidField('spec.caBundle', '<bytes>', 'local APIServices may not have a caBundle')]),
    ...(valueAt(spec, 'insecureSkipTLSVerify') === true
      ? [invalidField('spec.insecureSkipTLSVerify', true, 'local APIServices may not have insecureSkipTLSVerify')]
      : []),
  ];
}

function availableText(service: JsonObject): string {
  const available = objectsAt(service, 'status', 'conditions').find((one) => stringAt(one, 'type') === 'Available');
  if (available === undefined) return 'Unknown';
  const [state, reason] = [stringAt(available, 'status'), stringAt(available, 'reason')];
  return state === 'True' || reason === '' ? state : `${state} (${reason})`;
}

/** One of each served group version, kept by a controller. KA-2 */
export const apiServices = dataKind({
  group: 'apiregistration.k8s.io',
  kind: 'APIService',
  plural: 'apiservices',
  scope: 'Cluster',
  categories: ['api-extensions'],
  columns: [
    cell('Service', 'Who answers.', (service) => {
      const reference = objectAt(service, 'spec', 'service');
      return valueAt(service, 'spec', 'service') === undefined
        ? 'Local'
        : `${stringAt(reference, 'namespace')}/${stringAt(reference, 'name')}`;
    }),
    cell('Available', 'Whether it answers.', availableText),
  ],
  subresources: { status },
  strategy: { allowUnconditionalUpdate: false, validateName: pathSegmentProblems, validate },
});
