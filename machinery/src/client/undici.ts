import { subscribe } from 'node:diagnostics_channel';
import type { ClientHttp2Stream } from 'node:http2';
import api from 'undici/lib/api/index.js';
import buildConnector from 'undici/lib/core/connect.js';
import UndiciClient from 'undici/lib/dispatcher/client.js';
import Dispatcher from 'undici/lib/dispatcher/dispatcher.js';
import Pool from 'undici/lib/dispatcher/pool.js';

/**
 * The part of undici that we use. Its main entry also loads fetch, WebSocket, caches and mocks: 12 MB of memory in every
 * agent, and 80 files at every start, of which nothing is called. BM-10, BM-12
 */
Object.assign(Dispatcher.prototype, api); // as its main entry does

/**
 * Two defects of requests that are given up, mended on each stream that is made. F-13
 *
 * undici closes the stream with "no error". Where that comes in the turn of the event loop in which the body was written, as with
 * two timers that are due at once after a process was held, Node.js 24 then writes empty frames for ever: the process hangs, and
 * takes all memory. A stream that is cancelled, which is what it is, has its own code for that (RFC 9113, 7), and ends.
 *
 * And undici may have taken its listener off a stream whose error is still to be told; one that nobody listens to ends the
 * process. What went wrong reaches whoever reads the answer in any case.
 */
subscribe('http2.client.stream.created', (message) => {
  const { stream } = message as { readonly stream: ClientHttp2Stream };
  const close = stream.close.bind(stream);
  stream.close = (code = cancel, callback) => close(code, callback);
  stream.on('error', () => undefined);
});

/** NGHTTP2_CANCEL; `node:http2` is not loaded for it, since not every client speaks HTTP/2. */
const cancel = 8;

export { buildConnector, Pool, UndiciClient };
