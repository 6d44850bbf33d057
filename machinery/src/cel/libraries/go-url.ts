import { goQuote } from '../../schema/go-text.ts';
import { type EscapeMode, escapeUrl, isEscapedPath, UrlError, unescapeUrl } from './go-url-escape.ts';
import { AddressError, parseAddress } from './ip-address.ts';

/**
 * A URL as Go's net/url understands it. All texts are byte strings (one character a byte of UTF-8), because an escape may
 * stand for any byte; {@link fromBytes} turns them back.
 */
export interface GoUrl {
  /** Lower case; empty when there is none. */
  readonly scheme: string;
  /** What follows the scheme when that is not a path: `mailto:x@y`. */
  readonly opaque: string;
  /** Escaped as it is printed; absent when there is no `@`. */
  readonly userinfo?: string;
  /** With the port. */
  readonly host: string;
  readonly path: string;
  /** As written, where that is not the plain escape of the path. */
  readonly rawPath: string;
  readonly rawQuery: string;
  /** A `?` with nothing after it. */
  readonly forceQuery: boolean;
  readonly fragment: string;
  readonly rawFragment: string;
  /** A scheme with a path and no `//`: `file:/etc`. */
  readonly omitHost: boolean;
}

/**
 * Reads an absolute URL or an absolute path, with a fragment.
 * @throws UrlError in Go's words
 */
export function parseUrl(text: string): GoUrl {
  // Kubernetes reads it twice: so nothing relative gets in.
  checkRequestUri(text);
  const bytes = toBytes(text);
  const hash = bytes.indexOf('#');
  const beforeHash = hash < 0 ? bytes : bytes.slice(0, hash);
  const url = within(fromBytes(beforeHash), () => parse(beforeHash, false));
  const raw = hash < 0 ? '' : bytes.slice(hash + 1);
  const fragment = within(text, () => unescapeUrl(raw, 'fragment'));
  return { ...url, fragment, rawFragment: raw === escapeUrl(fragment, 'fragment') ? '' : raw };
}

/**
 * Whether a text can stand in the first line of an HTTP request: an absolute URL or an absolute path.
 * @throws UrlError in Go's words
 */
export function checkRequestUri(text: string): void {
  within(text, () => parse(toBytes(text), true));
}

/** The host without port and brackets. */
export function urlHostname(url: GoUrl): string {
  return splitHostPort(url.host).hostname;
}

/** Digits, or nothing. */
export function urlPort(url: GoUrl): string {
  return splitHostPort(url.host).port;
}

/** The path as written where that is a valid escape of it, else the plain escape. */
export function urlEscapedPath({ path, rawPath }: GoUrl): string {
  if (rawPath !== '' && isEscapedPath(rawPath)) return rawPath;
  return path === '*' ? '*' : escapeUrl(path, 'path');
}

/** The parameters in order of their first appearance; what cannot be read is left out, as Go does. */
export function urlQuery(url: GoUrl): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const pair of url.rawQuery.split('&')) {
    if (pair === '' || pair.includes(';')) continue;
    const { before, after } = cut(pair, '=');
    const key = queryText(before);
    const value = queryText(after);
    if (key === undefined || value === undefined) continue;
    const values = found.get(key);
    if (values === undefined) found.set(key, [value]);
    else values.push(value);
  }
  return found;
}

/** The URL put together again; equal URLs are those whose texts are equal. */
export function printUrl(url: GoUrl): string {
  const scheme = url.scheme === '' ? '' : `${url.scheme}:`;
  const query = url.forceQuery || url.rawQuery !== '' ? `?${url.rawQuery}` : '';
  const fragment = url.fragment === '' ? '' : `#${escapedFragment(url)}`;
  if (url.opaque !== '') return `${scheme}${url.opaque}${query}${fragment}`;
  const path = urlEscapedPath(url);
  const authority = printAuthority(url);
  const slash = path !== '' && !path.startsWith('/') && url.host !== '' ? '/' : '';
  return `${scheme}${authority}${slash}${path}${query}${fragment}`;
}

/** A byte string as text; bytes that are no UTF-8 become U+FFFD. */
export function fromBytes(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

function toBytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

function within<T>(text: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof UrlError) throw new UrlError(`parse ${goQuote(text)}: ${error.message}`);
    throw error;
  }
}

const blank: GoUrl = {
  scheme: '',
  opaque: '',
  host: '',
  path: '',
  rawPath: '',
  rawQuery: '',
  forceQuery: false,
  fragment: '',
  rawFragment: '',
  omitHost: false,
};

