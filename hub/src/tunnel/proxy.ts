import type { ClientHttp2Session, ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2';
import { type Duplex, pipeline, Readable } from 'node:stream';
import { apiError, badRequest, StatusReason } from '@quarterdeck/apis';
import type { ApiResponse, ConnectContext, ConnectHandler } from '@quarterdeck/apiserver';
import {
  answerHeaders,
  encodeCaller,
  requestHeaders,
  resetStream,
  switchingHeaders,
  targetProblem,
  tunnelHeader,
} from '@quarterdeck/machinery';
import { answerTo } from './answer-to.ts';
import { type HubShare, notConnected } from './not-connected.ts';
import type { Tunnels } from './tunnels.ts';

/**
 * `memberclusters/NAME/proxy/...`: the API of a member, through the tunnel that its agent holds open. The target is always
 * that member's API and nothing else (SEC-5). The hub says who asks; who that is on the member, its agent decides. RG-50
 */
export const proxyHandler =
  (tunnels: Pick<Tunnels, 'get' | 'isOnlyProcess'>): ConnectHandler =>
  async (context) => {
    const problem = targetProblem(context.target);
    if (problem !== undefined) throw badRequest(`this is nothing to ask a member for: ${problem}`);
    const session = tunnels.get(context.name);
    if (session === undefined) throw notConnected(context.name, tunnels);
    const stream = await send(session, context, tunnels);
    try {
      return answerOf(context, stream, await answerTo(stream, context.signal));
    } catch (error) {
      resetStream(stream);
      if (context.signal.aborted) throw context.signal.reason;
      throw apiError(StatusReason.ServiceUnavailable, `the tunnel of ${context.name} broke: try again`, undefined, {
        cause: error,
      });
    }
  };

/** Our limit before node:http2's, which would let the next request wait without a word. */
async function send(session: ClientHttp2Session, context: ConnectContext, share: HubShare): Promise<ClientHttp2Stream> {
  const { request, target, user, signal, name } = context;
  const body = await bodyOf(request);
  const { maxConcurrentStreams = Number.POSITIVE_INFINITY } = session.remoteSettings ?? {};
  if (openStreams(session) >= maxConcurrentStreams) {
    throw apiError(StatusReason.TooManyRequests, `the tunnel of ${name} carries ${maxConcurrentStreams} requests`, {
      retryAfterSeconds: 5,
    });
  }
  const passed = requestHeaders(request.headers);
  const headers = {
    ...(request.upgrade === undefined ? passed : switchingHeaders(passed)),
    ':method': request.method,
    ':path': target,
    [tunnelHeader.caller]: encodeCaller({ user: user.name, groups: user.groups }),
    ...(request.upgrade === undefined ? {} : { [tunnelHeader.upgrade]: request.upgrade }),
  };
  if (session.closed || session.destroyed) throw notConnected(name, share);
  const stream = session.request(headers, { endStream: body === undefined && request.upgrade === undefined });
  count(session, stream);
  const cut = () => resetStream(stream);
  signal.addEventListener('abort', cut, { once: true });
  stream.once('close', () => signal.removeEventListener('abort', cut));
  // Whoever waits for the stream, or reads it, is told as well.
  stream.on('error', () => undefined);
  if (body !== undefined) pipeline(body, stream, () => undefined);
  return stream;
}

/** Undefined: there is none. Only a look tells: HTTP/2 needs no length. */
async function bodyOf({ method, body, upgrade }: ConnectContext['request']): Promise<Readable | undefined> {
  if (method === 'GET' || method === 'HEAD' || upgrade !== undefined) return undefined;
  const pieces = body[Symbol.asyncIterator]();
  const first = await pieces.next();
  if (first.done === true) return undefined;
  return Readable.from(joined(first.value, pieces), { objectMode: false });
}

async function* joined(first: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}

function answerOf({ request }: ConnectContext, stream: ClientHttp2Stream, given: IncomingHttpHeaders): ApiResponse {
  const headers = answerHeaders(given);
  const empty = new Uint8Array();
  if (request.upgrade !== undefined && given[tunnelHeader.switched] === '101') {
    const takeOver = (connection: Duplex) => {
      // Both directions listen to it, beside the server that had it.
      connection.setMaxListeners(20);
      pipeline(connection, stream, () => undefined);
      pipeline(stream, connection, (error) => {
        if (error) connection.destroy();
      });
    };
    return { status: 101, headers: { ...headers, upgrade: request.upgrade }, body: empty, takeOver };
  }
  if (request.upgrade !== undefined) stream.end();
  const status = Number(given[':status'] ?? 502);
  if (request.method === 'HEAD' || status === 204 || status === 304) {
    stream.resume();
    return { status, headers, body: empty };
  }
  return { status, headers, body: stream };
}

const streams = new WeakMap<ClientHttp2Session, { open: number }>();
const openStreams = (session: ClientHttp2Session): number => streams.get(session)?.open ?? 0;

function count(session: ClientHttp2Session, stream: ClientHttp2Stream): void {
  const counted = streams.get(session) ?? { open: 0 };
  streams.set(session, counted);
  counted.open += 1;
  stream.once('close', () => {
    counted.open -= 1;
  });
}
