import type { Socket } from 'node:net';
import { ClientConfigError } from './http-options.ts';
import { UndiciClient } from './undici.ts';

/** A server behind a proxy. */
export interface ProxyTarget {
  /** Without the brackets of an IPv6 address. */
  readonly hostname: string;
  readonly port: string;
  /** `https:` */
  readonly protocol: string;
}

/**
 * CONNECT through an HTTP proxy; TLS to the server then runs inside. RG-55
 * @param proxy `http://[user:password@]host:port`
 * @throws Error when the proxy cannot be reached, or refuses
 */
export async function connectThroughProxy(proxy: string, target: ProxyTarget, timeoutMs: number): Promise<Socket> {
  if (target.protocol !== 'https:') throw new ClientConfigError('a proxy is only used for https servers');
  const proxyUrl = new URL(proxy);
  const authorization =
    proxyUrl.username === ''
      ? {}
      : { 'proxy-authorization': `Basic ${btoa(decodeURIComponent(`${proxyUrl.username}:${proxyUrl.password}`))}` };
  const host = target.hostname.includes(':') ? `[${target.hostname}]` : target.hostname;
  const authority = `${host}:${target.port}`;
  const client = new UndiciClient(proxyUrl.origin, { connectTimeout: timeoutMs, allowH2: false });
  try {
    const { statusCode, socket } = await client.connect({
      path: authority,
      headers: { host: authority, ...authorization },
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (statusCode !== 200) {
      socket.destroy();
      throw new Error(`proxy ${proxyUrl.host} answered ${statusCode} to CONNECT`);
    }
    return socket as Socket;
  } catch (error) {
    await client.destroy();
    throw error;
  }
}
