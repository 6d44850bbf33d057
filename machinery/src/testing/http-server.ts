import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { TestAuthority } from './certificates.ts';

/** What a test server was asked. */
interface SeenRequest {
  method: string;
  url: string;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: string;
  /** `2.0` or `1.1`. */
  httpVersion: string;
  /** Common name of the client's certificate; undefined without one. */
  clientName: string | undefined;
}

export type Respond = (request: SeenRequest, response: ServerResponse | Http2ServerResponse) => void;

export interface TestHttpServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly requests: readonly SeenRequest[];
  /** Connections opened so far. */
  connections(): number;
  /** Breaks all connections without a word. */
  cut(): void;
  close(): Promise<void>;
}

export interface TestHttpServerOptions {
  respond: Respond;
  /** Absent: plain http. */
  tls?: { authority: TestAuthority; name?: string };
  /** With TLS: offer HTTP/2. Default true. */
  http2?: boolean;
  /** Default: any free one. */
  port?: number;
}

/** A scripted HTTP server on loopback, for tests of HTTP clients. Client certificates are asked for, not required. */
export async function startTestHttpServer(options: TestHttpServerOptions): Promise<TestHttpServer> {
  const requests: SeenRequest[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;

  async function handle(
    request: IncomingMessage | Http2ServerRequest,
    response: ServerResponse | Http2ServerResponse,
  ): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const socket = ('stream' in request ? request.stream.session?.socket : request.socket) as TLSSocket | undefined;
    const subject = typeof socket?.getPeerCertificate === 'function' ? socket.getPeerCertificate().subject : undefined;
    const commonName = subject?.CN;
    const seen = {
      method: request.method ?? '',
      url: request.url ?? '',
      headers: request.headers,
      body: Buffer.concat(chunks).toString('utf8'),
      httpVersion: request.httpVersion,
      clientName: typeof commonName === 'string' ? commonName : undefined,
    };
    requests.push(seen);
    options.respond(seen, response);
  }
  const onRequest = (request: IncomingMessage | Http2ServerRequest, response: ServerResponse | Http2ServerResponse) => {
    // A request that the client gave up ends its body with an error; nobody waits for an answer then.
    handle(request, response).catch(() => undefined);
  };

  const server = createServerFor(options, onRequest);
  server.on('connection', (socket: Socket) => {
    connections++;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  const close = async () => {
    cut();
    await new Promise((resolve) => server.close(resolve));
  };
  const scheme = options.tls === undefined ? 'http' : 'https';
  return {
    url: `${scheme}://127.0.0.1:${port}`,
    port,
    requests,
    connections: () => connections,
    cut,
    close,
    [Symbol.asyncDispose]: close,
  };
}

function createServerFor(
  options: TestHttpServerOptions,
  onRequest: (request: IncomingMessage | Http2ServerRequest, response: ServerResponse | Http2ServerResponse) => void,
): Server {
  if (options.tls === undefined) return createServer(onRequest);
  const { authority, name = 'test server' } = options.tls;
  const settings = {
    ...authority.issue(name),
    ca: authority.cert,
    requestCert: true,
    rejectUnauthorized: false,
  };
  return options.http2 === false
    ? createHttpsServer(settings, onRequest)
    : createSecureServer({ ...settings, allowHTTP1: true }, onRequest);
}

/** Answers with JSON. */
export function sendJson(
  response: ServerResponse | Http2ServerResponse,
  code: number,
  body: unknown,
  headers = {},
): void {
  (response as ServerResponse).writeHead(code, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}
