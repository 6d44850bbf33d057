import { ApiError } from '@quarterdeck/apis';
import type { Clock } from '../runtime/clock.ts';
import { parseJson } from '../wire/json.ts';
import { type Deadline, startDeadline } from './deadline.ts';
import { answerFailure, connectionFailure, isLostConnection, timeoutFailure } from './http-errors.ts';
import type { HttpClientOptions } from './http-options.ts';
import { type Query, queryString } from './http-paths.ts';
import { parseRetryAfter, retryPause } from './http-retry.ts';
import type { Answer, Transport, TransportRequest } from './transport.ts';
import { parseWarnings } from './warnings.ts';

export interface HttpRequest {
  method: TransportRequest['method'];
  /** Absolute API path, without the base URL's prefix. */
  path: string;
  query: Query;
  body?: { type: string; text: string };
  signal: AbortSignal | undefined;
}

/** Requests and answers of one server: credentials, time limits, repeats, errors. */
export interface Exchange {
  /** The decoded JSON of a 2xx answer; its text when it is not JSON. */
  call(request: HttpRequest): Promise<unknown>;
  /** The bytes of a 2xx answer as they come, without a time limit once it began. */
  stream(request: HttpRequest): AsyncIterable<Uint8Array>;
  /** The failure of a stream that ended in the middle of something. */
  cutOff(path: string): ApiError;
}

export interface ExchangeOptions
  extends Pick<HttpClientOptions, 'token' | 'onUnauthorized' | 'impersonate' | 'userAgent' | 'onWarning'> {
  url: URL;
  transport: Transport;
  clock: Clock;
  timeoutMs: number;
}

/** A 2xx answer whose body is still to be read; `deadline` must be ended by the reader. */
interface Opened {
  answer: Answer;
  deadline: Deadline;
}

/** Error bodies that are no Status are quoted up to here. */
const maxQuotedText = 512;

export function createExchange(options: ExchangeOptions): Exchange {
  const { url, transport, clock, timeoutMs } = options;
  const prefix = url.pathname.replace(/\/+$/, '');
  const describe = (method: string, path: string) => `${method} ${url.origin}${prefix}${path}`;

  /** Sends until there is a 2xx answer or an error that is final. */
  async function open(request: HttpRequest): Promise<Opened> {
    const isRead = request.method === 'GET';
    for (let retries = 0; ; retries++) {
      const token = typeof options.token === 'function' ? await options.token() : options.token;
      const headers = headersFor(options, request, token);
      const deadline = startDeadline(clock, timeoutMs, request.signal);
      let pauseMs: number | undefined;
      let failure: unknown;
      try {
        const answer = await transport.send({
          method: request.method,
          path: `${prefix}${request.path}${queryString(request.query)}`,
          headers,
          ...(request.body === undefined ? {} : { body: request.body.text }),
          signal: deadline.signal,
        });
        reportWarnings(answer);
        if (answer.statusCode >= 200 && answer.statusCode < 300) return { answer, deadline };
        if (answer.statusCode === 401) options.onUnauthorized?.(token);
        const retryAfterSeconds = parseRetryAfter(answer.headers['retry-after']);
        failure = await readFailure(answer, request, retryAfterSeconds);
        pauseMs = retryPause({ code: answer.statusCode, retryAfterSeconds, isRead }, retries);
      } catch (error) {
        failure = translate(error, request, deadline);
        // The server may have closed an idle connection just as it was used again; reading twice does no harm.
        if (isRead && retries === 0 && isLostConnection(failure)) pauseMs = 0;
      }
      deadline.end();
      if (pauseMs === undefined) throw failure;
      if (pauseMs > 0) await clock.sleep(pauseMs, request.signal);
    }
  }

  function translate(error: unknown, request: HttpRequest, deadline: Deadline): unknown {
    if (request.signal?.aborted) return request.signal.reason;
    if (error instanceof ApiError) return error;
    const what = describe(request.method, request.path);
    return deadline.passed() ? timeoutFailure(what, timeoutMs) : connectionFailure(what, error);
  }

  async function readFailure(answer: Answer, request: HttpRequest, retryAfterSeconds: number | undefined) {
    const full = await answer.body.text();
    const text = full.length > maxQuotedText ? `${full.slice(0, maxQuotedText)}…` : full.trim();
    const { method, path } = request;
    const body = isJson(answer) ? tryParse(full) : undefined;
    return answerFailure(describe(method, path), { code: answer.statusCode, body, text, method, retryAfterSeconds });
  }

  function reportWarnings(answer: Answer): void {
    if (options.onWarning === undefined) return;
    for (const text of parseWarnings(answer.headers.warning)) options.onWarning(text);
  }

  return {
    async call(request) {
      const { answer, deadline } = await open(request);
      try {
        const bytes = new Uint8Array(await answer.body.arrayBuffer());
        return isJson(answer) ? parseJson(bytes) : new TextDecoder().decode(bytes);
      } catch (error) {
        throw translate(error, request, deadline);
      } finally {
        deadline.end();
      }
    },

    async *stream(request) {
      const { answer, deadline } = await open(request);
      deadline.lift();
      try {
        yield* answer.body as AsyncIterable<Uint8Array>;
      } catch (error) {
        throw translate(error, request, deadline);
      } finally {
        deadline.end();
        answer.body.destroy();
      }
    },

    cutOff: (path) => connectionFailure(describe('GET', path), new Error('the stream was cut off')),
  };
}

function headersFor(
  options: ExchangeOptions,
  request: HttpRequest,
  token: string | undefined,
): Record<string, string | string[]> {
  const { impersonate } = options;
  return {
    accept: 'application/json',
    'user-agent': options.userAgent ?? 'quarterdeck',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(request.body === undefined ? {} : { 'content-type': request.body.type }),
    ...(impersonate === undefined ? {} : { 'impersonate-user': impersonate.user }),
    ...(impersonate?.groups === undefined ? {} : { 'impersonate-group': [...impersonate.groups] }),
    ...(impersonate?.uid === undefined ? {} : { 'impersonate-uid': impersonate.uid }),
  };
}

function isJson(answer: Answer): boolean {
  const type = answer.headers['content-type'];
  return typeof type === 'string' && /^application\/json\b/.test(type);
}

function tryParse(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}
