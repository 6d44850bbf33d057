/** What a request to a Kubernetes API does; `other`: what no rule for verbs allows. */
export type TunnelVerb =
  | 'get'
  | 'list'
  | 'watch'
  | 'create'
  | 'update'
  | 'patch'
  | 'delete'
  | 'deletecollection'
  | 'other';

/** Subresources that do something whatever the method: a WebSocket to them is a GET. */
const acting = new Set(['exec', 'attach', 'portforward', 'proxy']);

/**
 * The verb of a request, for the rules of the member's administrator. It errs to the stricter side: what cannot be told from
 * the URL is not `get`. The member authorises by itself what a request really is. Pure and total. RG-50
 * @param target path with query
 */
export function verbOf(method: string, target: string): TunnelVerb {
  const { resource, name, subresource, watch } = partsOf(target);
  if (acting.has(subresource)) return 'create';
  switch (method) {
    case 'GET':
    case 'HEAD':
      if (watch) return 'watch';
      return resource === '' || name !== '' ? 'get' : 'list';
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return name === '' ? 'deletecollection' : 'delete';
    default:
      return 'other';
  }
}

function partsOf(target: string) {
  const [path = '', query = ''] = target.split('?', 2);
  const segments = path
    .split('/')
    .filter((segment) => segment !== '')
    .map(decoded);
  const [root] = segments;
  const rest = root === 'api' ? segments.slice(2) : root === 'apis' ? segments.slice(3) : [];
  const watch = new URLSearchParams(query).get('watch');
  // `/api/v1/namespaces/a/pods`, but `/api/v1/namespaces/a` and `/api/v1/namespaces/a/status`.
  const inside = rest[0] === 'namespaces' && rest.length > 2 && !['status', 'finalize'].includes(rest[2] ?? '');
  const [resource = '', name = '', subresource = ''] = inside ? rest.slice(2) : rest;
  return {
    resource,
    name,
    subresource,
    watch: watch !== null && !['', '0', 'f', 'false'].includes(watch.toLowerCase()),
  };
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
