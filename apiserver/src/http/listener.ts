import type { Server as HttpServer, IncomingMessage } from 'node:http';
import { constants, type Http2SecureServer, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { apiError, StatusReason } from '@quarterdeck/apis';
import { type Clock, encodeJson, type JsonObject, type Logger, systemClock } from '@quarterdeck/machinery';
import type { ApiResponse, Pipeline } from '../pipeline/http-message.ts';
import type { CertificateSource } from '../tls/serving-certificate.ts';
import { buildFastify, type ClientPatience, usualPatience } from './fastify.ts';
import { createInFlight } from './in-flight.ts';
import { createMounts } from './mounts.ts';
import { createRefusals } from './refusals.ts';
import { type RawRequest, toApiRequest } from './request.ts';
import { type RawResponse, sendResponse } from './respond.ts';
import { createSessionLiveness } from './session-liveness.ts';
import { hasBody, responseOn, switchProtocols, wantedUpgrade } from './upgrade.ts';

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
  const sessions = new Set<ServerHttp2Session>();
  let refusing = false;
  let stopping: Promise<void> | undefined;

  const { isIdentityHeader } = options;
  const requestOf = (raw: RawRequest, path: string, query: string, signal: AbortSignal) =>
    toApiRequest(raw, { path, query, ...(isIdentityHeader === undefined ? {} : { isIdentityHeader }) }, signal);

  const serve = async (raw: RawRequest, response: RawResponse): Promise<void> => {
    using flight = flights.begin();
    const { controller } = flight;
    response.once('close', () => {
      if (!response.writableFinished) controller.abort(new Error('the client went away'));
    });
    response.on('error', (error) => logger.debug({ err: error }, 'response failed'));
    endWhenReset(raw);
    stopLateUpload(raw, patience.lookMs, clock);
    raw.on('error', (error) => controller.abort(error));
    const [path = '/', query = ''] = split(raw.url ?? '/');
    const target = mounts.find(path);
    if (refusing) return sendResponse(response, shuttingDown(raw), controller.signal);
    if (target === undefined) {
      return sendResponse(response, mounts.hasBegun ? nothingHere() : notYet(), controller.signal);
    }
    const answer = await target.pipeline(requestOf(raw, target.path, query, controller.signal));
    if (!(answer.body instanceof Uint8Array)) flight.streaming();
    if (answer.body instanceof Uint8Array) return sendResponse(response, answer, controller.signal);
    await sendResponse(response, answer, controller.signal).catch((error: unknown) => {
      logger.debug({ err: error }, 'an answer broke off');
      response.destroy();
    });
  };

  /** A request to switch protocols; whatever else comes of it is answered as usual. RG-52 */
  const serveUpgrade = async (raw: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
    socket.on('error', (error) => logger.debug({ err: error }, 'connection failed'));
    const upgrade = wantedUpgrade(raw);
    const [path = '/', query = ''] = split(raw.url ?? '/');
    const target = mounts.find(path);
    if (upgrade === undefined || refusing || target === undefined) {
      if (!hasBody(raw)) return await serve(raw, responseOn(socket, raw));
      raw.resume();
      const refusal = failure(StatusReason.BadRequest, 'this server switches to no such protocol');
      return await sendResponse(responseOn(socket, raw), refusal, never);
    }
    const flight = flights.begin();
    const { controller } = flight;
    socket.once('close', () => {
      controller.abort(new Error('the client went away'));
      flight[Symbol.dispose]();
    });
    flight.streaming();
    const answer = await target.pipeline({ ...requestOf(raw, target.path, query, controller.signal), upgrade });
    // Whoever took the connection over hears of it too, and may have a last word to say.
    controller.signal.addEventListener('abort', () => setImmediate(() => socket.destroy()), { once: true });
    if (answer.takeOver !== undefined) return switchProtocols(socket, head, answer);
    const response = responseOn(socket, raw);
    response.once('close', () => socket.destroy());
    await sendResponse(response, answer, controller.signal);
  };

  const fastify = buildFastify({ pair: certificate?.current, patience }, (raw, response) => {
    serve(raw, response).catch((error: unknown) => {
      logger.error({ err: error }, 'request failed outside the pipeline');
      response.destroy();
    });
  });
  const server = fastify.server as HttpServer | Http2SecureServer;
  server.on('upgrade', (raw: IncomingMessage, socket: Duplex, head: Buffer) => {
    serveUpgrade(raw, socket, head).catch((error: unknown) => {
      logger.debug({ err: error }, 'an upgraded request broke off');
      socket.destroy();
    });
  });
  const liveness = createSessionLiveness(clock, () => logger.info({}, 'a client vanished without closing'));
  server.on('session', (session: ServerHttp2Session) => {
    sessions.add(session);
    const unwatch = liveness.watch(watchable(session));
    session.once('close', () => {
      sessions.delete(session);
      unwatch();
    });
  });
  if (maxConnections !== undefined) server.maxConnections = maxConnections;
  const { onRefused } = options;
  server.on('drop', createRefusals({ clock, logger, limit: maxConnections, ...(onRefused && { onRefused }) }));
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const reload = certificate?.onChange(({ certificate: cert, key }) => {
    (server as Http2SecureServer).setSecureContext({ cert, key });
  });
  try {
    await fastify.listen({ host: options.host, port: options.port });
  } catch (error) {
    liveness[Symbol.dispose]();
    throw error;
  }
  const { port } = server.address() as AddressInfo;

  const stop = async ({ delayMs = 0, spreadMs = 0, graceMs = 60_000 }: StopOptions = {}): Promise<void> => {
    if (delayMs > 0) await clock.sleep(delayMs);
    refusing = true;
    await flights.endStreams(spreadMs);
    await flights.settled(graceMs);
    flights.abort();
    for (const session of sessions) session.close();
    const closed = fastify.close();
    if ('closeAllConnections' in server) server.closeAllConnections();
    for (const session of sessions) session.destroy();
    // A connection that no session or request was made of yet would keep the server open for ever.
    for (const socket of sockets) socket.destroy();
    reload?.[Symbol.dispose]();
    liveness[Symbol.dispose]();
    await closed;
  };

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

/** A reset stream with an answer still to be written would stay as it is until its session ends: Node.js waits for the reader. */
function endWhenReset(raw: RawRequest): void {
  if ('stream' in raw) raw.stream.once('aborted', () => raw.stream.destroy());
}

/**
 * Who is answered and goes on sending is told to stop: over HTTP/2 nothing else ends a body that never ends, and the stream
 * would be held as long as its client likes. Not at once: a reset that overtakes the end of the answer takes the answer from
 * clients that were about to finish. Over HTTP/1.1 there is a time for that. BI-29d
 */
function stopLateUpload(raw: RawRequest, afterMs: number, clock: Clock): void {
  if (!('stream' in raw) || raw.stream.endAfterHeaders) return;
  const { stream } = raw;
  // Of the stream: that of the response comes when both sides are done.
  stream.once('finish', () => {
    if (raw.complete) return;
    const timer = clock.after(afterMs, () => stream.close(constants.NGHTTP2_NO_ERROR));
    stream.once('close', () => timer.cancel());
  });
}

/** Its socket is a proxy that may throw once the session is over. */
const watchable = (session: ServerHttp2Session) => {
  const { socket } = session;
  let bytes = 0;
  return {
    get bytesRead() {
      if (!session.destroyed) bytes = socket.bytesRead;
      return bytes;
    },
    ping() {
      if (!session.destroyed) session.ping(() => {});
    },
    destroy: () => session.destroy(),
  };
};

function split(url: string): [string, string] {
  const mark = url.indexOf('?');
  return mark === -1 ? [url, ''] : [url.slice(0, mark), url.slice(mark + 1)];
}

const never = new AbortController().signal;

const hostInUrl = (host: string) => (host.includes(':') ? `[${host}]` : host);

function failure(reason: StatusReason, message: string, headers: Record<string, string> = {}): ApiResponse {
  const { status } = apiError(reason, message);
  return {
    status: status.code ?? 500,
    headers: { 'content-type': 'application/json', ...headers },
    body: Buffer.from(encodeJson(status as unknown as JsonObject), 'utf8'),
  };
}

/** HTTP/2 has no Connection header: sessions are told to go away instead. KA-145 */
function shuttingDown(raw: RawRequest): ApiResponse {
  const close: Record<string, string> = raw.httpVersionMajor < 2 ? { connection: 'close' } : {};
  const headers = { 'retry-after': '5', ...close };
  return failure(StatusReason.TooManyRequests, 'the server is shutting down, please try again later', headers);
}

/** Not 404: a client that watches would take it for an answer, and start over. KA-92 */
function notYet(): ApiResponse {
  return failure(StatusReason.ServiceUnavailable, 'the server is starting, try again', { 'retry-after': '1' });
}

function nothingHere(): ApiResponse {
  return failure(StatusReason.NotFound, 'the server could not find the requested resource');
}
