import type { FieldError } from '@quarterdeck/apis';
import { compareQuantities, isJsonObject, type JsonObject } from '@quarterdeck/machinery';
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
import { configKeyProblems, dnsLabelProblems, dnsSubdomainProblems } from '../../registry/names.ts';
import { duplicateField, each, named, needed, notFoundField, oneOf, quantityOrNone } from '../checks.ts';
import { portErrors, portNameProblems, protocols } from '../network/ports.ts';
import { canOvercommit, containerResourceErrors, resourceListErrors } from '../policy/resource-names.ts';
import { probesErrors } from './handler-rules.ts';

const policies = ['Always', 'IfNotPresent', 'Never'];
const messagePolicies = ['FallbackToLogsOnError', 'File'];

/** All containers of a pod, whose names differ among them. KA-3 */
export function containersErrors(spec: JsonObject, path: string): FieldError[] {
  const volumes = new Set(objectsAt(spec, 'volumes').map((volume) => stringAt(volume, 'name')));
  const taken = new Set<string>();
  const list = (field: string, more: (container: JsonObject, at: string) => FieldError[]) =>
    each(spec, path, field, (container, at) => {
      const name = stringAt(container, 'name');
      const isTaken = name !== '' && taken.has(name);
      taken.add(name);
      return [
        ...containerErrors(container, at, volumes),
        ...(isTaken ? [duplicateField(`${at}.name`, name)] : []),
        ...more(container, at),
      ];
    });
  return [
    ...(objectsAt(spec, 'containers').length === 0 ? [requiredField(`${path}.containers`)] : []),
    ...list('containers', probesErrors),
    ...list('initContainers', initErrors),
    ...hostPortConflicts(objectsAt(spec, 'containers'), `${path}.containers`),
  ];
}

function initErrors(container: JsonObject, path: string): FieldError[] {
  const policy = stringAt(container, 'restartPolicy');
  if (policy === 'Always') return probesErrors(container, path);
  return ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe']
    .filter((field) => valueAt(container, field) !== undefined)
    .map((field) =>
      forbiddenField(`${path}.${field}`, 'may not be set for init containers without restartPolicy=Always'),
    );
}

function containerErrors(container: JsonObject, path: string, volumes: ReadonlySet<string>): FieldError[] {
  const image = stringAt(container, 'image');
  return [
    ...named(container, path, 'name', dnsLabelProblems, true),
    ...(image === '' ? [requiredField(`${path}.image`)] : []),
    ...(image !== image.trim()
      ? [invalidField(`${path}.image`, image, 'must not have leading or trailing whitespace')]
      : []),
    ...oneOf(container, path, 'terminationMessagePolicy', messagePolicies, true),
    ...oneOf(container, path, 'imagePullPolicy', policies, true),
    ...containerPortErrors(container, path),
    ...each(container, path, 'env', variableErrors),
    ...each(container, path, 'envFrom', sourceErrors),
    ...mountErrors(container, path, volumes),
    ...resourceErrors(objectAt(container, 'resources'), `${path}.resources`),
  ];
}

function containerPortErrors(container: JsonObject, path: string): FieldError[] {
  const names = objectsAt(container, 'ports').map((port) => stringAt(port, 'name'));
  return each(container, path, 'ports', (port, at, index) => [
    ...named(port, at, 'name', portNameProblems),
    ...(names.indexOf(names[index] ?? '') < index && names[index] !== ''
      ? [duplicateField(`${at}.name`, names[index] ?? '')]
      : []),
    ...((numberAt(port, 'containerPort') ?? 0) === 0
      ? [requiredField(`${at}.containerPort`)]
      : portErrors(port, at, 'containerPort')),
    ...((numberAt(port, 'hostPort') ?? 0) === 0 ? [] : portErrors(port, at, 'hostPort')),
    ...oneOf(port, at, 'protocol', protocols, true),
  ]);
}

function hostPortConflicts(containers: readonly JsonObject[], path: string): FieldError[] {
  const seen = new Set<string>();
  return containers.flatMap((container, index) =>
    objectsAt(container, 'ports').flatMap((port, portIndex) => {
      const hostPort = numberAt(port, 'hostPort') ?? 0;
      if (hostPort === 0) return [];
      const key = `${stringAt(port, 'protocol')}/${stringAt(port, 'hostIP')}/${hostPort}`;
      const isTaken = seen.has(key);
      seen.add(key);
      return isTaken ? [duplicateField(`${path}[${index}].ports[${portIndex}].hostPort`, key)] : [];
    }),
  );
}

function variableErrors(variable: JsonObject, path: string): FieldError[] {
  const name = stringAt(variable, 'name');
  const from = valueAt(variable, 'valueFrom');
  return [
    ...(name === '' ? [requiredField(`${path}.name`)] : []),
    ...(name !== '' && !/^[\x20-\x3c\x3e-\x7e]+$/.test(name)
      ? [
          invalidField(
            `${path}.name`,
            name,
            "a valid environment variable name must consist only of printable ASCII characters other than '='",
          ),
        ]
      : []),
    ...(isJsonObject(from) ? valueFromErrors(from, `${path}.valueFrom`, stringAt(variable, 'value') !== '') : []),
  ];
}

