import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { nodeHttp } from '@quarterdeck/machinery';
import type { ApiResponse } from '../pipeline/http-message.ts';

/** Protocols that a client may ask to switch to; any other wish is not heard, as HTTP allows. RG-52 */
const known = /^(?:websocket|spdy\/3\.1|quarterdeck-tunnel)/i;

/** What the client of an upgrade request wants to speak; undefined: nothing that we could. */
export function wantedUpgrade({ headers }: IncomingMessage): string | undefined {
  const { upgrade } = headers;
  return upgrade !== undefined && known.test(upgrade) ? upgrade : undefined;
}

/** Whether a request carries a body, which cannot be read any more once node:http gave up the connection. */
export const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

/** An ordinary answer to a request whose connection node:http gave up; the connection closes after it. */
export function responseOn(socket: Duplex, request: IncomingMessage): ServerResponse {
  const response = new nodeHttp.ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket as Parameters<typeof response.assignSocket>[0]);
  response.once('finish', () => {
    response.detachSocket(socket as Parameters<typeof response.detachSocket>[0]);
    socket.end();
  });
  return response;
}

/**
 * Sends the head of a 101 and hands the connection over when nothing of ours is under way on it any more: node:http2, which
 * may be what takes it over, ends the process when it meets a write that it did not make.
 */
export function switchProtocols(socket: Duplex, head: Buffer, answer: ApiResponse): void {
  const { takeOver } = answer;
  if (takeOver === undefined || socket.destroyed) return void socket.destroy();
  const lines = Object.entries(answer.headers).flatMap(([name, value]) =>
    (typeof value === 'string' ? [value] : value).map((each) => `${name}: ${each}`),
  );
  const text = [`HTTP/1.1 101 ${nodeHttp.STATUS_CODES[101]}`, 'connection: Upgrade', ...lines, '', ''].join('\r\n');
  if (head.byteLength > 0) socket.unshift(head);
  // The client may be done with sending and still read.
  socket.allowHalfOpen = true;
  socket.write(text, (error) => {
    if (error) return void socket.destroy();
    setImmediate(() => takeOver(socket));
  });
}
