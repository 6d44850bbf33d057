import { apiVersionOf, badRequest, type KubeObject, type ResourceType } from '@quarterdeck/apis';

/** Query parameters; undefined ones are left out. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * Path of a collection: `/api/v1/namespaces/x/configmaps`, `/apis/group/version/plural`. KA-5
 * @param namespace absent: all namespaces, or a cluster-scoped kind
 */
export function collectionPath<T extends KubeObject>(type: ResourceType<T>, namespace: string | undefined): string {
  const root = `/${type.group === '' ? 'api' : 'apis'}/${apiVersionOf(type)}`;
  if (namespace === undefined) return `${root}/${type.plural}`;
  if (type.scope === 'Cluster') throw badRequest(`${type.plural} are cluster-scoped: namespace "${namespace}" given`);
  return `${root}/namespaces/${segment(namespace, 'namespace')}/${type.plural}`;
}

/** Path of one object, or of its subresource. KA-5 */
export function objectPath<T extends KubeObject>(
  type: ResourceType<T>,
  ref: { namespace?: string | undefined; name?: string | undefined },
  subresource?: string,
): string {
  const path = `${collectionPath(type, requiredNamespace(type, ref.namespace))}/${segment(ref.name ?? '', 'name')}`;
  return subresource === undefined ? path : `${path}/${subresource.split('/').map(encodeURIComponent).join('/')}`;
}

/** The namespace, which a namespaced kind must have here. */
export function requiredNamespace<T extends KubeObject>(
  type: ResourceType<T>,
  namespace: string | undefined,
): string | undefined {
  if (type.scope === 'Namespaced' && (namespace === undefined || namespace === '')) {
    throw badRequest(`${type.plural} are namespaced: namespace missing`);
  }
  return namespace;
}

export function queryString(query: Query): string {
  const parts: string[] = [];
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined) parts.push(`${key}=${encodeURIComponent(String(value))}`);
  }
  return parts.length === 0 ? '' : `?${parts.join('&')}`;
}

/** A path segment that no proxy or server can take for something else. BI-8 */
function segment(name: string, what: string): string {
  if (name === '' || name === '.' || name === '..' || /[/%]/.test(name)) {
    throw badRequest(`${what} ${JSON.stringify(name)} cannot stand in a path`);
  }
  return encodeURIComponent(name);
}
