import { badRequest } from '@quarterdeck/apis';
import { encodeJson, exactFieldValue, parseFieldSelector, SelectorError } from '@quarterdeck/machinery';
import { pathSegmentProblems } from '../registry/names.ts';
import { parseFlag } from './query.ts';

/** The verbs that authorization, admission and audit know. KA-6 */
export type RequestVerb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';

/** What a URL asks for. KA-5, KA-6 */
export type RequestInfo = ResourceRequest | NonResourceRequest;

export interface ResourceRequest {
  readonly type: 'resource';
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  /** Empty: cluster-wide or cluster-scoped. For `/namespaces/NAME` the name itself, as Kubernetes counts it. */
  readonly namespace: string;
  /** Whether the path has a namespace segment before the resource: decides scope errors. */
  readonly namespaced: boolean;
  /** From the path, or from `fieldSelector=metadata.name=X` of a list or watch; else empty. */
  readonly name: string;
  /** Whether the path names one object. */
  readonly item: boolean;
  /** Undefined for a method that no resource knows: 405. */
  readonly verb: RequestVerb | undefined;
  /** What follows a subresource `proxy`, as it was sent: `/api/v1/pods`. Absent for all other requests. */
  readonly proxyPath?: string;
}

export interface NonResourceRequest {
  readonly type: 'nonResource';
  readonly path: string;
  /** The lower-case HTTP method; HEAD counts as get. */
  readonly verb: string;
}

const namespaceSubresources = new Set(['status', 'finalize']);

/**
 * Reads a request's URL. Total over all paths; what is not a resource path is a non-resource path.
 * @throws ApiError BadRequest when a path segment is not decodable, or `watch` is not a boolean
 */
export function parseRequestInfo(method: string, path: string, query: URLSearchParams): RequestInfo {
  const segments = path
    .split('/')
    .filter((segment) => segment !== '')
    .map(decodeSegment);
  const place = placeOf(segments);
  if (place === undefined) return { type: 'nonResource', path, verb: method === 'HEAD' ? 'get' : method.toLowerCase() };
  const { group, version } = place;
  // The legacy way to say `watch=true`. KA-5b
  const isWatched = place.rest[0] === 'watch' && place.rest.length > 1;
  const rest = isWatched ? place.rest.slice(1) : place.rest;
  const proxied = isWatched ? undefined : proxiedTarget(path, segments.length - rest.length, rest);
  const target = proxied?.target ?? targetOf(rest, group);
  // Nothing but what a proxy hands on may have empty segments.
  if (target === undefined || (proxied === undefined && path.includes('//'))) {
    return { type: 'nonResource', path, verb: method === 'HEAD' ? 'get' : method.toLowerCase() };
  }
  const item = target.name !== '';
  // The query of a proxied request is for whoever answers it.
  const own = proxied === undefined ? query : new URLSearchParams();
  const verb = isWatched ? watchVerb(method, target) : verbOf(method, item, own);
  const isRead = verb === 'list' || verb === 'watch';
  return {
    type: 'resource',
    group,
    version,
    ...target,
    item,
    // What is created has no name yet, and rights to one object are none to delete a collection. KA-127
    name: isRead && !item ? selectedName(query) : target.name,
    verb,
    ...(proxied === undefined ? {} : { proxyPath: proxied.proxyPath }),
  };
}

/** The name of the subresource whose URL goes on, as in Kubernetes. */
const proxySubresource = 'proxy';

/** A request to the subresource `proxy` of an object; the rest of its path is not ours to read. KA-5 */
function proxiedTarget(
  path: string,
  before: number,
  rest: readonly string[],
): { readonly target: Target; readonly proxyPath: string } | undefined {
  const namespaced = rest[0] === 'namespaces' && rest[4] === proxySubresource;
  const own = namespaced ? rest.slice(2, 5) : rest.slice(0, 3);
  const [resource = '', name = '', subresource = ''] = own;
  if (subresource !== proxySubresource) return undefined;
  const namespace = namespaced ? (rest[1] ?? '') : '';
  return {
    target: { resource, name, subresource, namespace, namespaced },
    proxyPath: pathAfter(path, before + own.length + (namespaced ? 2 : 0)),
  };
}

/** The path without its first segments, byte for byte; empty segments count for nothing before the cut. */
function pathAfter(path: string, segments: number): string {
  const found = new RegExp(`^(?:/*[^/]+){${segments}}`).exec(path);
  const remainder = path.slice(found?.[0].length ?? path.length);
  return remainder === '' ? '/' : remainder;
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw badRequest(`the path segment ${encodeJson(segment)} is not valid percent-encoding`);
  }
}

function placeOf(segments: readonly string[]): { group: string; version: string; rest: readonly string[] } | undefined {
  const [root, first, second] = segments;
  if (root === 'api' && first !== undefined && segments.length > 2) {
    return { group: '', version: first, rest: segments.slice(2) };
  }
  if (root === 'apis' && first !== undefined && second !== undefined && segments.length > 3) {
    return { group: first, version: second, rest: segments.slice(3) };
  }
  return undefined;
}

type Target = Pick<ResourceRequest, 'resource' | 'subresource' | 'namespace' | 'namespaced' | 'name'>;

function targetOf(rest: readonly string[], group: string): Target | undefined {
  const [first, second, third] = rest;
  if (first === undefined) return undefined;
  const inNamespace =
    first === 'namespaces' &&
    second !== undefined &&
    third !== undefined &&
    !(group === '' && rest.length === 3 && namespaceSubresources.has(third));
  if (inNamespace) {
    if (rest.length > 5) return undefined;
    return { resource: third, name: rest[3] ?? '', subresource: rest[4] ?? '', namespace: second, namespaced: true };
  }
  if (rest.length > 3) return undefined;
  const name = second ?? '';
  return {
    resource: first,
    name,
    subresource: third ?? '',
    namespace: group === '' && first === 'namespaces' ? name : '',
    namespaced: false,
  };
}

/** `fieldSelector=metadata.name=X` lets rules with resourceNames allow a list or watch. KA-6 */
function selectedName(query: URLSearchParams): string {
  try {
    const name = exactFieldValue(parseFieldSelector(query.get('fieldSelector') ?? ''), 'metadata.name') ?? '';
    return pathSegmentProblems(name).length === 0 ? name : '';
  } catch (error) {
    // The handler refuses it, once the caller may ask at all.
    if (error instanceof SelectorError) return '';
    throw error;
  }
}

function watchVerb(method: string, { subresource }: Target): RequestVerb | undefined {
  return (method === 'GET' || method === 'HEAD') && subresource === '' ? 'watch' : undefined;
}

function verbOf(method: string, item: boolean, query: URLSearchParams): RequestVerb | undefined {
  switch (method) {
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return item ? 'delete' : 'deletecollection';
    case 'GET':
    case 'HEAD':
      // One object is read whatever the query says; it is watched as a list of one.
      if (item) return 'get';
      return parseFlag(query, 'watch') ? 'watch' : 'list';
    default:
      return undefined;
  }
}
