import type { EventEmitter } from 'node:events';
import type { ApiResponse } from '../pipeline/http-message.ts';

/** What the responses of node:http and node:http2 have in common. */
export interface RawResponse extends EventEmitter {
  readonly destroyed: boolean;
  readonly writableFinished: boolean;
  writeHead(status: number, headers: Record<string, string | string[] | number>): unknown;
  /** HTTP/2 sends them with writeHead already. */
  flushHeaders?(): void;
  write(bytes: Uint8Array): boolean;
  end(bytes?: Uint8Array): unknown;
  destroy(error?: Error): unknown;
}

/** Writes a response; a stream piece by piece, no faster than the client reads. Resolves when all is handed over. */
export async function sendResponse(raw: RawResponse, response: ApiResponse, signal: AbortSignal): Promise<void> {
  const body = begin(raw, response, signal);
  if (body === undefined) return;
  for await (const chunk of body) {
    if (raw.destroyed || signal.aborted) break;
    if (raw.write(chunk)) continue;
    await drained(raw, signal);
  }
  if (!raw.destroyed) raw.end();
}

/** Writes the head, and the body unless it is a stream, which is given back. */
function begin(raw: RawResponse, response: ApiResponse, signal: AbortSignal): AsyncIterable<Uint8Array> | undefined {
  const { onSent } = response;
  if (onSent !== undefined) {
    raw.once('finish', onSent);
    raw.once('close', onSent);
  }
  if (raw.destroyed || signal.aborted) {
    onSent?.();
    return undefined;
  }
  const headers: Record<string, string | string[] | number> = {};
  for (const [name, value] of Object.entries(response.headers)) {
    headers[name] = typeof value === 'string' ? value : [...value];
  }
  if (response.body instanceof Uint8Array) {
    headers['content-length'] ??= response.body.byteLength;
    raw.writeHead(response.status, headers);
    raw.end(response.body);
    return undefined;
  }
  raw.writeHead(response.status, headers);
  // A watch may have nothing to say for long; its client waits for the headers. KA-85
  raw.flushHeaders?.();
  return response.body;
}

/** Resolves when more may be written, or nothing is read any more; nothing of the wait stays behind. */
function drained(raw: RawResponse, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      raw.off('drain', done);
      raw.off('close', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    raw.on('drain', done);
    raw.on('close', done);
    signal.addEventListener('abort', done);
    if (raw.destroyed || signal.aborted) done();
  });
}
