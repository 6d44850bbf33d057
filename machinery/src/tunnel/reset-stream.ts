import type { Http2Stream } from 'node:http2';

/**
 * Breaks a stream off, for both ends to see; it fails with an error here. Not by `close` with a code: while something is
 * piped into the stream, node:http2 then forgets to tell the other end, which would wait for ever.
 */
export function resetStream(stream: Http2Stream): void {
  if (!stream.destroyed) stream.destroy(new Error('the stream was broken off'));
}
