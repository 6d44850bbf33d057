import type { IncomingMessage } from 'node:http';
import { constants } from 'node:http2';
import type { Duplex } from 'node:stream';
import { StatusReason } from '@quarterdeck/apis';
import type { Clock, Logger } from '@quarterdeck/machinery';
import type { ClientPatience } from './fastify.ts';
import type { InFlight } from './in-flight.ts';
import type { Mounts } from './mounts.ts';
import { failure, nothingHere, notYet, shuttingDown } from './own-answers.ts';
import { type RawRequest, toApiRequest } from './request.ts';
import { type RawResponse, sendResponse } from './respond.ts';
import { hasBody, responseOn, switchProtocols, wantedUpgrade } from './upgrade.ts';

export interface ServingOptions {
  readonly mounts: Pick<Mounts, 'find' | 'hasBegun'>;
  readonly flights: Pick<InFlight, 'begin'>;
  /** As of the listener. */
  readonly isIdentityHeader?: ((name: string) => boolean) | undefined;
  readonly patience: ClientPatience;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How requests are taken to the pipelines, and their answers to the clients. */
export interface Serving {
  /** Rejects where an answer could not even be begun. */
  serve(raw: RawRequest, response: RawResponse): Promise<void>;
  /** The same of a request to switch protocols. */
  serveUpgrade(raw: IncomingMessage, socket: Duplex, head: Buffer): Promise<void>;
  /** From now on every request is told that the server is going. KA-145 */
  refuse(): void;
}

export function createServing(options: ServingOptions): Serving {
  const { mounts, flights, isIdentityHeader, patience, clock, logger } = options;
  let refusing = false;

  const requestOf = (raw: RawRequest, path: string, query: string, signal: AbortSignal) =>
    toApiRequest(raw, { path, query, ...(isIdentityHeader === undefined ? {} : { isIdentityHeader }) }, signal);

  async function serve(raw: RawRequest, response: RawResponse): Promise<void> {
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
      // Without an error HTTP/2 would say that nothing is wrong, and clients of node:http2 would take the answer for whole.
      response.destroy(error instanceof Error ? error : new Error('the answer broke off', { cause: error }));
    });
  }

  /** A request to switch protocols; whatever else comes of it is answered as usual. RG-52 */
  async function serveUpgrade(raw: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
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
  }

  return {
    serve,
    serveUpgrade,
    refuse() {
      refusing = true;
    },
  };
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

function split(url: string): [string, string] {
  const mark = url.indexOf('?');
  return mark === -1 ? [url, ''] : [url.slice(0, mark), url.slice(mark + 1)];
}

const never = new AbortController().signal;
