import { isUtf8 } from 'node:buffer';
import { unauthorized } from './unauthorized.ts';

/** A subprotocol of this prefix is a bearer token in base64url, for browsers: they can set no header. KA-85b */
const prefix = 'base64url.bearer.authorization.k8s.io.';

/** The subprotocols that a client offers, in its order, without what is a token: that is nobody else's business. */
export function offeredProtocols(header: string | undefined): readonly string[] {
  return all(header).filter((protocol) => !protocol.startsWith(prefix));
}

/**
 * The bearer token among the subprotocols of a WebSocket request; undefined: there is none. KA-85b
 * @throws ApiError Unauthorized for two tokens, for what is no token, and when nothing else is offered: a server must name
 *   one of the subprotocols in its answer, and never the token
 */
export function webSocketToken(header: string | undefined): string | undefined {
  const [first, ...more] = all(header).filter((protocol) => protocol.startsWith(prefix));
  if (first === undefined) return undefined;
  if (more.length > 0) throw unauthorized(new Error('there are several tokens among the WebSocket subprotocols'));
  const encoded = first.slice(prefix.length);
  const bytes = Buffer.from(encoded, 'base64url');
  if (bytes.toString('base64url') !== encoded || !isUtf8(bytes)) {
    throw unauthorized(new Error('the token among the WebSocket subprotocols is not UTF-8 in base64url'));
  }
  if (encoded === '') return undefined;
  if (offeredProtocols(header).length === 0) {
    throw unauthorized(new Error('beside the token no WebSocket subprotocol is offered'));
  }
  return bytes.toString('utf8');
}

const all = (header: string | undefined): string[] =>
  header === undefined || header.trim() === '' ? [] : header.split(',').map((protocol) => protocol.trim());
