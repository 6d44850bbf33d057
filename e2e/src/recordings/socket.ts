import type { IncomingMessage } from 'node:http';
import { request as secureRequest } from 'node:https';
import type { Duplex } from 'node:stream';
import { type JsonObject, type JsonValue, parseJson } from '@quarterdeck/machinery';
import { arrivalsOn } from './arrivals.ts';
import type { Call, Target } from './exchange.ts';

/** A connection that speaks WebSocket, read frame by frame, as no ordinary client shows it. */
export interface OpenSocket extends Disposable {
  say(octets: Uint8Array): void;
  /** Up to `count` frames, and the end of the connection as one more; fewer when nothing comes for `patienceMs`. */
  take(count: number, patienceMs: number): Promise<JsonValue[]>;
}

/** What opens a WebSocket; a step overrides it. The key is the example of RFC 6455. */
const opening = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  origin: 'https://page.example',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
};

/** Asks for a WebSocket. @returns the answer, with the connection where that was switched */
export function openSocket(
  target: Target,
  call: Call,
): Promise<{ readonly response: IncomingMessage; readonly socket?: OpenSocket }> {
  const wanted = { accept: 'application/json', 'user-agent': 'recorder/1', ...opening, ...call.headers };
  const given = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== ''));
  return new Promise((resolve, reject) => {
    const asked = secureRequest(`${target.url}${call.path}`, {
      method: call.method,
      agent: target.agent,
      headers: { ...given, ...target.headers },
    });
    asked.once('response', (response) => resolve({ response }));
    asked.once('upgrade', (response, connection, head) => resolve({ response, socket: framesOf(connection, head) }));
    asked.once('error', (cause) => reject(new Error(`${call.path} was not answered`, { cause })));
    asked.end();
  });
}

function framesOf(connection: Duplex, head: Buffer): OpenSocket {
  const frames = arrivalsOn<JsonValue>(connection, { end: true });
  let rest: Buffer = Buffer.alloc(0);
  const read = (piece: Buffer) => {
    rest = Buffer.concat([rest, piece]);
    for (let found = frameIn(rest); found !== undefined; found = frameIn(rest)) {
      rest = rest.subarray(found.size);
      frames.add(shownFrame(found.kind, found.payload));
    }
  };
  read(head);
  connection.on('data', read);
  return {
    say: (octets) => void connection.write(octets),
    take: frames.take,
    [Symbol.dispose]: () => connection.destroy(),
  };
}

interface Frame {
  readonly kind: number;
  readonly payload: Buffer;
  /** With its head. */
  readonly size: number;
}

/** The first whole frame of these octets: a server masks nothing, and sends each message in one. */
function frameIn(octets: Buffer): Frame | undefined {
  if (octets.byteLength < 2) return undefined;
  const short = octets.readUInt8(1);
  const start = short === 127 ? 10 : short === 126 ? 4 : 2;
  if (octets.byteLength < start) return undefined;
  const length = short === 127 ? Number(octets.readBigUInt64BE(2)) : short === 126 ? octets.readUInt16BE(2) : short;
  const size = start + length;
  if (octets.byteLength < size) return undefined;
  return { kind: octets.readUInt8(0), payload: octets.subarray(start, size), size };
}

/** First octets of the frames of a server: the last fragment of a text, and so on. */
const kinds: Readonly<Record<number, string>> = {
  129: 'text',
  130: 'binary',
  136: 'close',
  137: 'ping',
  138: 'pong',
};

function shownFrame(kind: number, payload: Buffer): JsonObject {
  const frame = kinds[kind] ?? `0x${kind.toString(16)}`;
  switch (frame) {
    case 'text':
      return { frame, ...shownText(payload.toString('utf8')) };
    case 'binary':
      return { frame, ...shownEvent(payload) };
    case 'close':
      return { frame, code: payload.byteLength < 2 ? null : payload.readUInt16BE(0) };
    default:
      return { frame, text: payload.toString('utf8') };
  }
}

function shownText(text: string): JsonObject {
  if (!text.startsWith('{')) return { text };
  return { event: parseJson(text), ending: text.endsWith('\n') ? 'line break' : 'none' };
}

/** Of an event in protobuf: its type, and the type of its object, which stands first in the object's envelope. */
function shownEvent(payload: Buffer): JsonObject {
  const envelope = payload.indexOf('k8s\0');
  if (payload[0] !== firstField || envelope === -1) return { octets: payload.subarray(0, 16).toString('hex') };
  // The magic; then the envelope's first field, of which that of the version comes first.
  const version = envelope + 'k8s\0'.length + 3;
  const apiVersion = stringAt(payload, version);
  return { type: stringAt(payload, 1), apiVersion, kind: stringAt(payload, version + apiVersion.length + 2) };
}

/** Tag of a message's first field, where that is delimited. */
const firstField = 0x0a;

/** A short text, and before it, at `start`, its length. */
const stringAt = (octets: Buffer, start: number): string =>
  octets.toString('utf8', start + 1, start + 1 + octets.readUInt8(start));
