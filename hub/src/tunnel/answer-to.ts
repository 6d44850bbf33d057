import type { ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2';

/**
 * The head of a stream's answer. Rejects when there will be none: with its error, with the signal's reason, or because it was
 * closed, which an HTTP/2 stream may be without an error, as when the other end stops. RG-52
 */
export function answerTo(stream: ClientHttp2Stream, signal: AbortSignal): Promise<IncomingHttpHeaders> {
  return new Promise((resolve, reject) => {
    const settle = (done: () => void) => {
      signal.removeEventListener('abort', onAbort);
      done();
    };
    const onAbort = () => reject(signal.reason as Error);
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    stream.once('response', (headers) => settle(() => resolve(headers)));
    stream.once('error', (error) => settle(() => reject(error)));
    stream.once('close', () => settle(() => reject(new Error('the agent closed the request without an answer'))));
  });
}
