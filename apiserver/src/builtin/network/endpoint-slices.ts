import type { FieldError } from '@quarterdeck/apis';
import { equalValues, type JsonObject, type JsonValue } from '@quarterdeck/machinery';
import {
  invalidField,
  listAt,
  objectAt,
  objectsAt,
  requiredField,
  stringAt,
  stringsAt,
  unsupportedField,
  valueAt,
} from '../../registry/fields.ts';
import { dnsLabelProblems, dnsSubdomainProblems, labelValueProblems } from '../../registry/names.ts';
import { duplicateField, each, immutable, named, tooManyField } from '../checks.ts';
import { cell, someOf } from '../columns.ts';
import { dataKind } from '../data-kind.ts';
import { withEach } from '../defaults.ts';
import { endpointIpErrors, familyOf, ipErrors } from './ip.ts';
import { commonPortErrors } from './ports.ts';

const addressTypes = ['FQDN', 'IPv4', 'IPv6'];
const limits = { endpoints: 1000, addresses: 100, ports: 20_000, hints: 8 };

function validate(slice: JsonObject): FieldError[] {
  const type = stringAt(slice, 'addressType');
  return [
    ...(type !== '' && !addressTypes.includes(type) ? [unsupportedField('addressType', type, addressTypes)] : []),
    ...portsErrors(slice),
  ];
}

function portsErrors(slice: JsonObject): FieldError[] {
  const count = listAt(slice, 'ports').length;
  if (count > limits.ports) return [tooManyField('ports', count, limits.ports)];
  const names = objectsAt(slice, 'ports').map((port) => stringAt(port, 'name'));
  return each(slice, '', 'ports', (port, path, index) => [
    ...commonPortErrors(port, path),
    ...(names.indexOf(names[index] ?? '') === index ? [] : [duplicateField(`${path}.name`, names[index] ?? '')]),
  ]);
}

function endpointsErrors(slice: JsonObject): FieldError[] {
  const count = listAt(slice, 'endpoints').length;
  if (count > limits.endpoints) return [tooManyField('endpoints', count, limits.endpoints)];
  const type = stringAt(slice, 'addressType');
  return each(slice, '', 'endpoints', (endpoint, path) => endpointErrors(endpoint, path, type));
}

function endpointErrors(endpoint: JsonObject, path: string, type: string): FieldError[] {
  const addresses = stringsAt(endpoint, 'addresses');
  const at = `${path}.addresses`;
  return [
    ...(addresses.length === 0 ? [requiredField(at, 'must contain at least 1 address')] : []),
    ...(addresses.length > limits.addresses ? [tooManyField(at, addresses.length, limits.addresses)] : []),
    ...addresses.flatMap((address, index) => addressErrors(address, at, index, type)),
    ...named(endpoint, path, 'nodeName', dnsSubdomainProblems),
    ...named(endpoint, path, 'hostname', dnsLabelProblems),
    ...hintErrors(endpoint, path, 'forZones', labelValueProblems),
    ...hintErrors(endpoint, path, 'forNodes', dnsSubdomainProblems),
  ];
}

function addressErrors(address: string, path: string, index: number, type: string): FieldError[] {
  const at = `${path}[${index}]`;
  if (type === 'FQDN') {
    const problems = dnsSubdomainProblems(address.replace(/\.$/, ''));
    const isShort = !address.replace(/\.$/, '').includes('.');
    return [
      ...problems.map((problem) => invalidField(at, address, problem)),
      ...(isShort
        ? [invalidField(at, address, 'should be a domain with at least two segments separated by dots')]
        : []),
    ];
  }
  const family = familyOf(address);
  if (family === undefined) return ipErrors(address, at);
  return [
    ...(addressTypes.includes(type) && family !== type
      ? [invalidField(path, address, `must be an ${type} address`)]
      : []),
    ...endpointIpErrors(address, at),
  ];
}

function hintErrors(
  endpoint: JsonObject,
  path: string,
  field: string,
  problems: (name: string) => readonly string[],
): FieldError[] {
  const names = objectsAt(endpoint, 'hints', field).map((hint) => stringAt(hint, 'name'));
  const at = `${path}.hints.${field}`;
  if (names.length > limits.hints) return [tooManyField(at, names.length, limits.hints)];
  return names.flatMap((name, index) => [
    ...(names.indexOf(name) === index ? [] : [duplicateField(`${at}[${index}].name`, name)]),
    ...problems(name).map((problem) => invalidField(`${at}[${index}].name`, name, problem)),
  ]);
}

function completePort(port: JsonObject): JsonObject {
  return { ...port, name: port.name ?? '', protocol: port.protocol ?? 'TCP' };
}

function portsText(slice: JsonObject): string {
  const texts = objectsAt(slice, 'ports').map((port) => {
    const number: JsonValue | undefined = valueAt(port, 'port');
    return number === undefined ? stringAt(port, 'name') || '*' : String(number);
  });
  return someOf(texts, 3, '<unset>');
}

/** KA-3 */
export const endpointSlices = dataKind({
  group: 'discovery.k8s.io',
  kind: 'EndpointSlice',
  plural: 'endpointslices',
  scope: 'Namespaced',
  columns: [
    cell('AddressType', 'What its addresses are.', (slice) => stringAt(slice, 'addressType')),
    cell('Ports', 'The first of its ports.', portsText),
    cell('Endpoints', 'The first of its addresses.', (slice) =>
      someOf(
        objectsAt(slice, 'endpoints').flatMap((endpoint) => stringsAt(endpoint, 'addresses')),
        3,
        '<unset>',
      ),
    ),
  ],
  strategy: {
    hasGeneration: true,
    alsoCounts: (slice) => objectAt(slice, 'metadata', 'labels'),
    complete: (slice) => withEach(slice, 'ports', completePort),
    validate,
    validateCreate: endpointsErrors,
    // Endpoints that were accepted once stay acceptable.
    validateUpdate: (slice, old) => [
      ...(equalValues(valueAt(slice, 'endpoints'), valueAt(old, 'endpoints')) ? [] : endpointsErrors(slice)),
      ...immutable(slice, old, 'addressType'),
    ],
  },
});
