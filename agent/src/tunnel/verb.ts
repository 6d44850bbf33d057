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

/** `/api/v1/watch/...` watches without a word in the query; servers still know it. */
const watchPrefix = 'watch';

/**
 * The verb of a request, for the rules of the member's administrator. It errs to the stricter side: what cannot be told from
 * the URL is not `get`. The member authorises by itself what a request really is. Pure and total. RG-50
 * @param target path with query
 */
export function verbOf(method: string, target: string): TunnelVerb {
  const { resource, name, subresource, isWatchPath, asksToWatch } = partsOf(target);
  if (acting.has(subresource)) return 'create';
  switch (method) {
    case 'GET':
    case 'HEAD':
      if (isWatchPath) return 'watch';
      // One object is read whatever the query says: who may watch, and not get, must not get it so.
      if (resource === '' || name !== '') return 'get';
      return asksToWatch ? 'watch' : 'list';
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
  const queryAt = target.indexOf('?');
  const path = queryAt < 0 ? target : target.slice(0, queryAt);
  // Decoded before it is taken apart, as servers do: an escaped slash separates too.
  const segments = decoded(path)
    .split('/')
    .filter((segment) => segment !== '');
  const [root] = segments;
  const below = root === 'api' ? segments.slice(2) : root === 'apis' ? segments.slice(3) : [];
  const isWatchPath = below[0] === watchPrefix;
  const rest = isWatchPath ? below.slice(1) : below;
  // `/api/v1/namespaces/a/pods`, but `/api/v1/namespaces/a` and `/api/v1/namespaces/a/status`.
  const inside = rest[0] === 'namespaces' && rest.length > 2 && !['status', 'finalize'].includes(rest[2] ?? '');
  const [resource = '', name = '', subresource = ''] = inside ? rest.slice(2) : rest;
  const asked = new URLSearchParams(queryAt < 0 ? '' : target.slice(queryAt + 1)).getAll('watch');
  return { resource, name, subresource, isWatchPath, asksToWatch: asked.some(isOn) };
}

/** A flag of a query is on unless it says otherwise, as Kubernetes reads it: `?watch` too. */
const isOn = (value: string): boolean => !['0', 'false'].includes(value.toLowerCase());

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
