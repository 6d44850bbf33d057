import { isJsonObject, type JsonObject, type JsonValue } from '@quarterdeck/machinery';
import {
  listAt,
  numberAt,
  objectAt,
  objectsAt,
  stringAt,
  stringsAt,
  valueAt,
  withValue,
} from '../../registry/fields.ts';
import { ageColumn, cell, labelsText, nameColumn, textColumn } from '../columns.ts';
import { dataKind, status } from '../data-kind.ts';
import { withAbsent } from '../defaults.ts';
import { needsHealthPort, serviceErrors, serviceType, serviceUpdateErrors, takesNodePorts } from './service-rules.ts';

/** A DNS-1035 label: it becomes a host name. */
function nameProblems(name: string): string[] {
  return [
    ...(name.length > 63 ? ['must be no more than 63 characters'] : []),
    ...(/^[a-z](?:[-a-z0-9]*[a-z0-9])?$/.test(name)
      ? []
      : [
          "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name', or 'abc-123')",
        ]),
  ];
}

const hourThrice = 10_800;

function complete(service: JsonObject): JsonObject {
  const { sessionAffinityConfig, ...rest } = objectAt(service, 'spec');
  const spec = withAbsent(rest, { type: 'ClusterIP', sessionAffinity: 'None' });
  const type = String(spec.type);
  const isOutside =
    type === 'NodePort' || type === 'LoadBalancer' || (type === 'ClusterIP' && listAt(spec, 'externalIPs').length > 0);
  return {
    ...service,
    spec: {
      ...withAbsent(spec, {
        ...(spec.sessionAffinity === 'ClientIP'
          ? { sessionAffinityConfig: affinityConfig(sessionAffinityConfig) }
          : {}),
        ...(isOutside ? { externalTrafficPolicy: 'Cluster' } : {}),
        ...(type === 'ExternalName' ? {} : { internalTrafficPolicy: 'Cluster' }),
        ...(type === 'LoadBalancer' ? { allocateLoadBalancerNodePorts: true } : {}),
      }),
      ...(valueAt(spec, 'ports') === undefined ? {} : { ports: listAt(spec, 'ports').map(completePort) }),
    },
  };
}

function affinityConfig(given: JsonValue | undefined): JsonValue {
  const seconds = isJsonObject(given) ? valueAt(given, 'clientIP', 'timeoutSeconds') : undefined;
  return { clientIP: { timeoutSeconds: seconds ?? hourThrice } };
}

function completePort(port: JsonValue): JsonValue {
  if (!isJsonObject(port)) return port;
  const target = port.targetPort;
  const isUnset = target === undefined || target === 0 || target === '';
  return { ...withAbsent(port, { protocol: 'TCP' }), targetPort: isUnset ? (port.port ?? 0) : target };
}

/** The one address and the list of addresses say the same; clients write either. */
function withBothAddresses(service: JsonObject): JsonObject {
  const ip = stringAt(service, 'spec', 'clusterIP');
  if (ip !== '' && listAt(service, 'spec', 'clusterIPs').length === 0) {
    return withValue(service, ['spec', 'clusterIPs'], [ip]);
  }
  return service;
}

/**
 * What the server chose stays when an update does not say otherwise: clients that replace a service do not know it.
 */
function carryOver(service: JsonObject, old: JsonObject): JsonObject {
  if (serviceType(service) === 'ExternalName') return clearedAddresses(service, old);
  if (serviceType(old) === 'ExternalName') return withBothAddresses(service);
  const spec = objectAt(service, 'spec');
  const oldSpec = objectAt(old, 'spec');
  const kept: JsonObject = {};
  if (stringAt(spec, 'clusterIP') === '' && listAt(spec, 'clusterIPs').length === 0) {
    for (const field of ['clusterIP', 'clusterIPs']) if (oldSpec[field] !== undefined) kept[field] = oldSpec[field];
  }
  for (const field of ['ipFamilies', 'ipFamilyPolicy']) {
    if (spec[field] === undefined && oldSpec[field] !== undefined) kept[field] = oldSpec[field];
  }
  if (needsHealthPort(service) && needsHealthPort(old) && (numberAt(spec, 'healthCheckNodePort') ?? 0) === 0) {
    if (oldSpec.healthCheckNodePort !== undefined) kept.healthCheckNodePort = oldSpec.healthCheckNodePort;
  }
  return withNodePorts(withBothAddresses({ ...service, spec: { ...spec, ...kept } }), old);
}

