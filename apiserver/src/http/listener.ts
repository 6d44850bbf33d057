import type { Server as HttpServer, IncomingMessage } from 'node:http';
import type { Http2SecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type Clock, type Logger, systemClock } from '@quarterdeck/machinery';
import type { Pipeline } from '../pipeline/http-message.ts';
import type { CertificateSource } from '../tls/serving-certificate.ts';
import { followConnections } from './connections.ts';
import { buildFastify, type ClientPatience, usualPatience } from './fastify.ts';
import { createInFlight } from './in-flight.ts';
import { createMounts } from './mounts.ts';
import { createServing } from './serving.ts';

export interface HttpListenerOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Absent: plain HTTP, on loopback addresses only. KA-144 */
  readonly certificate?: CertificateSource;
  readonly logger: Logger;
  /**
   * Of lower-case names: which headers only a front proxy may send. They reach the pipelines apart from the others, which
   * believe them or not. Default: none, and nobody is believed. KA-120b
   */
  readonly isIdentityHeader?: (name: string) => boolean;
  /** Default: the real one. */
  readonly clock?: Clock;
  /** Connections above this are closed as soon as they are made. Default: as many as the system allows. F-32 */
  readonly maxConnections?: number | undefined;
  /** Told of each connection that found no room. */
  readonly onRefused?: () => void;
  /** Default: 10 s for headers, 60 s for a request. */
  readonly patience?: ClientPatience;
}

export interface StopOptions {
  /** How long to serve on before refusing new requests. Default 0. */
  readonly delayMs?: number;
  /** Over how long watches are closed. Default 0. */
  readonly spreadMs?: number;
  /** How long to wait for requests under way. Default 60 s. */
  readonly graceMs?: number;
}

/** A socket that serves one or several API servers. It knows requests and responses, nothing of Kubernetes. */
export interface HttpListener extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** `https://HOST:PORT`, without a slash at its end. */
  readonly url: string;
  /** Serves a pipeline below a path prefix; empty for the root. */
  mount(prefix: string, pipeline: Pipeline): Disposable;
  /** KA-145. Idempotent. */
  stop(options?: StopOptions): Promise<void>;
}

const loopback = new Set(['127.0.0.1', '::1', 'localhost']);

/** @throws Error when the port is in use, or plain HTTP is asked for on an address that others can reach */
export async function startHttpListener(options: HttpListenerOptions): Promise<HttpListener> {
  const { certificate, logger, clock = systemClock, patience = usualPatience, maxConnections } = options;
  if (certificate === undefined && !loopback.has(options.host)) {
    throw new Error(`plain HTTP is served on loopback only, not on ${options.host}: configure a certificate`);
  }
  const mounts = createMounts();
  const flights = createInFlight(clock);
  const { isIdentityHeader } = options;
  const serving = createServing({ mounts, flights, isIdentityHeader, patience, clock, logger });
  const fastify = buildFastify({ pair: certificate?.current, patience }, (raw, response) => {
    serving.serve(raw, response).catch((error: unknown) => {
      logger.error({ err: error }, 'request failed outside the pipeline');
      response.destroy();
    });
  });
  const server = fastify.server as HttpServer | Http2SecureServer;
  server.on('upgrade', (raw: IncomingMessage, socket: Duplex, head: Buffer) => {
    serving.serveUpgrade(raw, socket, head).catch((error: unknown) => {
      logger.debug({ err: error }, 'an upgraded request broke off');
      socket.destroy();
    });
  });
  const connections = followConnections(server, { clock, logger, maxConnections, onRefused: options.onRefused });
  const reload = certificate?.onChange(({ certificate: cert, key }) => {
    (server as Http2SecureServer).setSecureContext({ cert, key });
  });
  try {
    await fastify.listen({ host: options.host, port: options.port });
  } catch (error) {
    connections[Symbol.dispose]();
    throw error;
  }
  const { port } = server.address() as AddressInfo;

  const stop = async ({ delayMs = 0, spreadMs = 0, graceMs = 60_000 }: StopOptions = {}): Promise<void> => {
    if (delayMs > 0) await clock.sleep(delayMs);
    serving.refuse();
    await flights.endStreams(spreadMs);
    await flights.settled(graceMs);
    flights.abort();
    connections.endSessions();
    const closed = fastify.close();
    connections.destroy();
    reload?.[Symbol.dispose]();
    connections[Symbol.dispose]();
    await closed;
  };

  let stopping: Promise<void> | undefined;
  const listener: HttpListener = {
    host: options.host,
    port,
    url: `${certificate === undefined ? 'http' : 'https'}://${hostInUrl(options.host)}:${port}`,
    mount: (prefix, pipeline) => mounts.add(prefix, pipeline),
    stop(stopOptions) {
      stopping ??= stop(stopOptions);
      return stopping;
    },
    [Symbol.asyncDispose]: () => listener.stop({ graceMs: 1000 }),
  };
  return listener;
}

const hostInUrl = (host: string) => (host.includes(':') ? `[${host}]` : host);
