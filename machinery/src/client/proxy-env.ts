import type { HttpClientOptions } from './http-options.ts';

/**
 * The proxy that the usual environment variables name for a URL: HTTPS_PROXY or HTTP_PROXY by its scheme, unless
 * NO_PROXY has its host (`*`, a name with its subdomains, `.name`, an address, each with an optional `:port`). Lower case
 * names win, as in curl. Loopback is never proxied. RG-55
 * @returns undefined for a direct connection
 */
export function proxyForUrl(
  url: string,
  environment: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const target = new URL(url);
  const host = target.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  if (host === 'localhost' || host === '::1' || host.startsWith('127.')) return undefined;
  const read = (name: string) => environment[name.toLowerCase()] || environment[name] || undefined;
  const proxy = read(target.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY');
  if (proxy === undefined) return undefined;
  const port = target.port || (target.protocol === 'https:' ? '443' : '80');
  const excluded = (read('NO_PROXY') ?? '')
    .split(/[\s,]+/)
    .some((entry) => matchesEntry(entry.toLowerCase(), host, port));
  return excluded ? undefined : withScheme(proxy);
}

function matchesEntry(entry: string, host: string, port: string): boolean {
  if (entry === '') return false;
  if (entry === '*') return true;
  const withPort = /^(.*):(\d+)$/.exec(entry);
  // An IPv6 address has colons of its own.
  const isPortForm = withPort !== null && !(withPort[1] ?? '').includes(':');
  if (isPortForm && withPort[2] !== port) return false;
  const name = (isPortForm ? (withPort[1] ?? '') : entry).replace(/^\*?\./, '');
  return host === name || host.endsWith(`.${name}`);
}

const withScheme = (proxy: string): string => (/^[a-z]+:\/\//i.test(proxy) ? proxy : `http://${proxy}`);

/** The proxy that a kubeconfig names, else the environment's: as kubectl and client-go have it. RG-55 */
export function withEnvironmentProxy(
  connection: HttpClientOptions,
  environment: Readonly<Record<string, string | undefined>>,
): HttpClientOptions {
  const proxy = connection.proxy ?? proxyForUrl(connection.baseUrl, environment);
  return proxy === undefined ? connection : { ...connection, proxy };
}
