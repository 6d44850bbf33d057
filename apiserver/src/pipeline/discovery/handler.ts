import { createHash } from 'node:crypto';
import { encodeJson, type JsonObject } from '@quarterdeck/machinery';
import type { Registry } from '../../registry/registry.ts';
import { type AcceptClause, negotiate, notAcceptable, parseAccept, plainOffer, wantsPretty } from '../accept.ts';
import { methodNotAllowed } from '../errors.ts';
import type { ApiRequest, ApiResponse } from '../http-message.ts';
import type { NonResourceHandler } from '../non-resource.ts';
import { renderDocument } from '../render/render.ts';
import { type AggregatedVersion, groupDiscoveryList } from './aggregated.ts';
import { apiGroup, apiGroupList, apiResourceList, apiVersions } from './legacy.ts';

/** `/api`, `/apis` and everything below them that is not a resource. KA-10 to KA-14 */
export function createDiscoveryHandler(registry: Registry): NonResourceHandler {
  const aggregated = createAggregatedCache(registry);
  return (request, info) => {
    const [root, ...rest] = info.path.split('/').filter((segment) => segment !== '');
    if ((root !== 'api' && root !== 'apis') || info.path.includes('//')) return undefined;
    const document = legacyDocument(registry, root, rest);
    if (document === undefined) return undefined;
    if (info.verb !== 'get') throw methodNotAllowed();
    const version = rest.length === 0 ? aggregatedVersion(request) : undefined;
    if (version === undefined) return plain(request, document, rest.length === 0);
    return cached(request, aggregated(root, version));
  };
}

function legacyDocument(registry: Registry, root: string, rest: readonly string[]): JsonObject | undefined {
  const groups = registry.groups();
  const [first, second] = rest;
  if (root === 'api') {
    if (first === undefined) return apiVersions();
    return rest.length === 1 ? resourcesOf(registry, '', first) : undefined;
  }
  if (first === undefined) return apiGroupList(groups);
  const group = groups.find((candidate) => candidate.name === first && first !== '');
  if (group === undefined) return undefined;
  if (second === undefined) return apiGroup(group);
  return rest.length === 2 ? resourcesOf(registry, first, second) : undefined;
}

function resourcesOf(registry: Registry, group: string, version: string): JsonObject | undefined {
  const found = registry
    .groups()
    .find((candidate) => candidate.name === group)
    ?.versions.find((candidate) => candidate.name === version);
  if (found === undefined) return undefined;
  return apiResourceList(group === '' ? version : `${group}/${version}`, found.resources);
}

function plain(request: ApiRequest, document: JsonObject, varies: boolean): ApiResponse {
  const pretty = wantsPretty(request.query, request.headers['user-agent']);
  const response = renderDocument(200, document, negotiate(request.headers.accept, plainOffer, pretty));
  return varies ? { ...response, headers: { ...response.headers, vary: 'Accept' } } : response;
}

/** The first clause that names a form this server has decides; parameters may stand in any order. KA-11 */
function aggregatedVersion(request: ApiRequest): AggregatedVersion | undefined {
  const clauses = parseAccept(request.headers.accept);
  for (const clause of clauses) {
    const version = versionOf(clause);
    if (version !== undefined) return version;
    if (
      !clause.parameters.has('as') &&
      ['application/json', 'application/yaml', '*/*', 'application/*'].includes(clause.name)
    ) {
      return undefined;
    }
  }
  throw notAcceptable(plainOffer);
}

function versionOf({ name, parameters }: AcceptClause): AggregatedVersion | undefined {
  const version = parameters.get('v');
  const matches =
    name === 'application/json' &&
    parameters.get('as') === 'APIGroupDiscoveryList' &&
    parameters.get('g') === 'apidiscovery.k8s.io';
  return matches && (version === 'v2' || version === 'v2beta1') ? version : undefined;
}

interface CachedDocument {
  readonly body: Buffer;
  readonly etag: string;
  readonly contentType: string;
}

/** Built once for each state of the registry. */
function createAggregatedCache(
  registry: Registry,
): (root: 'api' | 'apis', version: AggregatedVersion) => CachedDocument {
  const documents = new Map<string, CachedDocument>();
  let generation = -1;
  return (root, version) => {
    if (generation !== registry.generation) {
      documents.clear();
      generation = registry.generation;
    }
    const key = `${root} ${version}`;
    const known = documents.get(key);
    if (known !== undefined) return known;
    const groups = registry.groups().filter((group) => (group.name === '') === (root === 'api'));
    const body = Buffer.from(encodeJson(groupDiscoveryList(groups, version)), 'utf8');
    const document = {
      body,
      etag: `"${createHash('sha256').update(body).digest('hex').toUpperCase()}"`,
      contentType: `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`,
    };
    documents.set(key, document);
    return document;
  };
}

/** KA-14 */
function cached(request: ApiRequest, { body, etag, contentType }: CachedDocument): ApiResponse {
  const headers = { etag, vary: 'Accept', 'cache-control': 'public', 'content-type': contentType };
  const known = (request.headers['if-none-match'] ?? '').split(',').map((tag) => tag.trim());
  if (known.includes(etag)) return { status: 304, headers: { etag, vary: 'Accept' }, body: new Uint8Array() };
  return { status: 200, headers, body };
}
