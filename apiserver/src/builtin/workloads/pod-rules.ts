import type { FieldError } from '@quarterdeck/apis';
import { isJsonObject, type JsonObject } from '@quarterdeck/machinery';
import {
  invalidField,
  objectAt,
  objectsAt,
  requiredField,
  stringAt,
  stringsAt,
  unsupportedField,
  valueAt,
} from '../../registry/fields.ts';
import {
  dnsLabelProblems,
  dnsSubdomainProblems,
  labelValueProblems,
  qualifiedNameProblems,
} from '../../registry/names.ts';
import { atLeast, between, duplicateField, each, named, oneOf, selectorProblems } from '../checks.ts';
import { containersErrors } from './container-rules.ts';
import { volumesErrors } from './volume-rules.ts';

const restartPolicies = ['Always', 'Never', 'OnFailure'];
const dnsPolicies = ['ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None'];
const maxInt32 = 2 ** 31 - 1;

/**
 * The core of what Kubernetes asks of a pod's spec, in a pod or in a template. What matters to a kubelet alone (Windows,
 * security contexts, resource claims) is checked by the schema only. KA-3
 */
export function podSpecErrors(spec: JsonObject, path: string): FieldError[] {
  return [
    ...volumesErrors(spec, path),
    ...containersErrors(spec, path),
    ...oneOf(spec, path, 'restartPolicy', restartPolicies, true),
    ...oneOf(spec, path, 'dnsPolicy', dnsPolicies, true),
    ...labelsErrors(objectAt(spec, 'nodeSelector'), `${path}.nodeSelector`),
    ...sysctlErrors(spec, `${path}.securityContext.sysctls`),
    ...named(spec, path, 'serviceAccountName', dnsSubdomainProblems),
    ...named(spec, path, 'nodeName', dnsSubdomainProblems),
    ...between(spec, path, 'activeDeadlineSeconds', 1, maxInt32),
    ...atLeast(spec, path, 'terminationGracePeriodSeconds'),
    ...named(spec, path, 'hostname', dnsLabelProblems),
    ...named(spec, path, 'subdomain', dnsLabelProblems),
    ...named(spec, path, 'priorityClassName', dnsSubdomainProblems),
    ...named(spec, path, 'runtimeClassName', dnsSubdomainProblems),
    ...oneOf(spec, path, 'preemptionPolicy', ['Never', 'PreemptLowerPriority']),
    ...each(spec, path, 'tolerations', tolerationErrors),
    ...each(spec, path, 'readinessGates', (gate, at) => named(gate, at, 'conditionType', qualifiedNameProblems, true)),
    ...gateErrors(spec, path),
    ...each(spec, path, 'topologySpreadConstraints', spreadErrors),
    ...affinityErrors(objectAt(spec, 'affinity'), `${path}.affinity`),
  ];
}

function labelsErrors(labels: JsonObject, path: string): FieldError[] {
  return Object.entries(labels).flatMap(([key, value]) => [
    ...qualifiedNameProblems(key).map((problem) => invalidField(path, key, problem)),
    ...labelValueProblems(String(value)).map((problem) => invalidField(path, value, problem)),
  ]);
}

