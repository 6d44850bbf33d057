import type { FieldError } from '@quarterdeck/apis';
import { isJsonObject, type JsonObject } from '@quarterdeck/machinery';
import {
  invalidField,
  listAt,
  numberAt,
  objectAt,
  objectsAt,
  requiredField,
  stringAt,
  stringsAt,
  valueAt,
} from '../../registry/fields.ts';
import { dnsSubdomainProblems, pathSegmentProblems } from '../../registry/names.ts';
import { each, named, needed, oneOf } from '../checks.ts';
import { cell, someOf } from '../columns.ts';
import { dataKind, status } from '../data-kind.ts';
import { familyOf, ipErrors } from './ip.ts';
import { portErrors, portNameProblems } from './ports.ts';

const classAnnotation = 'kubernetes.io/ingress.class';

/** A DNS name, or one whose first label is `*`. */
function hostProblems(host: string): readonly string[] {
  if (!host.includes('*')) return dnsSubdomainProblems(host);
  return host.startsWith('*.') && dnsSubdomainProblems(host.slice(2)).length === 0
    ? []
    : [
        "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com')",
      ];
}

function validate(ingress: JsonObject): FieldError[] {
  const spec = objectAt(ingress, 'spec');
  const backend = valueAt(spec, 'defaultBackend');
  return [
    ...(listAt(spec, 'rules').length === 0 && backend === undefined
      ? [invalidField('spec', [], 'either `defaultBackend` or `rules` must be specified')]
      : []),
    ...(isJsonObject(backend) ? backendErrors(backend, 'spec.defaultBackend') : []),
    ...each(spec, 'spec', 'rules', ruleErrors),
    ...each(spec, 'spec', 'tls', (tls, path) => [
      ...stringsAt(tls, 'hosts').flatMap((host, index) =>
        hostProblems(host).map((problem) => invalidField(`${path}.hosts[${index}]`, host, problem)),
      ),
      ...named(tls, path, 'secretName', dnsSubdomainProblems),
    ]),
    ...named(spec, 'spec', 'ingressClassName', dnsSubdomainProblems),
    ...each(objectAt(ingress, 'status', 'loadBalancer'), 'status.loadBalancer', 'ingress', (point, path) => {
      const ip = stringAt(point, 'ip');
      return [...(ip === '' ? [] : ipErrors(ip, `${path}.ip`)), ...hostErrors(point, path, 'hostname')];
    }),
  ];
}

function hostErrors(object: JsonObject, path: string, field: string): FieldError[] {
  const host = stringAt(object, field);
  if (host === '') return [];
  return [
    ...(familyOf(host) === undefined
      ? []
      : [invalidField(`${path}.${field}`, host, 'must be a DNS name, not an IP address')]),
    ...hostProblems(host).map((problem) => invalidField(`${path}.${field}`, host, problem)),
  ];
}

function ruleErrors(rule: JsonObject, path: string): FieldError[] {
  const { http } = rule;
  if (!isJsonObject(http)) return hostErrors(rule, path, 'host');
  return [
    ...hostErrors(rule, path, 'host'),
    ...needed(http, `${path}.http`, 'paths'),
    ...each(http, `${path}.http`, 'paths', pathErrors),
  ];
}

const forbiddenSequences = ['//', '/./', '/../', '%2f', '%2F'];
const forbiddenEnds = ['/..', '/.'];

function pathErrors(rule: JsonObject, path: string): FieldError[] {
  const type = stringAt(rule, 'pathType');
  const text = stringAt(rule, 'path');
  const at = `${path}.path`;
  const isChecked = type === 'Exact' || type === 'Prefix';
  const isRelative = !text.startsWith('/') && (isChecked || text !== '');
  return [
    ...oneOf(rule, path, 'pathType', ['Exact', 'ImplementationSpecific', 'Prefix'], true),
    ...(isRelative ? [invalidField(at, text, 'must be an absolute path')] : []),
    ...(isChecked ? forbiddenSequences : [])
      .filter((sequence) => text.includes(sequence))
      .map((sequence) => invalidField(at, text, `must not contain '${sequence}'`)),
    ...(isChecked ? forbiddenEnds : [])
      .filter((end) => text.endsWith(end))
      .map((end) => invalidField(at, text, `cannot end with '${end}'`)),
    ...backendErrors(objectAt(rule, 'backend'), `${path}.backend`),
  ];
}

function backendErrors(backend: JsonObject, path: string): FieldError[] {
  const { service, resource } = backend;
  if (isJsonObject(service) && isJsonObject(resource)) {
    return [invalidField(path, '', 'cannot set both resource and service backends')];
  }
  if (isJsonObject(resource)) return referenceErrors(resource, `${path}.resource`);
  if (!isJsonObject(service)) return [invalidField(path, '', 'resource or service backend is required')];
  return [
    ...named(service, `${path}.service`, 'name', dnsSubdomainProblems, true),
    ...backendPortErrors(service, path),
  ];
}

function backendPortErrors(service: JsonObject, path: string): FieldError[] {
  const port = objectAt(service, 'port');
  const hasName = stringAt(port, 'name') !== '';
  const hasNumber = (numberAt(port, 'number') ?? 0) !== 0;
  if (hasName && hasNumber) return [invalidField(path, '', 'cannot set both port name & port number')];
  if (hasName) return named(port, `${path}.service.port`, 'name', portNameProblems);
  if (hasNumber) return portErrors(port, `${path}.service.port`, 'number');
  return [requiredField(path, 'port name or number is required')];
}

/** A reference to an object of any kind. */
export function referenceErrors(reference: JsonObject, path: string): FieldError[] {
  return [
    ...named(reference, path, 'apiGroup', dnsSubdomainProblems),
    ...named(reference, path, 'kind', pathSegmentProblems, true),
    ...named(reference, path, 'name', pathSegmentProblems, true),
  ];
}

function classErrors(ingress: JsonObject): FieldError[] {
  const annotation = stringAt(ingress, 'metadata', 'annotations', classAnnotation);
  const name = stringAt(ingress, 'spec', 'ingressClassName');
  return annotation === '' || name === '' || annotation === name
    ? []
    : [
        invalidField(
          `annotations.${classAnnotation}`,
          annotation,
          'must match `ingressClassName` when both are specified',
        ),
      ];
}

function hostsText(ingress: JsonObject): string {
  const rules = objectsAt(ingress, 'spec', 'rules');
  const hosts = rules.map((rule) => stringAt(rule, 'host')).filter((host) => host !== '');
  return someOf(hosts, 3, '*');
}

function addressText(ingress: JsonObject): string {
  const points = objectsAt(ingress, 'status', 'loadBalancer', 'ingress');
  return [...new Set(points.map((point) => stringAt(point, 'ip') || stringAt(point, 'hostname')))]
    .filter((text) => text !== '')
    .sort()
    .join(',');
}

/** KA-3 */
export const ingresses = dataKind({
  group: 'networking.k8s.io',
  kind: 'Ingress',
  plural: 'ingresses',
  scope: 'Namespaced',
  shortNames: ['ing'],
  columns: [
    cell(
      'Class',
      'The IngressClass that serves it.',
      (ingress) => stringAt(ingress, 'spec', 'ingressClassName') || undefined,
    ),
    cell('Hosts', 'Names that it answers for.', hostsText),
    cell('Address', 'Where it is reached.', addressText),
    cell('Ports', 'Ports that it answers on.', (ingress) =>
      listAt(ingress, 'spec', 'tls').length === 0 ? '80' : '80, 443',
    ),
  ],
  subresources: { status },
  strategy: { hasGeneration: true, validate, validateCreate: classErrors },
});
