import type { JsonObject, JsonValue } from '@quarterdeck/machinery';
import { objectsAt, stringAt, stringsAt, valueAt } from '../../registry/fields.ts';
import { isBestEffort } from './pod-usage.ts';
import { type ResourceList, readResourceList } from './resource-list.ts';
import type { QuotaResource } from './usage.ts';

/** A ResourceQuota as the server reads it. KA-119 */
export interface Quota {
  readonly name: string;
  /** What it allows: of the spec, so that a change counts before the status says so. */
  readonly hard: ResourceList;
  /** Of the status; names that are not computed yet are absent. */
  readonly used: ResourceList;
  /** All must match; none: every object counts. */
  readonly scopes: readonly ScopeSelector[];
}

export interface ScopeSelector {
  readonly scope: string;
  readonly operator: string;
  readonly values: readonly string[];
}

export function readQuota(object: JsonObject): Quota {
  return {
    name: stringAt(object, 'metadata', 'name'),
    hard: readResourceList(valueAt(object, 'spec', 'hard')),
    used: readResourceList(valueAt(object, 'status', 'used')),
    scopes: [
      ...stringsAt(object, 'spec', 'scopes').map((scope) => ({ scope, operator: 'Exists', values: [] })),
      ...objectsAt(object, 'spec', 'scopeSelector', 'matchExpressions').map((expression) => ({
        scope: stringAt(expression, 'scopeName'),
        operator: stringAt(expression, 'operator'),
        values: stringsAt(expression, 'values'),
      })),
    ],
  };
}

/** Whether an object is one of those that the quota counts, as far as its scopes say. Only pods and claims have scopes. */
export function matchesScopes({ scopes }: Quota, of: QuotaResource, object: JsonObject): boolean {
  return scopes.every((selector) => matchesScope(selector, of, object));
}

function matchesScope(selector: ScopeSelector, { group, resource }: QuotaResource, object: JsonObject): boolean {
  if (group !== '') return false;
  if (resource === 'persistentvolumeclaims' && selector.scope === 'VolumeAttributesClass') {
    const names = [
      stringAt(object, 'spec', 'volumeAttributesClassName'),
      stringAt(object, 'status', 'currentVolumeAttributesClassName'),
    ].filter((name) => name !== '');
    return names.length === 0 ? matchesName(selector, '') : names.some((name) => matchesName(selector, name));
  }
  if (resource !== 'pods') return false;
  switch (selector.scope) {
    case 'Terminating':
      return isBounded(object);
    case 'NotTerminating':
      return !isBounded(object);
    case 'BestEffort':
      return isBestEffort(object);
    case 'NotBestEffort':
      return !isBestEffort(object);
    case 'PriorityClass':
      return matchesName(selector, stringAt(object, 'spec', 'priorityClassName'));
    case 'CrossNamespacePodAffinity':
      return reachesOtherNamespaces(object);
    default:
      return false;
  }
}

/** @param name empty: there is none */
function matchesName({ operator, values }: ScopeSelector, name: string): boolean {
  switch (operator) {
    case 'Exists':
      return name !== '';
    case 'DoesNotExist':
      return name === '';
    case 'In':
      return name !== '' && values.includes(name);
    case 'NotIn':
      return name === '' || !values.includes(name);
    default:
      return false;
  }
}

/** A pod with a deadline ends by itself. */
function isBounded(pod: JsonObject): boolean {
  const deadline: JsonValue | undefined = valueAt(pod, 'spec', 'activeDeadlineSeconds');
  return deadline !== undefined && deadline !== null && Number(deadline) >= 0;
}

function reachesOtherNamespaces(pod: JsonObject): boolean {
  return ['podAffinity', 'podAntiAffinity'].some((kind) => {
    const terms = [
      ...objectsAt(pod, 'spec', 'affinity', kind, 'requiredDuringSchedulingIgnoredDuringExecution'),
      ...objectsAt(pod, 'spec', 'affinity', kind, 'preferredDuringSchedulingIgnoredDuringExecution').flatMap(
        (weighted) => {
          const term = valueAt(weighted, 'podAffinityTerm');
          return term === undefined ? [] : [term as JsonObject];
        },
      ),
    ];
    return terms.some(
      (term) =>
        stringsAt(term, 'namespaces').length > 0 || (valueAt(term, 'namespaceSelector') ?? undefined) !== undefined,
    );
  });
}
