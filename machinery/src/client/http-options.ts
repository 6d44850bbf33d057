import type { Clock } from '../runtime/clock.ts';
import type { FieldValidation } from './client.ts';

/** Who the server must be, and who we are, in PEM. */
export interface TlsOptions {
  /** Authorities that may have signed the server's certificate. Absent: the ones that Node.js ships. */
  ca?: string | readonly string[];
  /** Our certificate chain; with `key`. */
  cert?: string;
  key?: string;
  /** The name to ask for and to verify, when it is not the URL's host. */
  serverName?: string;
}

/** Acts as another user, where the credentials allow it. KA-126 */
export interface Impersonation {
  user: string;
  groups?: readonly string[];
  uid?: string;
}

export interface HttpClientOptions {
  /** `https://host:port[/prefix]`; plain `http:` only to loopback, unless `insecure`. No query, no user info. */
  baseUrl: string;
  /**
   * TLS settings, or a function that gives the current ones. The function is asked before every request and must return
   * the same object while nothing changed: another object means that new requests go over new connections made with it,
   * while requests and watches under way end on theirs.
   */
  tls?: TlsOptions | (() => TlsOptions);
  /** Do without verifying the server's certificate, and allow plain `http:` beyond loopback. Default false. */
  insecure?: boolean;
  /** Bearer token, or where to get the current one: asked for each request, before `tls`. Undefined: none. */
  token?: string | (() => string | undefined | Promise<string | undefined>);
  /** Called for each 401, before the call fails with it, with the token that it was the answer to. CP-24 */
  onUnauthorized?: (token: string | undefined) => void;
  impersonate?: Impersonation;
  /** Default `quarterdeck`. Up to the first `/` it names the field manager of writes that name none. KA-72 */
  userAgent?: string;
  /** URL of an HTTP proxy (`http://[user:password@]host:port`); see `proxyForUrl` for the environment's. RG-55 */
  proxy?: string;
  /** For each try of a call from start to end, and for a watch until its first byte. Default 60 000 ms. */
  timeoutMs?: number;
  /** For a connection including TLS. Default 10 000 ms. */
  connectTimeoutMs?: number;
  /** Use HTTP/2 where the server offers it. Default true; why: docs/adr/0005. */
  http2?: boolean;
  /** What a write asks for that does not say: whether fields that the server does not know are an error. Default `Strict`. */
  fieldValidation?: FieldValidation;
  /** Called for each Warning header's text. Default: dropped. KA-62 */
  onWarning?: (text: string) => void;
  /** Default: the real one. Times calls and pauses between retries. */
  clock?: Clock;
}

/** Options that cannot be used; says which and why. */
export class ClientConfigError extends Error {
  override readonly name = 'ClientConfigError';
}

/**
 * Checks and takes apart the base URL. SEC-15
 * @throws ClientConfigError
 */
export function parseBaseUrl(baseUrl: string, insecure: boolean): URL {
  let url: URL;
  try {
    url = new URL(baseUrl);
  } catch (cause) {
    throw new ClientConfigError(`"${baseUrl}" is not a URL`, { cause });
  }
  if (url.username !== '' || url.password !== '') {
    throw new ClientConfigError(`the server URL must not hold credentials: ${url.protocol}//…@${url.host}`);
  }
  if (url.search !== '' || url.hash !== '')
    throw new ClientConfigError(`the server URL must end at its path: ${baseUrl}`);
  if (url.protocol === 'http:') {
    if (!insecure && !isLoopback(url.hostname)) {
      throw new ClientConfigError(
        `plain http is for loopback only, unless insecure connections are asked for: ${baseUrl}`,
      );
    }
  } else if (url.protocol !== 'https:') {
    throw new ClientConfigError(`the server URL must start with https:// (or http:// on loopback): ${baseUrl}`);
  }
  return url;
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
