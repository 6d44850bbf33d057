import { createHash } from 'node:crypto';
import { type ApiError, apiError, badRequest, StatusReason } from '@quarterdeck/apis';
import { offeredProtocols } from '../../authn/websocket-token.ts';
import type { ApiRequest } from '../http-message.ts';

/** The one version of the protocol that exists; told to clients that speak another. */
export const webSocketVersion = '13';

/** Appended to the client's key, so that what answers is known to speak the protocol. RFC 6455, 1.3 */
const guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

type Headers = ApiRequest['headers'];

/** Whether a client asks to go on over WebSocket, on a connection where that is possible. */
export const wantsWebSocket = ({ upgrade }: Pick<ApiRequest, 'upgrade'>): boolean =>
  upgrade?.toLowerCase() === 'websocket';

/**
 * What is wrong with the opening of a WebSocket; undefined: nothing. The codes are those of kube-apiserver: 400, and 403
 * for a client that does not say where it comes from. At most one subprotocol may be offered, for none is preferred. KA-85b
 */
export function handshakeProblem(headers: Headers): ApiError | undefined {
  if ((headers['sec-websocket-key'] ?? '') === '') return badRequest('a WebSocket is opened with a Sec-WebSocket-Key');
  if (headers['sec-websocket-version'] !== webSocketVersion) {
    return badRequest(`this server speaks version ${webSocketVersion} of the WebSocket protocol`);
  }
  if (!isOrigin(headers.origin)) {
    return apiError(StatusReason.Forbidden, 'a WebSocket is opened with the header Origin, a URL');
  }
  if (offeredProtocols(headers['sec-websocket-protocol']).length > 1) {
    return badRequest('offer one WebSocket subprotocol, or none: this server prefers none to another');
  }
  return undefined;
}

/** A URL, or a path as kube-apiserver takes it too; what a sandboxed page sends (`null`) is neither. */
function isOrigin(origin: string | undefined): boolean {
  return origin !== undefined && (origin.startsWith('/') || URL.canParse(origin));
}

/** The headers that say yes to an opening without problems. */
export function acceptHeaders(headers: Headers): Record<string, string> {
  const key = headers['sec-websocket-key'] ?? '';
  const [protocol] = offeredProtocols(headers['sec-websocket-protocol']);
  return {
    upgrade: 'websocket',
    'sec-websocket-accept': createHash('sha1').update(`${key}${guid}`).digest('base64'),
    ...(protocol === undefined ? {} : { 'sec-websocket-protocol': protocol }),
  };
}
