import { badRequest, type ResourceType } from '@quarterdeck/apis';
import { encodeJson } from '@quarterdeck/machinery';

/**
 * The URL path of a collection, or with a name of one object.
 * @throws ApiError BadRequest when the namespace does not fit the kind's scope
 */
export function pathOf(
  type: ResourceType,
  ref: { readonly namespace?: string; readonly name?: string },
  subresource?: string,
): string {
  const root = type.group === '' ? `/api/${type.version}` : `/apis/${type.group}/${type.version}`;
  if (type.scope === 'Cluster' && (ref.namespace ?? '') !== '') {
    throw badRequest(`${type.kind} is cluster-scoped: namespace ${encodeJson(ref.namespace ?? '')} must not be set`);
  }
  if (type.scope === 'Namespaced' && ref.name !== undefined && (ref.namespace ?? '') === '') {
    throw badRequest(`${type.kind} is namespaced: namespace must be set`);
  }
  const namespace = (ref.namespace ?? '') === '' ? '' : `/namespaces/${encodeURIComponent(ref.namespace ?? '')}`;
  const name = ref.name === undefined ? '' : `/${encodeURIComponent(ref.name)}`;
  return `${root}${namespace}/${type.plural}${name}${subresource === undefined ? '' : `/${subresource}`}`;
}