const valueSources = ['fieldRef', 'resourceFieldRef', 'configMapKeyRef', 'secretKeyRef'];
const podFields = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];

function valueFromErrors(from: JsonObject, path: string, hasValue: boolean): FieldError[] {
  const given = [...valueSources, 'fileKeyRef'].filter((source) => isJsonObject(valueAt(from, source)));
  const list = valueSources.map((source) => `\`${source}\``);
  const count =
    given.length === 0
      ? `must specify one of: ${list.slice(0, -1).join(', ')} or ${list.at(-1) ?? ''}`
      : hasValue
        ? 'may not be specified when `value` is not empty'
        : given.length > 1
          ? 'may not have more than one field specified at a time'
          : '';
  return [
    ...given.flatMap((source) => referenceErrors(source, objectAt(from, source), `${path}.${source}`)),
    ...(count === '' ? [] : [invalidField(path, '', count)]),
  ];
}

function referenceErrors(source: string, reference: JsonObject, path: string): FieldError[] {
  switch (source) {
    case 'fieldRef':
      return fieldPathErrors(reference, path);
    case 'configMapKeyRef':
    case 'secretKeyRef':
      return [...needed(reference, path, 'name'), ...named(reference, path, 'key', configKeyProblems, true)];
    case 'resourceFieldRef':
      return needed(reference, path, 'resource');
    default:
      return [];
  }
}

function fieldPathErrors(reference: JsonObject, path: string): FieldError[] {
  const field = stringAt(reference, 'fieldPath');
  if (field === '') return [requiredField(`${path}.fieldPath`)];
  if (/^metadata\.(?:annotations|labels)\['[^']+'\]$/.test(field)) return [];
  return podFields.includes(field)
    ? []
    : [invalidField(`${path}.fieldPath`, field, 'error converting fieldPath: field label not supported')];
}

function sourceErrors(source: JsonObject, path: string): FieldError[] {
  const given = ['configMapRef', 'secretRef'].filter((field) => isJsonObject(valueAt(source, field)));
  const count =
    given.length === 0
      ? 'must specify one of: `configMapRef` or `secretRef`'
      : 'may not have more than one field specified at a time';
  return [
    ...given.flatMap((field) => named(objectAt(source, field), `${path}.${field}`, 'name', dnsSubdomainProblems, true)),
    ...(given.length === 1 ? [] : [invalidField(path, '', count)]),
  ];
}

function mountErrors(container: JsonObject, path: string, volumes: ReadonlySet<string>): FieldError[] {
  const paths = new Set<string>();
  return each(container, path, 'volumeMounts', (mount, at) => {
    const name = stringAt(mount, 'name');
    const mountPath = stringAt(mount, 'mountPath');
    const isTaken = paths.has(mountPath);
    paths.add(mountPath);
    return [
      ...needed(mount, at, 'name'),
      ...(volumes.has(name) ? [] : [notFoundField(`${at}.name`, name)]),
      ...needed(mount, at, 'mountPath'),
      ...(isTaken ? [invalidField(`${at}.mountPath`, mountPath, 'must be unique')] : []),
      ...['subPath', 'subPathExpr'].flatMap((field) => descendingErrors(mount, `${path}.volumeMounts`, field)),
      ...(stringAt(mount, 'subPath') !== '' && stringAt(mount, 'subPathExpr') !== ''
        ? [
            invalidField(
              `${at}.subPathExpr`,
              stringAt(mount, 'subPathExpr'),
              'subPathExpr and subPath are mutually exclusive',
            ),
          ]
        : []),
    ];
  });
}

/** A path that stays below where it starts. */
function descendingErrors(mount: JsonObject, path: string, field: string): FieldError[] {
  const text = stringAt(mount, field);
  return [
    ...(text.startsWith('/') ? [invalidField(`${path}.${field}`, text, 'must be a relative path')] : []),
    ...(text.split('/').includes('..') ? [invalidField(`${path}.${field}`, text, "must not contain '..'")] : []),
  ];
}

/** Requests and limits: names, amounts, and requests within their limits. */
export function resourceErrors(resources: JsonObject, path: string): FieldError[] {
  const limits = objectAt(resources, 'limits');
  const requests = objectAt(resources, 'requests');
  return [
    ...resourceListErrors(limits, `${path}.limits`, containerResourceErrors),
    ...resourceListErrors(requests, `${path}.requests`, containerResourceErrors),
    ...Object.keys(requests).flatMap((name) => requestErrors(name, requests, limits, path)),
  ];
}

function requestErrors(name: string, requests: JsonObject, limits: JsonObject, path: string): FieldError[] {
  const [request, limit] = [quantityOrNone(requests[name]), quantityOrNone(limits[name])];
  const strict = !canOvercommit(name);
  if (request === undefined) return [];
  if (limit === undefined) {
    return strict && limits[name] === undefined
      ? [requiredField(`${path}.limits`, 'Limit must be set for non overcommitable resources')]
      : [];
  }
  const order = compareQuantities(request, limit);
  const bound = strict ? 'equal to' : 'less than or equal to';
  if (strict ? order === 0 : order <= 0) return [];
  return [
    invalidField(
      `${path}.requests`,
      String(requests[name]),
      `must be ${bound} ${name} limit of ${String(limits[name])}`,
    ),
  ];
}
