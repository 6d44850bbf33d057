import {
  approximateValue,
  formatQuantity,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  type Quantity,
} from '@quarterdeck/machinery';
import { objectAt, objectsAt, stringAt, valueAt, withValue } from '../../registry/fields.ts';
import { podResources } from '../quota/pod-usage.ts';
import { type ResourceList, readResourceList, resourceListObject } from '../quota/resource-list.ts';

/** What LimitRanges say of pods and claims. Pure. KA-2 */

const setAnnotation = 'kubernetes.io/limit-ranger';

interface Limit {
  readonly type: string;
  readonly min: ResourceList;
  readonly max: ResourceList;
  readonly default: ResourceList;
  readonly defaultRequest: ResourceList;
  readonly ratio: ResourceList;
}

export function readLimits(limitRange: JsonObject): readonly Limit[] {
  return objectsAt(limitRange, 'spec', 'limits').map((limit) => ({
    type: stringAt(limit, 'type'),
    min: readResourceList(valueAt(limit, 'min')),
    max: readResourceList(valueAt(limit, 'max')),
    default: readResourceList(valueAt(limit, 'default')),
    defaultRequest: readResourceList(valueAt(limit, 'defaultRequest')),
    ratio: readResourceList(valueAt(limit, 'maxLimitRequestRatio')),
  }));
}

/** The pod, its containers with the requests and limits that they lack, and an annotation that says so. */
export function withDefaultResources(pod: JsonObject, limits: readonly Limit[]): JsonObject {
  const ofContainers = limits.filter(({ type }) => type === 'Container');
  const merged = (pick: (limit: Limit) => ResourceList): ResourceList =>
    new Map(ofContainers.flatMap((one) => [...pick(one)]));
  const requests = merged((limit) => limit.defaultRequest);
  const limited = merged((limit) => limit.default);
  const notes: string[] = [];
  const complete = (container: JsonObject, what: string): JsonObject => {
    const withRequests = withMissing(container, 'requests', requests);
    const withLimits = withMissing(withRequests.container, 'limits', limited);
    const name = stringAt(container, 'name');
    if (withRequests.added.length > 0) notes.push(`${withRequests.added.join(', ')} request for ${what} ${name}`);
    if (withLimits.added.length > 0) notes.push(`${withLimits.added.join(', ')} limit for ${what} ${name}`);
    return withLimits.container;
  };
  const spec = objectAt(pod, 'spec');
  const completeAll = (key: 'containers' | 'initContainers', what: string): JsonObject => {
    const list = spec[key];
    if (!Array.isArray(list)) return {};
    return { [key]: list.map((one: JsonValue) => (isJsonObject(one) ? complete(one, what) : one)) };
  };
  const completed = {
    ...spec,
    ...completeAll('containers', 'container'),
    ...completeAll('initContainers', 'init container'),
  };
  if (notes.length === 0) return pod;
  const note = `LimitRanger plugin set: ${notes.join('; ')}`;
  return withValue({ ...pod, spec: completed }, ['metadata', 'annotations', setAnnotation], note);
}

function withMissing(
  container: JsonObject,
  kind: 'requests' | 'limits',
  defaults: ResourceList,
): { readonly container: JsonObject; readonly added: readonly string[] } {
  const present = objectAt(container, 'resources', kind);
  const added = [...defaults.keys()].filter((name) => !Object.hasOwn(present, name)).sort();
  if (added.length === 0) return { container, added };
  const missing = resourceListObject(new Map([...defaults].filter(([name]) => added.includes(name))));
  return { container: withValue(container, ['resources', kind], { ...present, ...missing }), added };
}

/** What of the pod is outside of the limits, a sentence each. */
export function podProblems(pod: JsonObject, limits: readonly Limit[]): string[] {
  const containers = [...objectsAt(pod, 'spec', 'containers'), ...objectsAt(pod, 'spec', 'initContainers')];
  return limits.flatMap((limit) => {
    switch (limit.type) {
      case 'Container':
        return containers.flatMap((container) =>
          problems(limit, {
            requests: readResourceList(valueAt(container, 'resources', 'requests')),
            limits: readResourceList(valueAt(container, 'resources', 'limits')),
          }),
        );
      case 'Pod':
        return problems(limit, { requests: podResources(pod, 'requests'), limits: podResources(pod, 'limits') });
      default:
        return [];
    }
  });
}

/** Of a claim only what it requests counts. */
export function claimProblems(claim: JsonObject, limits: readonly Limit[]): string[] {
  const requests = readResourceList(valueAt(claim, 'spec', 'resources', 'requests'));
  return limits
    .filter(({ type }) => type === 'PersistentVolumeClaim')
    .flatMap(({ type, min, max }) => [
      ...[...min].flatMap(([name, bound]) => tooLittle({ type, name, bound }, requests.get(name), undefined)),
      ...[...max].flatMap(([name, bound]) => {
        const text = `maximum ${name} usage per ${type} is ${formatQuantity(bound)}`;
        const asked = requests.get(name);
        if (asked === undefined) return [`${text}.  No request is specified`];
        return asked.nanos > bound.nanos ? [`${text}, but request is ${formatQuantity(asked)}`] : [];
      }),
    ]);
}

interface Usage {
  readonly requests: ResourceList;
  readonly limits: ResourceList;
}

interface Bound {
  readonly type: string;
  readonly name: string;
  readonly bound: Quantity;
}

function problems({ type, min, max, ratio }: Limit, { requests, limits }: Usage): string[] {
  return [
    ...[...min].flatMap(([name, bound]) => tooLittle({ type, name, bound }, requests.get(name), limits.get(name))),
    ...[...max].flatMap(([name, bound]) => tooMuch({ type, name, bound }, requests.get(name), limits.get(name))),
    ...[...ratio].flatMap(([name, bound]) => tooFar({ type, name, bound }, requests.get(name), limits.get(name))),
  ];
}

function tooLittle({ type, name, bound }: Bound, request: Quantity | undefined, limit: Quantity | undefined): string[] {
  const text = `minimum ${name} usage per ${type} is ${formatQuantity(bound)}`;
  if (request === undefined) return [`${text}.  No request is specified`];
  if (request.nanos < bound.nanos) return [`${text}, but request is ${formatQuantity(request)}`];
  return limit !== undefined && limit.nanos < bound.nanos ? [`${text}, but limit is ${formatQuantity(limit)}`] : [];
}

function tooMuch({ type, name, bound }: Bound, request: Quantity | undefined, limit: Quantity | undefined): string[] {
  const text = `maximum ${name} usage per ${type} is ${formatQuantity(bound)}`;
  if (limit === undefined) return [`${text}.  No limit is specified`];
  if (limit.nanos > bound.nanos) return [`${text}, but limit is ${formatQuantity(limit)}`];
  return request !== undefined && request.nanos > bound.nanos
    ? [`${text}, but request is ${formatQuantity(request)}`]
    : [];
}

/** A limit may be so many times the request. */
function tooFar({ type, name, bound }: Bound, request: Quantity | undefined, limit: Quantity | undefined): string[] {
  const text = `${name} max limit to request ratio per ${type} is ${formatQuantity(bound)}`;
  if (request === undefined || request.nanos === 0n) return [`${text}, but no request is specified or request is 0`];
  if (limit === undefined || limit.nanos === 0n) return [`${text}, but no limit is specified or limit is 0`];
  // Exactly: limit / request > bound.
  if (limit.nanos * 1_000_000_000n <= bound.nanos * request.nanos) return [];
  return [`${text}, but provided ratio is ${(approximateValue(limit) / approximateValue(request)).toFixed(6)}`];
}
