import { type Clock, encodeJson } from '@quarterdeck/machinery';
import type { Authenticator, UserInfo } from './authenticator.ts';
import { createClientCertificateAuthenticator } from './client-certificate.ts';
import { unauthorized } from './unauthorized.ts';

/** Whom to believe what its headers say of a user, and which headers. Names of headers in any case. KA-120b */
export interface FrontProxyOptions {
  /** PEM of the CAs that vouch for front proxies, as of now. Others than those of clients: who these vouch for may be anybody. */
  readonly caBundle: () => string;
  /** Common names of front proxies; empty: every one that a CA vouches for. */
  readonly allowedNames: readonly string[];
  /** The first that says something names the user. */
  readonly usernameHeaders: readonly string[];
  /** The first that says something is the user's UID; empty: users have none. */
  readonly uidHeaders: readonly string[];
  /** Every value of each is a group. */
  readonly groupHeaders: readonly string[];
  /** What follows one of these, in lower case and percent-decoded, is a key of the user's extra. */
  readonly extraHeaderPrefixes: readonly string[];
}

/** Which headers (in lower case) only a front proxy may send; from anybody else they are dropped. SEC-6 */
export function isIdentityHeader(options: FrontProxyOptions): (name: string) => boolean {
  const names = new Set(
    [...options.usernameHeaders, ...options.uidHeaders, ...options.groupHeaders].map((name) => name.toLowerCase()),
  );
  const prefixes = options.extraHeaderPrefixes.map((prefix) => prefix.toLowerCase());
  return (name) => names.has(name) || prefixes.some((prefix) => name.startsWith(prefix));
}

/**
 * Identity by the headers of a front proxy, which proves itself by its client certificate. Undefined when no user is named, or
 * by nobody who has a certificate; a certificate that is no front proxy's makes the headers count for nothing. KA-120b, SEC-6
 */
export function createFrontProxyAuthenticator(options: FrontProxyOptions, clock: Clock): Authenticator {
  const certificates = createClientCertificateAuthenticator({ caBundle: options.caBundle, clock });
  const allowed = new Set(options.allowedNames);
  return {
    name: 'front-proxy',
    async authenticate({ clientCertificate, identityHeaders = {} }) {
      const user = userOf(options, identityHeaders);
      if (user === undefined || clientCertificate === undefined) return undefined;
      const proxy = await certificates.authenticate({ clientCertificate, authorization: undefined });
      if (proxy === undefined) return undefined;
      if (allowed.size > 0 && !allowed.has(proxy.user.name)) {
        throw unauthorized(new Error(`${encodeJson(proxy.user.name)} is not among the names of front proxies`));
      }
      return { user, ...(proxy.expiresAt === undefined ? {} : { expiresAt: proxy.expiresAt }) };
    },
  };
}

type IdentityHeaders = Readonly<Record<string, readonly string[]>>;

function userOf(options: FrontProxyOptions, headers: IdentityHeaders): UserInfo | undefined {
  const name = firstOf(options.usernameHeaders, headers);
  if (name === undefined) return undefined;
  const uid = firstOf(options.uidHeaders, headers);
  const extra = extraOf(options.extraHeaderPrefixes, headers);
  const groups = options.groupHeaders.flatMap((header) => headers[header.toLowerCase()] ?? []);
  return {
    name,
    groups: groups.filter((group) => group !== ''),
    ...(uid === undefined ? {} : { uid }),
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  };
}

/** The first value of the first header that has one which is not empty. */
function firstOf(names: readonly string[], headers: IdentityHeaders): string | undefined {
  return names.map((name) => headers[name.toLowerCase()]?.[0]).find((value) => value !== undefined && value !== '');
}

function extraOf(prefixes: readonly string[], headers: IdentityHeaders): Record<string, string[]> {
  const extra: Record<string, string[]> = Object.create(null);
  for (const prefix of prefixes) {
    const start = prefix.toLowerCase();
    for (const [name, values] of Object.entries(headers)) {
      if (!name.startsWith(start)) continue;
      const key = decoded(name.slice(start.length));
      extra[key] = [...(extra[key] ?? []), ...values];
    }
  }
  return { ...extra };
}

/** What is no percent-encoding is kept as it is, as kube-apiserver keeps it. */
function decoded(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}

/** What programs of one's own need to believe the same front proxies: keys of `extension-apiserver-authentication`. KA-144d */
export function publishedFrontProxy(options: FrontProxyOptions): Readonly<Record<string, string>> {
  return {
    'requestheader-username-headers': encodeJson([...options.usernameHeaders]),
    ...(options.uidHeaders.length === 0 ? {} : { 'requestheader-uid-headers': encodeJson([...options.uidHeaders]) }),
    'requestheader-group-headers': encodeJson([...options.groupHeaders]),
    'requestheader-extra-headers-prefix': encodeJson([...options.extraHeaderPrefixes]),
    'requestheader-client-ca-file': options.caBundle(),
    'requestheader-allowed-names': encodeJson([...options.allowedNames]),
  };
}