/** @param isRequest `//host/path` is a path then, not a host */
function parse(bytes: string, isRequest: boolean): GoUrl {
  for (let at = 0; at < bytes.length; at++) {
    const code = bytes.charCodeAt(at);
    if (code < 0x20 || code === 0x7f) throw new UrlError('net/url: invalid control character in URL');
  }
  if (bytes === '' && isRequest) throw new UrlError('empty url');
  if (bytes === '*') return { ...blank, path: '*' };
  const { scheme, rest } = splitScheme(bytes);
  const forceQuery = rest.endsWith('?') && rest.indexOf('?') === rest.length - 1;
  const { before: location, after: rawQuery } = cut(rest, '?');
  const url = { ...blank, scheme, forceQuery, rawQuery };
  if (!location.startsWith('/')) {
    if (scheme !== '') return { ...url, opaque: location };
    throw new UrlError(isRequest ? 'invalid URI for request' : 'first path segment in URL cannot contain colon');
  }
  const hasAuthority = location.startsWith('//') && (scheme !== '' || (!isRequest && !location.startsWith('///')));
  if (!hasAuthority) return { ...url, ...readPath(location), omitHost: scheme !== '' };
  const slash = location.indexOf('/', 2);
  const authority = slash < 0 ? location.slice(2) : location.slice(2, slash);
  return { ...url, ...readAuthority(authority), ...readPath(slash < 0 ? '' : location.slice(slash)) };
}

function splitScheme(bytes: string): { scheme: string; rest: string } {
  if (bytes.startsWith(':')) throw new UrlError('missing protocol scheme');
  const found = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(bytes);
  if (found === null) return { scheme: '', rest: bytes };
  return { scheme: (found[1] ?? '').toLowerCase(), rest: bytes.slice(found[0].length) };
}

function readPath(bytes: string): { path: string; rawPath: string } {
  const path = unescapeUrl(bytes, 'path');
  return { path, rawPath: bytes === escapeUrl(path, 'path') ? '' : bytes };
}

function readAuthority(authority: string): { host: string; userinfo?: string } {
  const at = authority.lastIndexOf('@');
  const host = readHost(authority.slice(at + 1));
  if (at < 0) return { host };
  const userinfo = authority.slice(0, at);
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(userinfo)) throw new UrlError('net/url: invalid userinfo');
  const recoded = (text: string) => escapeUrl(unescapeUrl(text, 'user'), 'user');
  if (!userinfo.includes(':')) return { host, userinfo: recoded(userinfo) };
  const { before: name, after: password } = cut(userinfo, ':');
  return { host, userinfo: `${recoded(name)}:${recoded(password)}` };
}

function readHost(host: string): string {
  const open = host.lastIndexOf('[');
  if (open > 0) throw new UrlError('invalid IP-literal');
  if (open === 0) return readBracketed(host);
  const colon = host.lastIndexOf(':');
  if (colon >= 0) checkPort(host.slice(colon));
  return unescapeUrl(host, 'host');
}

function readBracketed(host: string): string {
  const close = host.lastIndexOf(']');
  if (close < 0) throw new UrlError("missing ']' in host");
  const port = host.slice(close + 1);
  checkPort(port);
  const name = host.slice(1, close);
  const zone = name.indexOf('%25');
  const decode = (text: string, mode: EscapeMode) => unescapeUrl(text, mode);
  const address =
    zone < 0 ? decode(name, 'host') : decode(name.slice(0, zone), 'host') + decode(name.slice(zone), 'zone');
  if (familyOf(address) === 4) throw new UrlError('invalid IP-literal');
  return `[${address}]${port}`;
}

function familyOf(address: string): 4 | 6 {
  try {
    return parseAddress(address).family;
  } catch (error) {
    if (error instanceof AddressError) throw new UrlError(`invalid host: ${error.message}`);
    throw error;
  }
}

const optionalPort = /^(?::[0-9]*)?$/;

function checkPort(port: string): void {
  if (!optionalPort.test(port)) throw new UrlError(`invalid port ${goQuote(fromBytes(port))} after host`);
}

function splitHostPort(host: string): { hostname: string; port: string } {
  const colon = host.lastIndexOf(':');
  const hasPort = colon >= 0 && optionalPort.test(host.slice(colon));
  const name = hasPort ? host.slice(0, colon) : host;
  const hostname = name.startsWith('[') && name.endsWith(']') ? name.slice(1, -1) : name;
  return { hostname, port: hasPort ? host.slice(colon + 1) : '' };
}

function printAuthority({ scheme, host, path, userinfo, omitHost }: GoUrl): string {
  if (scheme === '' && host === '' && userinfo === undefined) return '';
  if (omitHost && host === '' && userinfo === undefined) return '';
  if (host === '' && path === '' && userinfo === undefined) return '';
  return `//${userinfo === undefined ? '' : `${userinfo}@`}${escapeUrl(host, 'host')}`;
}

function escapedFragment({ fragment, rawFragment }: GoUrl): string {
  return rawFragment !== '' && isEscapedPath(rawFragment) ? rawFragment : escapeUrl(fragment, 'fragment');
}

function queryText(bytes: string): string | undefined {
  try {
    return fromBytes(unescapeUrl(bytes, 'query'));
  } catch (error) {
    if (error instanceof UrlError) return undefined;
    throw error;
  }
}

function cut(text: string, separator: string): { before: string; after: string } {
  const at = text.indexOf(separator);
  return at < 0 ? { before: text, after: '' } : { before: text.slice(0, at), after: text.slice(at + 1) };
}
