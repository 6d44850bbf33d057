import type { FieldError } from '@quarterdeck/apis';
import { isJsonObject, type JsonObject } from '@quarterdeck/machinery';
import {
  forbiddenField,
  invalidField,
  objectAt,
  requiredField,
  stringAt,
  tooLongField,
  valueAt,
} from '../../registry/fields.ts';
import { dnsLabelProblems, dnsSubdomainProblems } from '../../registry/names.ts';
import { immutable, named, oneOf } from '../checks.ts';
import { cell } from '../columns.ts';
import { dataKind } from '../data-kind.ts';
import { withPart, withSpec } from '../defaults.ts';
import { referenceErrors } from './ingresses.ts';

const controllerBytes = 250;

/** `example.com/some/path` */
function domainPathErrors(text: string, path: string): FieldError[] {
  if (text === '') return [requiredField(path)];
  const [domain = '', ...rest] = text.split('/');
  if (rest.length === 0 || domain === '' || rest.join('/') === '') {
    return [invalidField(path, text, 'must be a domain-prefixed path (such as "acme.io/foo")')];
  }
  return [
    ...dnsSubdomainProblems(domain).map((problem) => invalidField(path, domain, problem)),
    ...(/^[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/.test(rest.join('/'))
      ? []
      : [invalidField(path, rest.join('/'), 'must consist of the characters of a URL path')]),
  ];
}

function validate(ingressClass: JsonObject): FieldError[] {
  const controller = stringAt(ingressClass, 'spec', 'controller');
  const parameters = valueAt(ingressClass, 'spec', 'parameters');
  return [
    ...(controller.length > controllerBytes ? [tooLongField('spec.controller', controllerBytes)] : []),
    ...domainPathErrors(controller, 'spec.controller'),
    ...(isJsonObject(parameters) ? parameterErrors(parameters, 'spec.parameters') : []),
  ];
}

function parameterErrors(parameters: JsonObject, path: string): FieldError[] {
  const isNamespaced = stringAt(parameters, 'scope') === 'Namespace';
  const namespace = valueAt(parameters, 'namespace');
  const at = `${path}.namespace`;
  return [
    ...referenceErrors(parameters, path),
    ...oneOf(parameters, path, 'scope', ['Cluster', 'Namespace'], true),
    ...(isNamespaced && namespace === undefined ? [requiredField(at, "`parameters.scope` is set to 'Namespace'")] : []),
    ...(isNamespaced ? named(parameters, path, 'namespace', dnsLabelProblems) : []),
    ...(!isNamespaced && namespace !== undefined ? [forbiddenField(at, "`parameters.scope` is set to 'Cluster'")] : []),
  ];
}

function parametersText(ingressClass: JsonObject): string | undefined {
  const parameters = objectAt(ingressClass, 'spec', 'parameters');
  const [kind, group, name] = ['kind', 'apiGroup', 'name'].map((field) => stringAt(parameters, field));
  return kind === '' ? undefined : `${kind}${group === '' ? '' : `.${group}`}/${name}`;
}

/** KA-3 */
export const ingressClasses = dataKind({
  group: 'networking.k8s.io',
  kind: 'IngressClass',
  plural: 'ingressclasses',
  scope: 'Cluster',
  columns: [
    cell('Controller', 'Who serves the Ingresses of this class.', (object) => stringAt(object, 'spec', 'controller')),
    cell('Parameters', 'An object with more settings.', parametersText),
  ],
  strategy: {
    hasGeneration: true,
    complete: (object) =>
      withSpec(object, (spec) => withPart(spec, 'parameters', (part) => ({ ...part, scope: part.scope ?? 'Cluster' }))),
    validate,
    validateUpdate: (object, old) => immutable(object, old, 'spec', 'controller'),
  },
});