/** A change to ExternalName drops the addresses that were the server's, not those that the client still sends. */
function clearedAddresses(service: JsonObject, old: JsonObject): JsonObject {
  const spec = { ...objectAt(service, 'spec') };
  const oldSpec = objectAt(old, 'spec');
  if (serviceType(old) === 'ExternalName' || spec.clusterIP !== oldSpec.clusterIP) return service;
  for (const field of ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy']) delete spec[field];
  return { ...service, spec };
}

/** Ports that are still there keep their node ports; a type without them loses those that the server gave. */
function withNodePorts(service: JsonObject, old: JsonObject): JsonObject {
  const oldPorts = objectsAt(old, 'spec', 'ports');
  const same = (port: JsonObject) =>
    oldPorts.find((one) => one.port === port.port && one.protocol === port.protocol) ??
    oldPorts.find((one) => stringAt(one, 'name') !== '' && one.name === port.name);
  const ports = listAt(service, 'spec', 'ports').map((port) => {
    if (!isJsonObject(port)) return port;
    const before = numberAt(same(port) ?? {}, 'nodePort');
    if (!takesNodePorts(service)) {
      const { nodePort, ...rest } = port;
      return nodePort !== undefined && nodePort === before && takesNodePorts(old) ? rest : port;
    }
    const now = numberAt(port, 'nodePort') ?? 0;
    return now === 0 && before !== undefined && takesNodePorts(old) ? { ...port, nodePort: before } : port;
  });
  return ports.length === 0 ? service : withValue(service, ['spec', 'ports'], ports);
}

function portsText(service: JsonObject): string {
  return objectsAt(service, 'spec', 'ports')
    .map((port) => {
      const nodePort = numberAt(port, 'nodePort') ?? 0;
      return `${numberAt(port, 'port') ?? 0}${nodePort > 0 ? `:${nodePort}` : ''}/${stringAt(port, 'protocol')}`;
    })
    .join(',');
}

function externalText(service: JsonObject): string | undefined {
  const own = stringsAt(service, 'spec', 'externalIPs');
  switch (serviceType(service)) {
    case 'ExternalName':
      return stringAt(service, 'spec', 'externalName');
    case 'LoadBalancer': {
      const given = new Set(
        objectsAt(service, 'status', 'loadBalancer', 'ingress').map(
          (one) => stringAt(one, 'ip') || stringAt(one, 'hostname'),
        ),
      );
      return [...[...given].filter((one) => one !== '').sort(), ...own].join(',') || '<pending>';
    }
    default:
      return own.join(',') || undefined;
  }
}

/** Data, with addresses and ports of its own (see service-addresses.ts); nothing here carries traffic. KA-2 */
export const services = dataKind({
  group: '',
  kind: 'Service',
  plural: 'services',
  scope: 'Namespaced',
  shortNames: ['svc'],
  categories: ['all'],
  allColumns: [
    nameColumn,
    cell('Type', 'How it is reached.', serviceType),
    textColumn('Cluster-IP', 'Address within the cluster.', (service) => stringsAt(service, 'spec', 'clusterIPs')[0]),
    textColumn('External-IP', 'Addresses from outside.', externalText),
    textColumn('Port(s)', 'Its ports.', portsText),
    ageColumn,
    textColumn(
      'Selector',
      'Which pods it leads to.',
      (service) => labelsText(objectAt(service, 'spec', 'selector')),
      1,
    ),
  ],
  selectableFields: [
    { path: 'spec.clusterIP', value: (service) => stringAt(service, 'spec', 'clusterIP') },
    { path: 'spec.type', value: serviceType },
  ],
  subresources: { status },
  strategy: {
    deleteReturnsObject: true,
    allowCreateOnUpdate: true,
    validateName: nameProblems,
    complete,
    prepareForCreate: withBothAddresses,
    prepareForUpdate: carryOver,
    validate: serviceErrors,
    validateUpdate: serviceUpdateErrors,
  },
});
