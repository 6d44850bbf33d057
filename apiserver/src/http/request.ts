import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import type { ApiRequest } from '../pipeline/http-message.ts';

export type RawRequest = IncomingMessage | Http2ServerRequest;

/** What a front proxy would say of its user; from anybody else it is a lie. SEC-6 */
const stripped = /^(?:x-remote-|x-forwarded-|x-client-cert|forwarded$|front-end-)/;

export interface RequestTarget {
  readonly path: string;
  /** Without its question mark. */
  readonly query: string;
  /** Of lower-case names: what only a front proxy may send. Default: there is none, so that nobody is believed. KA-120b */
  readonly isIdentityHeader?: (name: string) => boolean;
}

/** A request of node:http or node:http2, as the pipeline knows requests. */
export function toApiRequest(
  raw: RawRequest,
  { path, query, isIdentityHeader }: RequestTarget,
  signal: AbortSignal,
): ApiRequest {
  const { rawHeaders } = raw;
  return {
    method: raw.method ?? 'GET',
    path,
    query: new URLSearchParams(query),
    headers: headersOf(raw.headers, isIdentityHeader),
    headerLists: valuesOf(rawHeaders, isImpersonation),
    body: raw,
    peer: {
      type: 'network',
      address: raw.socket.remoteAddress ?? '',
      clientCertificate: clientCertificateOf(raw),
      ...(isIdentityHeader === undefined ? {} : { identityHeaders: valuesOf(rawHeaders, isIdentityHeader) }),
    },
    signal,
  };
}

function headersOf(
  headers: IncomingHttpHeaders,
  isIdentityHeader: RequestTarget['isIdentityHeader'],
): Record<string, string> {
  const out: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || name.startsWith(':') || stripped.test(name) || isIdentityHeader?.(name) === true)
      continue;
    out[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return out;
}

/** Only these may be repeated with a meaning, and a comma may be part of a value. KA-126 */
const isImpersonation = (name: string): boolean => name.startsWith('impersonate-');

/** Of most requests. */
const noLists: Record<string, string[]> = Object.freeze(Object.create(null) as Record<string, string[]>);

/** Header by header, in lower case, each with its values in order. */
function valuesOf(raw: readonly string[], isWanted: (name: string) => boolean): Record<string, string[]> {
  let lists = noLists;
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = (raw[index] ?? '').toLowerCase();
    if (!isWanted(name)) continue;
    if (lists === noLists) lists = Object.create(null) as Record<string, string[]>;
    const list = lists[name] ?? [];
    lists[name] = list;
    list.push(raw[index + 1] ?? '');
  }
  return lists;
}

/** A connection's certificate does not change: renegotiation is off. */
const certificates = new WeakMap<object, { readonly der: Uint8Array | undefined }>();

function clientCertificateOf(raw: RawRequest): Uint8Array | undefined {
  const session = 'stream' in raw ? raw.stream.session : undefined;
  const socket = (session?.socket ?? raw.socket) as Partial<TLSSocket>;
  const owner = session ?? raw.socket;
  const known = certificates.get(owner);
  if (known !== undefined) return known.der;
  // The socket of a session is a proxy, which hides what `in` would ask for. No certificate: an empty object.
  const { raw: der } = (socket.getPeerCertificate?.() ?? {}) as { raw?: Buffer };
  certificates.set(owner, { der });
  return der;
}
