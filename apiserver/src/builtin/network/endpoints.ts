import type { FieldError } from '@quarterdeck/apis';
import type { JsonObject } from '@quarterdeck/machinery';
import { listAt, numberAt, objectsAt, requiredField, stringAt } from '../../registry/fields.ts';
import { dnsLabelProblems, dnsSubdomainProblems } from '../../registry/names.ts';
import { each, named } from '../checks.ts';
import { someOf, textColumn } from '../columns.ts';
import { dataKind } from '../data-kind.ts';
import { withAbsent, withEach } from '../defaults.ts';
import { endpointIpErrors } from './ip.ts';
import { commonPortErrors, portErrors } from './ports.ts';

function subsetErrors(subset: JsonObject, path: string): FieldError[] {
  const ports = listAt(subset, 'ports');
  const isEmpty = listAt(subset, 'addresses').length + listAt(subset, 'notReadyAddresses').length === 0;
  return [
    ...(isEmpty ? [requiredField(path, 'must specify `addresses` or `notReadyAddresses`')] : []),
    ...each(subset, path, 'addresses', addressErrors),
    ...each(subset, path, 'notReadyAddresses', addressErrors),
    ...each(subset, path, 'ports', (port, portPath) => [
      ...(ports.length > 1 && stringAt(port, 'name') === '' ? [requiredField(`${portPath}.name`)] : []),
      ...commonPortErrors(port, portPath),
      ...portErrors(port, portPath, 'port'),
    ]),
  ];
}

function addressErrors(address: JsonObject, path: string): FieldError[] {
  return [
    ...named(address, path, 'hostname', dnsLabelProblems),
    ...named(address, path, 'nodeName', dnsSubdomainProblems),
    ...endpointIpErrors(stringAt(address, 'ip'), `${path}.ip`),
  ];
}

/** `10.0.0.1:80,10.0.0.2:80 + 3 more...` */
function endpointsText(endpoints: JsonObject): string | undefined {
  const shown = objectsAt(endpoints, 'subsets').flatMap((subset) => {
    const ips = objectsAt(subset, 'addresses').map((address) => stringAt(address, 'ip'));
    const ports = objectsAt(subset, 'ports');
    if (ports.length === 0) return ips;
    return ports.flatMap((port) => ips.map((ip) => withPort(ip, numberAt(port, 'port') ?? 0)));
  });
  return someOf(shown, 3) || undefined;
}

const withPort = (ip: string, port: number): string => (ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`);

const completePorts = (subset: JsonObject): JsonObject =>
  withEach(subset, 'ports', (port) => withAbsent(port, { protocol: 'TCP' }));

/** KA-2 */
export const endpoints = dataKind({
  group: '',
  kind: 'Endpoints',
  plural: 'endpoints',
  scope: 'Namespaced',
  shortNames: ['ep'],
  columns: [textColumn('Endpoints', 'The first of its addresses and ports.', endpointsText)],
  strategy: {
    allowCreateOnUpdate: true,
    complete: (object) => withEach(object, 'subsets', completePorts),
    validate: (object) => each(object, '', 'subsets', subsetErrors),
    warnings: () => ['v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice'],
  },
});
