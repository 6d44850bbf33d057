import type { FieldError } from '@quarterdeck/apis';
import type { JsonObject } from '@quarterdeck/machinery';
import {
  invalidField,
  listAt,
  objectAt,
  objectsAt,
  requiredField,
  stringAt,
  stringsAt,
  valueAt,
} from '../../registry/fields.ts';
import { immutableText, quantityOrNone } from '../checks.ts';
import { cell } from '../columns.ts';
import { dataKind, status } from '../data-kind.ts';
import { quotaResourceErrors, resourceListErrors } from './resource-names.ts';

const podScopes = [
  'BestEffort',
  'CrossNamespacePodAffinity',
  'NotBestEffort',
  'NotTerminating',
  'PriorityClass',
  'Terminating',
];
const scopes = [...podScopes, 'VolumeAttributesClass'];
const existsOnly = ['BestEffort', 'CrossNamespacePodAffinity', 'NotBestEffort', 'NotTerminating', 'Terminating'];
const exclusive = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
] as const;

const podCompute = ['cpu', 'memory', 'limits.cpu', 'limits.memory', 'requests.cpu', 'requests.memory'];

/** Whether a scope can narrow what is counted of a resource. */
function fits(scope: string, resource: string): boolean {
  const isCustom = resource.includes('/');
  if (isCustom) return true;
  switch (scope) {
    case 'BestEffort':
      return resource === 'pods';
    case 'VolumeAttributesClass':
      return resource === 'persistentvolumeclaims' || resource === 'requests.storage';
    default:
      return !podScopes.includes(scope) || resource === 'pods' || podCompute.includes(resource);
  }
}

function validate(quota: JsonObject): FieldError[] {
  const spec = objectAt(quota, 'spec');
  return [
    ...resourceListErrors(objectAt(spec, 'hard'), 'spec.hard', quotaResourceErrors),
    ...scopeErrors(spec),
    ...selectorErrors(spec),
    ...resourceListErrors(objectAt(quota, 'status', 'hard'), 'status.hard', quotaResourceErrors),
    ...resourceListErrors(objectAt(quota, 'status', 'used'), 'status.used', quotaResourceErrors),
  ];
}

function scopeErrors(spec: JsonObject): FieldError[] {
  const given = stringsAt(spec, 'scopes');
  const path = 'spec.scopes';
  const resources = Object.keys(objectAt(spec, 'hard'));
  const value = [...given];
  return [
    ...given.flatMap((scope) => [
      ...(scopes.includes(scope) ? [] : [invalidField(path, value, 'unsupported scope')]),
      ...resources
        .filter((resource) => !fits(scope, resource))
        .map(() => invalidField(path, value, 'unsupported scope applied to resource')),
    ]),
    ...conflicts(given, path, value),
  ];
}

function conflicts(given: readonly string[], path: string, value: string[]): FieldError[] {
  return exclusive
    .filter((pair) => pair.every((scope) => given.includes(scope)))
    .map(() => invalidField(path, value, 'conflicting scopes'));
}

function selectorErrors(spec: JsonObject): FieldError[] {
  const path = 'spec.scopeSelector.matchExpressions';
  const requirements = objectsAt(spec, 'scopeSelector', 'matchExpressions');
  const resources = Object.keys(objectAt(spec, 'hard'));
  return [
    ...requirements.flatMap((requirement) => {
      const scope = stringAt(requirement, 'scopeName');
      return [
        ...(scopes.includes(scope) ? [] : [invalidField(`${path}.scopeName`, scope, 'unsupported scope')]),
        ...resources
          .filter((resource) => !fits(scope, resource))
          .map(() => invalidField(path, objectAt(spec, 'scopeSelector'), 'unsupported scope applied to resource')),
        ...operatorErrors(requirement, scope, path),
      ];
    }),
    ...conflicts(
      requirements.map((requirement) => stringAt(requirement, 'scopeName')),
      path,
      [...stringsAt(spec, 'scopes')],
    ),
  ];
}

function operatorErrors(requirement: JsonObject, scope: string, path: string): FieldError[] {
  const operator = stringAt(requirement, 'operator');
  const isMissing = listAt(requirement, 'values').length === 0;
  const wantsValues = operator === 'In' || operator === 'NotIn';
  return [
    ...(existsOnly.includes(scope) && operator !== 'Exists'
      ? [
          invalidField(
            `${path}.operator`,
            operator,
            "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity",
          ),
        ]
      : []),
    ...(wantsValues && isMissing
      ? [
          requiredField(
            `${path}.values`,
            "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector",
          ),
        ]
      : []),
    ...(!wantsValues && !isMissing
      ? [
          invalidField(
            `${path}.values`,
            valueAt(requirement, 'values'),
            "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector",
          ),
        ]
      : []),
  ];
}

function validateUpdate(quota: JsonObject, old: JsonObject): FieldError[] {
  const set = (one: JsonObject) => [...new Set(stringsAt(one, 'spec', 'scopes'))].sort().join();
  return set(quota) === set(old)
    ? []
    : [invalidField('spec.scopes', [...stringsAt(quota, 'spec', 'scopes')], immutableText)];
}

/** `cpu: 100m/1, memory: 0/1Gi` of the requests, or of the limits. */
function usageText(quota: JsonObject, ofLimits: boolean): string {
  const hard = objectAt(quota, 'status', 'hard');
  const used = objectAt(quota, 'status', 'used');
  return Object.keys(hard)
    .filter((name) => name.startsWith('limits.') === ofLimits)
    .sort()
    .map(
      (name) => `${name}: ${quantityOrNone(used[name]) === undefined ? '0' : String(used[name])}/${String(hard[name])}`,
    )
    .join(', ');
}

/** Stored and checked; counting is a controller's, refusing an admission rule's. KA-2 */
export const resourceQuotas = dataKind({
  group: '',
  kind: 'ResourceQuota',
  plural: 'resourcequotas',
  scope: 'Namespaced',
  shortNames: ['quota'],
  columns: [
    cell('Request', 'What is used of what may be requested.', (quota) => usageText(quota, false)),
    cell('Limit', 'What is used of the limits.', (quota) => usageText(quota, true)),
  ],
  subresources: { status },
  strategy: { deleteReturnsObject: true, validate, validateUpdate },
});
