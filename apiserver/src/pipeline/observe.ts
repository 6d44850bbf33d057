import type { Registry } from '../registry/registry.ts';
import type { RequestInfo } from './request-info.ts';

/** A request in words from closed sets: what no kind or verb of this server has is empty, or `OTHER`. KA-20 */
export interface ObservedRequest {
  /** `GET`, `LIST`, `WATCH`, `POST`, `PUT`, `PATCH`, `DELETE`, `DELETECOLLECTION`, `CONNECT` to elsewhere; else `OTHER`. */
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  /** The plural; empty for what is no resource. */
  readonly resource: string;
  readonly subresource: string;
  /** `resource` for one object, `namespace`, `cluster`; empty for what is no resource. */
  readonly scope: string;
  readonly dryRun: boolean;
}

/** One request under way. Each function is called once, in this order. */
export interface Observation {
  /** With the HTTP code, as soon as it is known. */
  answered(code: number): void;
  /** The answer is complete: of a watch, when it ends. */
  ended(): void;
}

/** Is told of everything a server does that is worth counting. Must not throw. */
export interface Observer {
  begin(request: ObservedRequest): Observation;
  /** How many events a watch was sent. `resource` as storage knows it: `plural.group`. */
  watchEvents(resource: string, count: number): void;
  /** An event was encoded, for every watch that wants it in this form. */
  watchEncoding(resource: string): void;
}

const resourceVerbs: Readonly<Record<string, string>> = {
  get: 'GET',
  list: 'LIST',
  watch: 'WATCH',
  create: 'POST',
  update: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
  deletecollection: 'DELETECOLLECTION',
};
const nonResourceVerbs: Readonly<Record<string, string>> = {
  get: 'GET',
  post: 'POST',
  put: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
};

/** @param info undefined when the URL could not be read */
export function observedRequest(
  info: RequestInfo | undefined,
  query: URLSearchParams,
  registry: Registry,
): ObservedRequest {
  const dryRun = query.get('dryRun') === 'All';
  const none = { group: '', version: '', resource: '', subresource: '', scope: '', dryRun };
  if (info === undefined) return { ...none, verb: 'OTHER' };
  if (info.type === 'nonResource') return { ...none, verb: nonResourceVerbs[info.verb] ?? 'OTHER' };
  const verb = resourceVerbs[info.verb ?? ''] ?? 'OTHER';
  const found = registry.resolve(info.group, info.version, info.resource);
  if (found === undefined) return { ...none, verb };
  const { subresources } = found.version;
  const subresource = Object.hasOwn(subresources, info.subresource) ? info.subresource : '';
  return {
    verb: subresources[subresource]?.type === 'connect' ? 'CONNECT' : verb,
    group: info.group,
    version: info.version,
    resource: info.resource,
    subresource,
    scope: info.item || verb === 'POST' ? 'resource' : info.namespaced ? 'namespace' : 'cluster',
    dryRun,
  };
}

/** A stream that tells by itself when it has ended, was left, or its request was given up, even before it was read. */
export interface EndingStream extends AsyncIterableIterator<Uint8Array>, Disposable {
  /** `told` is called once: in this call when it has ended already. */
  onceEnded(told: () => void): void;
}

const tellsItsEnd = (body: AsyncIterable<Uint8Array>): body is EndingStream => 'onceEnded' in body;

/** The same stream; calls back once when it ends, is left, or its request is given up, even before it was read. */
export function withEnd(
  body: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
  ended: () => void,
): AsyncIterable<Uint8Array> {
  if (tellsItsEnd(body)) {
    body.onceEnded(ended);
    return body;
  }
  let over = false;
  const end = () => {
    if (over) return;
    over = true;
    signal.removeEventListener('abort', end);
    ended();
  };
  signal.addEventListener('abort', end, { once: true });
  return ending(body, end);
}

function ending(body: AsyncIterable<Uint8Array>, end: () => void): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]() {
      const source = body[Symbol.asyncIterator]();
      const look = ({ done }: IteratorResult<Uint8Array>) => {
        if (done === true) end();
      };
      const watched = (step: Promise<IteratorResult<Uint8Array>>) => {
        step.then(look, end);
        return step;
      };
      return {
        next: () => watched(source.next()),
        async return() {
          end();
          return (await source.return?.()) ?? { done: true, value: undefined };
        },
      };
    },
  };
}
