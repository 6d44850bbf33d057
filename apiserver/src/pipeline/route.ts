import type { ResourceDefinition, Subresource, Verb } from '../registry/definition.ts';
import type { Registry, ResolvedResource } from '../registry/registry.ts';
import type { Encoding, Form, Offer } from './accept.ts';
import { methodNotAllowed, unknownPath } from './errors.ts';
import { handlePatch } from './handlers/patch.ts';
import { handleGet, handleList } from './handlers/read.ts';
import { handleSubresource } from './handlers/subresource.ts';
import { handleWatch } from './handlers/watch.ts';
import { handleCreate, handleDelete, handleDeleteCollection, handleUpdate } from './handlers/write.ts';
import type { RequestVerb, ResourceRequest } from './request-info.ts';
import type { Answer, RequestScope } from './scope.ts';

/**
 * Finds what a resource request is about.
 * @throws ApiError NotFound for an unknown resource or the wrong scope, MethodNotAllowed. KA-7
 */
export function resolveRequest(registry: Registry, info: ResourceRequest): ResolvedResource {
  const resource = registry.resolve(info.group, info.version, info.resource);
  if (resource === undefined) throw unknownPath();
  const { scope } = resource.definition;
  if (scope === 'Cluster' && info.namespaced) throw unknownPath();
  if (scope === 'Cluster' || info.namespaced) return resource;
  // Without a namespace segment a namespaced resource is only listed and watched. KA-5
  if (info.item) throw unknownPath();
  if (info.verb !== 'list' && info.verb !== 'watch') throw methodNotAllowed();
  return resource;
}

/** What the answer to this request can look like. KA-29, KA-32, KA-34, KA-85 */
export function offerOf(info: ResourceRequest, resource: ResolvedResource): Offer {
  const { definition } = resource;
  const forms = formsOf(info, definition, subresourceOf(info, resource));
  const builtin: readonly Encoding[] = definition.origin === 'builtin' ? ['protobuf'] : [];
  const encodings: readonly Encoding[] = info.verb === 'watch' ? ['json', ...builtin] : ['json', 'yaml', ...builtin];
  return { encodings, forms };
}

function formsOf(info: ResourceRequest, definition: ResourceDefinition, subresource: Subresource | undefined): Form[] {
  if (definition.strategy.answer !== undefined) return ['Object'];
  if (subresource?.type === 'action' || subresource?.type === 'order') return ['Object'];
  if (subresource?.type === 'scale') return ['Object', 'Table'];
  switch (info.verb) {
    case 'list':
    case 'deletecollection':
      return ['Object', 'Table', 'PartialObjectMetadataList'];
    default:
      return ['Object', 'Table', 'PartialObjectMetadata'];
  }
}

export function subresourceOf(info: ResourceRequest, { version }: ResolvedResource): Subresource | undefined {
  const { subresources } = version;
  return Object.hasOwn(subresources, info.subresource) ? subresources[info.subresource] : undefined;
}

/** Hands a request to its handler. @throws ApiError NotFound, MethodNotAllowed, and whatever the handler refuses */
export async function dispatch(scope: RequestScope): Promise<Answer> {
  const { info, resource } = scope;
  if (info.subresource !== '') {
    const subresource = subresourceOf(info, resource);
    if (subresource === undefined) throw unknownPath();
    return handleSubresource(scope, subresource);
  }
  if (info.verb === undefined || !supports(resource.definition, info)) throw methodNotAllowed();
  return handleVerb(scope, info.verb);
}

function supports({ verbs }: ResourceDefinition, { verb, item }: ResourceRequest): boolean {
  if (!verbs.some((known: Verb) => known === verb)) return false;
  // POST to an object and PUT to a collection name a known resource by a method it has not.
  return verb === 'create' ? !item : verb === 'update' || verb === 'patch' ? item : true;
}

async function handleVerb(scope: RequestScope, verb: RequestVerb): Promise<Answer> {
  switch (verb) {
    case 'get':
      return handleGet(scope);
    case 'list':
      return handleList(scope);
    case 'watch':
      return handleWatch(scope);
    case 'create':
      return handleCreate(scope);
    case 'update':
      return handleUpdate(scope);
    case 'patch':
      return handlePatch(scope);
    case 'delete':
      return handleDelete(scope);
    case 'deletecollection':
      return handleDeleteCollection(scope);
    default:
      return verb satisfies never;
  }
}
