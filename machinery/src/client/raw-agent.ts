import type { Agent } from 'node:http';
import type { Clock } from '../runtime/clock.ts';
import { nodeHttp } from '../runtime/node-http.ts';
import { createConnector } from './connector.ts';
import { type HttpClientOptions, parseBaseUrl } from './http-options.ts';
import { dropLateWrites } from './late-writes.ts';

const connectTimeoutMs = 10_000;

/**
 * Connections to a server for node:http, made as the client makes its own, but without any credentials of it: neither the
 * client certificate nor the token. For requests that pass through, of any method and with upgrades. HTTP/1.1.
 */
export function createRawAgent(options: HttpClientOptions, clock: Clock): Agent {
  const { insecure = false, proxy, tls } = options;
  const url = parseBaseUrl(options.baseUrl, insecure);
  const agent = new nodeHttp.Agent({ keepAlive: true, maxFreeSockets: 32 });
  agent.createConnection = (_options, callback) => {
    const { cert: _cert, key: _key, ...server } = (typeof tls === 'function' ? tls() : tls) ?? {};
    const connector = createConnector({
      url,
      tls: server,
      verify: !insecure,
      proxy,
      timeoutMs: options.connectTimeoutMs ?? connectTimeoutMs,
      clock,
    });
    connector.connect('http/1.1').then(
      ({ socket }) => {
        dropLateWrites(socket);
        callback?.(null, socket);
      },
      (error: unknown) => callback?.(error as Error, undefined as never),
    );
    return undefined;
  };
  return agent;
}
