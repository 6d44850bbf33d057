import { type Agent, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { request as secureRequest } from 'node:https';
import { gunzipSync } from 'node:zlib';
import { arrivalsOn } from './arrivals.ts';

/** A server to play on, and who we are there: an administrator. */
export interface Target {
  /** `https://HOST:PORT` */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly agent: Agent;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

/** Sends one request and reads the whole answer. @throws Error when the connection breaks, or after 30 s */
export async function exchange(target: Target, call: Call): Promise<RawAnswer> {
  const response = await open(target, call);
  const bytes = await bytesOf(response, `${call.method} ${call.path}`);
  const text = (response.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString('utf8');
  return { status: response.statusCode ?? 0, headers: response.headers, text };
}

async function bytesOf(response: IncomingMessage, what: string): Promise<Buffer> {
  try {
    return Buffer.concat(await Array.fromAsync(response as AsyncIterable<Buffer>));
  } catch (cause) {
    throw new Error(`the answer to ${what} broke off`, { cause });
  }
}

/** Sends one request and resolves with the head of its answer: for watches. */
export function open(target: Target, { method, path, headers, body }: Call): Promise<IncomingMessage> {
  const send = target.url.startsWith('https:') ? secureRequest : request;
  return new Promise((resolve, reject) => {
    const call = send(
      `${target.url}${path}`,
      {
        method,
        agent: target.agent,
        headers: {
          accept: 'application/json',
          'user-agent': 'recorder/1',
          ...(body === undefined ? {} : { 'content-length': String(body.byteLength) }),
          ...headers,
          ...target.headers,
        },
      },
      resolve,
    );
    call.once('error', (cause) => reject(new Error(`${method} ${path.slice(0, 200)} was not answered`, { cause })));
    call.setTimeout(30_000, () => call.destroy(new Error('nothing came for 30 s')));
    call.end(body);
  });
}

/** The lines of a streamed answer, one JSON document each. */
export interface Lines extends Disposable {
  /** Up to `count` lines; fewer when the stream ends, or when nothing comes for `patienceMs`. */
  take(count: number, patienceMs: number): Promise<string[]>;
}

export function linesOf(response: IncomingMessage): Lines {
  const lines = arrivalsOn<string>(response);
  let rest = '';
  response.setEncoding('utf8');
  response.on('data', (text: string) => {
    const whole = (rest + text).split('\n');
    rest = whole.pop() ?? '';
    lines.add(...whole);
  });
  return { take: lines.take, [Symbol.dispose]: () => response.destroy() };
}
