import type { Duplex } from 'node:stream';
import type { ApiRequest, ApiResponse } from '../http-message.ts';
import { closeCode, closeFrame, createFrameReader, opcode, serverFrame } from './frames.ts';
import { acceptHeaders } from './handshake.ts';

/** The answer to a watch: a stream of events. */
export type WatchResponse = ApiResponse & { readonly body: AsyncIterable<Uint8Array> };

/**
 * A watch that goes on over WebSocket: each event is a message, text where it is JSON. The client's own messages are
 * skipped; it is answered when it pings or closes. When the watch is over, whatever the reason, so is the connection. KA-85b
 * @param request its opening has no problems (handshakeProblem)
 */
export function overWebSocket(request: Pick<ApiRequest, 'headers' | 'signal'>, watch: WatchResponse): ApiResponse {
  const isText = watch.headers['content-type'] === 'application/json';
  return {
    status: 101,
    headers: acceptHeaders(request.headers),
    body: new Uint8Array(),
    takeOver(connection) {
      // Whoever handed the connection over listens for its errors; what breaks it ends the watch by its signal.
      send(connection, watch.body, isText).catch(() => connection.destroy());
      request.signal.addEventListener('abort', () => end(connection, closeCode.goingAway), { once: true });
    },
  };
}

async function send(connection: Duplex, events: AsyncIterable<Uint8Array>, isText: boolean): Promise<void> {
  const read = createFrameReader({
    // A client that does not read what it is sent is owed no answer either.
    ping: (payload) => void (connection.writableNeedDrain || connection.write(serverFrame(opcode.pong, payload))),
    close: () => end(connection, closeCode.normal),
    broken: () => end(connection, closeCode.protocolError),
  });
  connection.on('data', read);
  connection.once('end', () => connection.destroy());
  const kind = isText ? opcode.text : opcode.binary;
  for await (const piece of events) {
    if (connection.writableEnded || connection.destroyed) break;
    const frames = (isText ? lines(piece) : delimited(piece)).map((event) => serverFrame(kind, event));
    if (connection.write(Buffer.concat(frames))) continue;
    await drained(connection);
  }
  end(connection, closeCode.normal);
}

/** Says goodbye, and closes when that is written; without a goodbye to who does not read. */
function end(connection: Duplex, code: number): void {
  if (connection.writableEnded || connection.destroyed) return;
  if (connection.writableNeedDrain) return void connection.destroy();
  connection.end(closeFrame(code), () => connection.destroy());
}

function drained(connection: Duplex): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      connection.off('drain', done);
      connection.off('close', done);
      resolve();
    };
    connection.on('drain', done);
    connection.on('close', done);
    if (connection.destroyed) done();
  });
}

const newline = 0x0a;

/** JSON has no line break outside of what ends an event. */
function lines(piece: Uint8Array): Uint8Array[] {
  const out: Uint8Array[] = [];
  for (let start = 0; start < piece.byteLength; ) {
    const at = piece.indexOf(newline, start);
    const end = at === -1 ? piece.byteLength : at + 1;
    out.push(piece.subarray(start, end));
    start = end;
  }
  return out;
}

/** Four octets of length before each event, which messages do without: they have a length of their own. */
function delimited(piece: Uint8Array): Uint8Array[] {
  const view = new DataView(piece.buffer, piece.byteOffset, piece.byteLength);
  const out: Uint8Array[] = [];
  for (let start = 0; start < piece.byteLength; ) {
    const end = start + 4 + view.getUint32(start);
    out.push(piece.subarray(start + 4, end));
    start = end;
  }
  return out;
}