const sysctlPattern = /^(?:[a-z0-9](?:[-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9](?:[-_a-z0-9]*[a-z0-9])?$/;

function sysctlErrors(spec: JsonObject, path: string): FieldError[] {
  const names = objectsAt(spec, 'securityContext', 'sysctls').map((sysctl) => stringAt(sysctl, 'name'));
  return names.flatMap((name, index) => {
    const at = `${path}[${index}].name`;
    if (name === '') return [requiredField(at)];
    if (name.length > 253 || !sysctlPattern.test(name)) {
      return [
        invalidField(
          at,
          name,
          'must have at most 253 characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$',
        ),
      ];
    }
    return names.indexOf(name) === index ? [] : [duplicateField(at, name)];
  });
}

function tolerationErrors(toleration: JsonObject, path: string): FieldError[] {
  const [key, operator, value, effect] = ['key', 'operator', 'value', 'effect'].map((field) =>
    stringAt(toleration, field),
  ) as [string, string, string, string];
  const isEqual = operator === '' || operator === 'Equal';
  return [
    ...(key === '' ? [] : qualifiedNameProblems(key).map((problem) => invalidField(`${path}.key`, key, problem))),
    ...(key === '' && operator !== 'Exists'
      ? [
          invalidField(
            `${path}.operator`,
            operator,
            'operator must be Exists when `key` is empty, which means "match all values and all keys"',
          ),
        ]
      : []),
    ...(valueAt(toleration, 'tolerationSeconds') !== undefined && effect !== 'NoExecute'
      ? [invalidField(`${path}.effect`, effect, "effect must be 'NoExecute' when `tolerationSeconds` is set")]
      : []),
    ...(isEqual ? labelValueProblems(value).map((problem) => invalidField(`${path}.operator`, value, problem)) : []),
    ...(operator === 'Exists' && value !== ''
      ? [invalidField(`${path}.operator`, value, "value must be empty when `operator` is 'Exists'")]
      : []),
    ...(operator === 'Lt' || operator === 'Gt'
      ? [unsupportedField(`${path}.operator`, operator, ['Equal', 'Exists'])]
      : []),
  ];
}

function gateErrors(spec: JsonObject, path: string): FieldError[] {
  const names = objectsAt(spec, 'schedulingGates').map((gate) => stringAt(gate, 'name'));
  return each(spec, path, 'schedulingGates', (gate, at, index) => [
    ...qualifiedNameProblems(stringAt(gate, 'name')).map((problem) =>
      invalidField(at, stringAt(gate, 'name'), problem),
    ),
    ...(names.indexOf(names[index] ?? '') === index ? [] : [duplicateField(at, names[index] ?? '')]),
  ]);
}

function spreadErrors(constraint: JsonObject, path: string): FieldError[] {
  const key = stringAt(constraint, 'topologyKey');
  return [
    ...atLeast({ maxSkew: 0, ...constraint }, path, 'maxSkew', 1),
    ...(key === ''
      ? [requiredField(`${path}.topologyKey`, 'can not be empty')]
      : qualifiedNameProblems(key).map((problem) => invalidField(`${path}.topologyKey`, key, problem))),
    ...atLeast(constraint, path, 'minDomains', 1),
    ...selectorProblems(constraint, path, 'labelSelector'),
  ];
}

const required = 'requiredDuringSchedulingIgnoredDuringExecution';
const preferred = 'preferredDuringSchedulingIgnoredDuringExecution';

function affinityErrors(affinity: JsonObject, path: string): FieldError[] {
  const node = objectAt(affinity, 'nodeAffinity');
  const needs = valueAt(node, required);
  const at = `${path}.nodeAffinity.${required}`;
  return [
    ...(isJsonObject(needs)
      ? [
          ...(objectsAt(needs, 'nodeSelectorTerms').length === 0
            ? [requiredField(`${at}.nodeSelectorTerms`, 'must have at least one node selector term')]
            : []),
          ...each(needs, at, 'nodeSelectorTerms', nodeTermErrors),
        ]
      : []),
    ...each(node, `${path}.nodeAffinity`, preferred, (item, itemPath) => [
      ...weightErrors(item, itemPath),
      ...nodeTermErrors(objectAt(item, 'preference'), `${itemPath}.preference`),
    ]),
    ...['podAffinity', 'podAntiAffinity'].flatMap((kind) => [
      ...each(objectAt(affinity, kind), `${path}.${kind}`, required, podTermErrors),
      ...each(objectAt(affinity, kind), `${path}.${kind}`, preferred, (item, itemPath) => [
        ...weightErrors(item, itemPath),
        ...podTermErrors(objectAt(item, 'podAffinityTerm'), `${itemPath}.podAffinityTerm`),
      ]),
    ]),
  ];
}

const weightErrors = (item: JsonObject, path: string): FieldError[] => {
  const weight = typeof item.weight === 'number' ? item.weight : 0;
  return weight >= 1 && weight <= 100 ? [] : [invalidField(`${path}.weight`, weight, 'must be in the range 1-100')];
};

export function nodeTermErrors(term: JsonObject, path: string): FieldError[] {
  return each(term, path, 'matchExpressions', (requirement, at) => {
    const operator = stringAt(requirement, 'operator');
    const values = stringsAt(requirement, 'values');
    const wantsMany = operator === 'In' || operator === 'NotIn';
    const wantsOne = operator === 'Gt' || operator === 'Lt';
    return [
      ...(wantsMany && values.length === 0
        ? [requiredField(`${at}.values`, "must be specified when `operator` is 'In' or 'NotIn'")]
        : []),
      ...(wantsOne && values.length !== 1
        ? [requiredField(`${at}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'")]
        : []),
      ...(!wantsMany && !wantsOne && values.length > 0
        ? [
            {
              reason: 'FieldValueForbidden',
              field: `${at}.values`,
              message: "Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
            } as const,
          ]
        : []),
      ...qualifiedNameProblems(stringAt(requirement, 'key')).map((problem) =>
        invalidField(`${at}.key`, stringAt(requirement, 'key'), problem),
      ),
    ];
  });
}

function podTermErrors(term: JsonObject, path: string): FieldError[] {
  const key = stringAt(term, 'topologyKey');
  return [
    ...selectorProblems(term, path, 'labelSelector'),
    ...selectorProblems(term, path, 'namespaceSelector'),
    ...stringsAt(term, 'namespaces').flatMap((namespace) =>
      dnsLabelProblems(namespace).map((problem) => invalidField(`${path}.namespace`, namespace, problem)),
    ),
    ...(key === ''
      ? [requiredField(`${path}.topologyKey`, 'can not be empty')]
      : qualifiedNameProblems(key).map((problem) => invalidField(`${path}.topologyKey`, key, problem))),
  ];
}

/** Labels and annotations of a template, and its pods' spec. */
export function templateErrors(template: JsonObject, path: string): FieldError[] {
  const labels = objectAt(template, 'metadata', 'labels');
  const annotations = Object.keys(objectAt(template, 'metadata', 'annotations'));
  return [
    ...labelsErrors(labels, `${path}.labels`),
    ...annotations.flatMap((key) =>
      qualifiedNameProblems(key.toLowerCase()).map((problem) => invalidField(`${path}.annotations`, key, problem)),
    ),
    ...podSpecErrors(objectAt(template, 'spec'), `${path}.spec`),
  ];
}
