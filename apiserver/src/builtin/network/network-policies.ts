import type { FieldError } from '@quarterdeck/apis';
import { isJsonObject, type JsonObject } from '@quarterdeck/machinery';
import {
  forbiddenField,
  invalidField,
  listAt,
  numberAt,
  objectAt,
  requiredField,
  stringAt,
  stringsAt,
  unsupportedField,
  valueAt,
} from '../../registry/fields.ts';
import { each, oneOf, selectorProblems } from '../checks.ts';
import { selectorText, textColumn } from '../columns.ts';
import { dataKind } from '../data-kind.ts';
import { withAbsent, withEach, withSpec } from '../defaults.ts';
import { cidrContains, cidrErrors, ipText, parseCidr } from './ip.ts';
import { portErrors, portOrNameErrors, protocols } from './ports.ts';

const types = ['Ingress', 'Egress'];

function validate(policy: JsonObject): FieldError[] {
  const spec = objectAt(policy, 'spec');
  const given = stringsAt(spec, 'policyTypes');
  const rule = (peers: string) => (item: JsonObject, path: string) => [
    ...each(item, path, 'ports', policyPortErrors),
    ...each(item, path, peers, peerErrors),
  ];
  return [
    ...selectorProblems(spec, 'spec', 'podSelector'),
    ...each(spec, 'spec', 'ingress', rule('from')),
    ...each(spec, 'spec', 'egress', rule('to')),
    ...(given.length > types.length
      ? [invalidField('spec.policyTypes', [...given], 'may not specify more than two policyTypes')]
      : given.flatMap((type, index) =>
          types.includes(type) ? [] : [unsupportedField(`spec.policyTypes[${index}]`, type, types)],
        )),
  ];
}

function policyPortErrors(port: JsonObject, path: string): FieldError[] {
  const number = valueAt(port, 'port');
  const last = numberAt(port, 'endPort');
  const at = `${path}.endPort`;
  const lastErrors = (): FieldError[] => {
    if (last === undefined) return [];
    if (number === undefined) return [invalidField(at, last, 'may not be specified when `port` is not specified')];
    if (typeof number !== 'number') return [invalidField(at, last, 'may not be specified when `port` is non-numeric')];
    const isBefore = last < number;
    return [
      ...(isBefore ? [invalidField(at, number, 'must be greater than or equal to `port`')] : []),
      ...portErrors(port, path, 'endPort'),
    ];
  };
  return [...oneOf(port, path, 'protocol', protocols), ...portOrNameErrors(port, path, 'port'), ...lastErrors()];
}

function peerErrors(peer: JsonObject, path: string): FieldError[] {
  const block = valueAt(peer, 'ipBlock');
  const selectors = ['podSelector', 'namespaceSelector'].filter((field) => valueAt(peer, field) !== undefined);
  return [
    ...selectors.flatMap((field) => selectorProblems(peer, path, field)),
    ...(isJsonObject(block) ? blockErrors(block, `${path}.ipBlock`) : []),
    ...(selectors.length === 0 && block === undefined ? [requiredField(path, 'must specify a peer')] : []),
    ...(selectors.length > 0 && block !== undefined
      ? [forbiddenField(path, 'may not specify both ipBlock and another peer')]
      : []),
  ];
}

function blockErrors(block: JsonObject, path: string): FieldError[] {
  const text = stringAt(block, 'cidr');
  if (text === '') return [requiredField(`${path}.cidr`)];
  const cidr = parseCidr(text);
  if (cidr === undefined) return cidrErrors(text, `${path}.cidr`);
  return stringsAt(block, 'except').flatMap((except, index) => {
    const at = `${path}.except[${index}]`;
    const inner = parseCidr(except);
    if (inner === undefined) return cidrErrors(except, at);
    const isWithin = cidrContains(cidr, ipText(inner.network, inner.family)) && inner.prefix > cidr.prefix;
    return isWithin ? [] : [invalidField(at, except, 'must be a strict subset of `cidr`')];
  });
}

function completeSpec(spec: JsonObject): JsonObject {
  const rule = (item: JsonObject) => withEach(item, 'ports', (port) => withAbsent(port, { protocol: 'TCP' }));
  const withPorts = withEach(withEach(spec, 'ingress', rule), 'egress', rule);
  if (listAt(spec, 'policyTypes').length > 0) return withPorts;
  return { ...withPorts, policyTypes: listAt(spec, 'egress').length === 0 ? ['Ingress'] : ['Ingress', 'Egress'] };
}

/** KA-3 */
export const networkPolicies = dataKind({
  group: 'networking.k8s.io',
  kind: 'NetworkPolicy',
  plural: 'networkpolicies',
  scope: 'Namespaced',
  shortNames: ['netpol'],
  columns: [
    textColumn('Pod-Selector', 'Which pods it is about.', (policy) =>
      selectorText(objectAt(policy, 'spec', 'podSelector')),
    ),
  ],
  strategy: { hasGeneration: true, complete: (policy) => withSpec(policy, completeSpec), validate },
});
