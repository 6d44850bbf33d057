import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { createConnector } from '../client/connector.ts';
import type { HttpClientOptions, TlsOptions } from '../client/http-options.ts';
import { parseBaseUrl } from '../client/http-options.ts';
import type { Clock } from '../runtime/clock.ts';
import { nodeHttp } from '../runtime/node-http.ts';
import { tunnelProtocol } from './protocol.ts';

export interface DialOptions extends Pick<HttpClientOptions, 'proxy'> {
  readonly baseUrl: string;
  readonly tls: TlsOptions;
  /** Bearer token. Absent: the certificate tells who dials. RG-7 */
  readonly token?: string;
  /** Below the base URL. */
  readonly path: string;
  readonly userAgent: string;
  readonly clock: Clock;
}

/** The hub answered and does not switch. */
export class DialRefusedError extends Error {
  override readonly name = 'DialRefusedError';
  readonly status: number;
  constructor(status: number, text: string) {
    super(`the hub answered ${status} ${text}`.trim());
    this.status = status;
  }
}

const timeoutMs = 10_000;

/**
 * Opens a connection to the hub and asks it to switch to the tunnel's protocol.
 * @returns the connection, with whatever the hub sent beyond its answer still in it
 * @throws DialRefusedError; an Error when the hub cannot be reached
 */
export async function dialTunnel(options: DialOptions, signal: AbortSignal): Promise<Socket> {
  const url = parseBaseUrl(options.baseUrl, false);
  const connector = createConnector({
    url,
    tls: options.tls,
    verify: true,
    proxy: options.proxy,
    timeoutMs,
    clock: options.clock,
  });
  const { socket } = await connector.connect('http/1.1');
  try {
    signal.throwIfAborted();
    return await upgrade(socket, url, options, signal);
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

function upgrade(
  socket: Socket,
  url: URL,
  { path, userAgent, token }: DialOptions,
  signal: AbortSignal,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const asking = nodeHttp.request({
      createConnection: () => socket,
      method: 'POST',
      path: `${url.pathname.replace(/\/$/, '')}${path}`,
      headers: {
        host: url.host,
        connection: 'Upgrade',
        upgrade: tunnelProtocol,
        'user-agent': userAgent,
        'content-length': 0,
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      timeout: timeoutMs,
      signal,
    });
    asking.once('upgrade', (_answer: IncomingMessage, connection: Socket, head: Buffer) => {
      connection.setTimeout(0);
      if (head.byteLength > 0) connection.unshift(head);
      resolve(connection);
    });
    asking.once('response', (answer) => {
      answer.resume();
      reject(new DialRefusedError(answer.statusCode ?? 0, answer.statusMessage ?? ''));
    });
    asking.once('timeout', () => asking.destroy(new Error('the hub does not answer')));
    asking.once('error', reject);
    asking.end();
  });
}
