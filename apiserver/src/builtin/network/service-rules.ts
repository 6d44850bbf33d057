import type { FieldError } from '@quarterdeck/apis';
import { equalValues, type JsonObject } from '@quarterdeck/machinery';
import {
  forbiddenField,
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
import { dnsSubdomainProblems, labelValueProblems, qualifiedNameProblems } from '../../registry/names.ts';
import { between, duplicateField, each, immutable, oneOf } from '../checks.ts';
import { cidrErrors, endpointIpErrors, familyOf, ipErrors } from './ip.ts';
import { commonPortErrors, portErrors, portOrNameErrors } from './ports.ts';

export const serviceType = (service: JsonObject): string => stringAt(service, 'spec', 'type');
const isHeadless = (service: JsonObject): boolean => stringsAt(service, 'spec', 'clusterIPs')[0] === 'None';
export const takesNodePorts = (service: JsonObject): boolean =>
  serviceType(service) === 'NodePort' || serviceType(service) === 'LoadBalancer';
const isReachedFromOutside = (service: JsonObject): boolean =>
  takesNodePorts(service) ||
  (serviceType(service) === 'ClusterIP' && listAt(service, 'spec', 'externalIPs').length > 0);
export const needsHealthPort = (service: JsonObject): boolean =>
  serviceType(service) === 'LoadBalancer' && stringAt(service, 'spec', 'externalTrafficPolicy') === 'Local';

/** KA-2 */
export function serviceErrors(service: JsonObject): FieldError[] {
  const spec = objectAt(service, 'spec');
  const ports = objectsAt(spec, 'ports');
  return [
    ...(ports.length === 0 && !isHeadless(service) && serviceType(service) !== 'ExternalName'
      ? [requiredField('spec.ports')]
      : []),
    ...typeErrors(service, spec),
    ...each(spec, 'spec', 'ports', (port, path) => servicePortErrors(port, path, ports.length > 1)),
    ...doubledPorts(ports, serviceType(service)),
    ...selectorErrors(objectAt(spec, 'selector')),
    ...oneOf(spec, 'spec', 'sessionAffinity', ['ClientIP', 'None'], true),
    ...affinityErrors(spec),
    ...addressErrors(spec, serviceType(service)),
    ...listAt(spec, 'externalIPs').flatMap((ip, index) => endpointIpErrors(String(ip), `spec.externalIPs[${index}]`)),
    ...sourceRangeErrors(service),
    ...trafficErrors(service, spec),
  ];
}

function typeErrors(service: JsonObject, spec: JsonObject): FieldError[] {
  const type = serviceType(service);
  const known = oneOf(spec, 'spec', 'type', ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'], true);
  if (type !== 'ExternalName') {
    return takesNodePorts(service) && isHeadless(service)
      ? [...known, invalidField('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${type} services`)]
      : known;
  }
  const name = stringAt(spec, 'externalName').replace(/\.$/, '');
  const foreign = ['clusterIPs', 'ipFamilies', 'ipFamilyPolicy'].filter((field) => {
    const value = valueAt(spec, field);
    return Array.isArray(value) ? value.length > 0 : value !== undefined;
  });
  return [
    ...known,
    ...foreign.map((field) => forbiddenField(`spec.${field}`, 'may not be set for ExternalName services')),
    ...(name === ''
      ? [requiredField('spec.externalName')]
      : dnsSubdomainProblems(name).map((problem) => invalidField('spec.externalName', name, problem))),
  ];
}

function servicePortErrors(port: JsonObject, path: string, isOneOfMany: boolean): FieldError[] {
  return [
    ...(isOneOfMany && stringAt(port, 'name') === '' ? [requiredField(`${path}.name`)] : []),
    ...portErrors(port, path, 'port'),
    ...commonPortErrors(port, path),
    ...portOrNameErrors(port, path, 'targetPort'),
  ];
}

function doubledPorts(ports: readonly JsonObject[], type: string): FieldError[] {
  const seen = new Set<string>();
  const isSecond = (key: string): boolean => {
    const known = seen.has(key);
    seen.add(key);
    return known;
  };
  return ports.flatMap((port, index) => {
    const path = `spec.ports[${index}]`;
    const nodePort = numberAt(port, 'nodePort') ?? 0;
    const protocol = stringAt(port, 'protocol');
    const name = stringAt(port, 'name');
    return [
      ...(name !== '' && isSecond(`name ${name}`) ? [duplicateField(`${path}.name`, name)] : []),
      ...(nodePort !== 0 && type === 'ClusterIP'
        ? [forbiddenField(`${path}.nodePort`, "may not be used when `type` is 'ClusterIP'")]
        : []),
      ...(nodePort !== 0 && isSecond(`node ${protocol}${nodePort}`)
        ? [duplicateField(`${path}.nodePort`, nodePort)]
        : []),
      ...(isSecond(`port ${protocol}${numberAt(port, 'port') ?? 0}`)
        ? [duplicateField(path, { port: numberAt(port, 'port') ?? 0, protocol })]
        : []),
    ];
  });
}

function selectorErrors(selector: JsonObject): FieldError[] {
  return Object.entries(selector).flatMap(([key, value]) => [
    ...qualifiedNameProblems(key).map((problem) => invalidField('spec.selector', key, problem)),
    ...labelValueProblems(String(value)).map((problem) => invalidField('spec.selector', value, problem)),
  ]);
}

function affinityErrors(spec: JsonObject): FieldError[] {
  const config = valueAt(spec, 'sessionAffinityConfig');
  if (stringAt(spec, 'sessionAffinity') === 'None') {
    return config === undefined
      ? []
      : [forbiddenField('spec.sessionAffinityConfig', 'must not be set when session affinity is None')];
  }
  const path = 'spec.sessionAffinityConfig.clientIP';
  return between(objectAt(spec, 'sessionAffinityConfig', 'clientIP'), path, 'timeoutSeconds', 1, 86_400);
}

function addressErrors(spec: JsonObject, type: string): FieldError[] {
  if (type === 'ExternalName') return [];
  const ips = stringsAt(spec, 'clusterIPs');
  const ip = stringAt(spec, 'clusterIP');
  const families = stringsAt(spec, 'ipFamilies');
  const path = 'spec.clusterIPs';
  const given = valueAt(spec, 'clusterIPs');
  return [
    ...(ip !== '' && ips.length === 0 ? [requiredField(path)] : []),
    ...(ip !== '' && ips.length > 0 && ips[0] !== ip
      ? [invalidField(path, given, 'first value must match `clusterIP`')]
      : []),
    ...(ip === '' && ips.length > 0
      ? [invalidField(path, given, 'must be empty when `clusterIP` is not specified')]
      : []),
    ...(ips.length > 2 ? [invalidField(path, given, 'may only hold up to 2 values')] : []),
    ...(ips[0] === 'None' && ips.length > 1
      ? [invalidField(path, given, "'None' must be the first and only value")]
      : []),
    ...families.flatMap((family, index) =>
      families.indexOf(family) === index ? [] : [duplicateField(`spec.ipFamilies[${index}]`, family)],
    ),
    ...ips.flatMap((one, index) => {
      if (index === 0 && one === 'None') return [];
      const wanted = families[index];
      const errors = ipErrors(one, `${path}[${index}]`);
      if (errors.length > 0 || wanted === undefined || familyOf(one) === wanted) return errors;
      const why = `expected an ${wanted} value as indicated by \`ipFamilies[${index}]\``;
      return [invalidField(`${path}[${index}]`, one, why)];
    }),
  ];
}

function sourceRangeErrors(service: JsonObject): FieldError[] {
  const ranges = stringsAt(service, 'spec', 'loadBalancerSourceRanges');
  const path = 'spec.LoadBalancerSourceRanges';
  if (ranges.length === 0) return [];
  return [
    ...(serviceType(service) === 'LoadBalancer' ? [] : [onlyForBalancers(path)]),
    ...ranges.flatMap((range, index) => cidrErrors(range.trim(), `${path}[${index}]`)),
  ];
}

const onlyForBalancers = (field: string): FieldError =>
  forbiddenField(field, "may only be used when `type` is 'LoadBalancer'");

function trafficErrors(service: JsonObject, spec: JsonObject): FieldError[] {
  const isBalancer = serviceType(service) === 'LoadBalancer';
  const external = stringAt(spec, 'externalTrafficPolicy');
  const healthPort = numberAt(spec, 'healthCheckNodePort') ?? 0;
  const path = 'spec.healthCheckNodePort';
  return [
    ...(!isBalancer && valueAt(spec, 'allocateLoadBalancerNodePorts') !== undefined
      ? [onlyForBalancers('spec.allocateLoadBalancerNodePorts')]
      : []),
    ...(!isBalancer && valueAt(spec, 'loadBalancerClass') !== undefined
      ? [onlyForBalancers('spec.loadBalancerClass')]
      : []),
    ...(isReachedFromOutside(service)
      ? oneOf(spec, 'spec', 'externalTrafficPolicy', ['Cluster', 'Local'], true)
      : external === ''
        ? []
        : [invalidField('spec.externalTrafficPolicy', external, 'may only be set for externally-accessible services')]),
    ...(needsHealthPort(service)
      ? healthPort === 0
        ? [requiredField(path)]
        : portErrors(spec, 'spec', 'healthCheckNodePort')
      : healthPort === 0
        ? []
        : [
            invalidField(
              path,
              healthPort,
              "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
            ),
          ]),
    ...(serviceType(service) === 'ExternalName'
      ? []
      : oneOf(spec, 'spec', 'internalTrafficPolicy', ['Cluster', 'Local'], true)),
    ...oneOf(spec, 'spec', 'trafficDistribution', ['PreferClose', 'PreferSameNode', 'PreferSameZone']),
  ];
}

/** An address once given stays, unless the type becomes or was ExternalName. */
export function serviceUpdateErrors(service: JsonObject, old: JsonObject): FieldError[] {
  if (serviceType(service) === 'ExternalName' || serviceType(old) === 'ExternalName') return [];
  const first = (one: JsonObject, field: string) => stringsAt(one, 'spec', field)[0];
  const changed = (field: string, why: string) =>
    first(old, field) !== undefined && !equalValues(first(service, field), first(old, field))
      ? [invalidField(`spec.${field}[0]`, valueAt(service, 'spec', field), why)]
      : [];
  return [
    ...changed('clusterIPs', 'may not change once set'),
    ...changed('ipFamilies', 'may not change once set'),
    ...(serviceType(service) === 'LoadBalancer' && serviceType(old) === 'LoadBalancer'
      ? immutable(service, old, 'spec', 'loadBalancerClass')
      : []),
  ];
}
