import { type Dispatcher, Client as HttpConnection } from 'undici';

/** One HTTP request of a load. */
export interface LoadRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: string;
  /** Default `application/json`. */
  readonly contentType?: string;
}

export interface Target {
  readonly url: string;
  readonly tls: { readonly ca: string; readonly cert: string; readonly key: string };
}

export interface LoadOptions {
  readonly target: Target;
  /** Each has one connection and one request under way. */
  readonly clients: number;
  readonly count: number;
  readonly request: (index: number) => LoadRequest;
  /** Gets every answer's body; without it bodies are counted and dropped. */
  readonly onBody?: (index: number, body: string) => void;
}

/** What a load did. */
export interface LoadResult {
  readonly seconds: number;
  readonly perSecond: number;
  /** Of each request, from sending it to the last byte of its answer. */
  readonly latenciesMs: readonly number[];
  readonly bytes: number;
  /** Of this process meanwhile. */
  readonly clientCpuSeconds: number;
}

/**
 * Sends `count` requests, each client its next one when its last one is answered.
 * @throws Error for the first answer that is no success: a load with failures says nothing
 */
export async function closedLoop(options: LoadOptions): Promise<LoadResult> {
  const { target, clients, count } = options;
  const { ca, cert, key } = target.tls;
  const connections = Array.from(
    { length: Math.min(clients, count) },
    () => new HttpConnection(target.url, { connect: { ca, cert, key }, pipelining: 1, allowH2: false }),
  );
  const latenciesMs: number[] = [];
  let next = 0;
  let bytes = 0;
  const work = async (connection: HttpConnection): Promise<void> => {
    while (next < count) {
      const index = next++;
      const request = options.request(index);
      const sent = performance.now();
      const body = await exchange(connection, request);
      latenciesMs.push(performance.now() - sent);
      bytes += body.length;
      options.onBody?.(index, body.toString('utf8'));
    }
  };
  try {
    // Handshakes are not what is measured.
    await Promise.all(connections.map((connection) => exchange(connection, { method: 'GET', path: '/readyz' })));
    const cpuBefore = process.cpuUsage();
    const started = performance.now();
    await Promise.all(connections.map(work));
    const seconds = (performance.now() - started) / 1000;
    const { user, system } = process.cpuUsage(cpuBefore);
    return { seconds, perSecond: count / seconds, latenciesMs, bytes, clientCpuSeconds: (user + system) / 1e6 };
  } finally {
    await Promise.all(connections.map((connection) => connection.destroy()));
  }
}

/** The lowest of undici's doors: a load client should cost less than what it loads. */
function exchange(connection: HttpConnection, request: LoadRequest): Promise<Buffer> {
  const { method, path, body, contentType = 'application/json' } = request;
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  let status = 0;
  const handler: Dispatcher.DispatchHandler = {
    onRequestStart: () => {},
    onResponseStart: (_controller, statusCode) => {
      status = statusCode;
    },
    onResponseData: (_controller, chunk) => {
      chunks.push(chunk);
    },
    onResponseEnd: () => {
      const answer = Buffer.concat(chunks);
      if (status >= 200 && status < 300) resolve(answer);
      else reject(new Error(`${method} ${path} was answered with ${status}: ${answer.toString('utf8', 0, 500)}`));
    },
    onResponseError: (_controller, error) => reject(error),
  };
  const headers = body === undefined ? {} : { 'content-type': contentType };
  connection.dispatch({ method, path, headers, ...(body === undefined ? {} : { body }) }, handler);
  return promise;
}
