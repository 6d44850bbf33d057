import type { ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2';

/**
 * The head of a stream's answer. Rejects when there will be none: with its error, with the signal's reason, or because it was
 * closed, which an HTTP/2 stream may be without an error, as when the other end stops. Leaves no listener behind. RG-52
 */
export function answerTo(stream: ClientHttp2Stream, signal: AbortSignal): Promise<IncomingHttpHeaders> {
  return new Promise((resolve, reject) => {
    const settle = (done: () => void) => {
      signal.removeEventListener('abort', onAbort);
      stream.off('response', onResponse).off('error', onError).off('close', onClose);
      done();
    };
    const onAbort = () => settle(() => reject(signal.reason as Error));
    const onResponse = (headers: IncomingHttpHeaders) => settle(() => resolve(headers));
    const onError = (error: Error) => settle(() => reject(error));
    const onClose = () => settle(() => reject(new Error('the agent closed the request without an answer')));
    if (signal.aborted) return reject(signal.reason as Error);
    signal.addEventListener('abort', onAbort, { once: true });
    stream.on('response', onResponse).on('error', onError).on('close', onClose);
  });
}
