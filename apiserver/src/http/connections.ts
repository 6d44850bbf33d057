import type { Server as HttpServer } from 'node:http';
import type { Http2SecureServer, ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import type { Clock, Logger } from '@quarterdeck/machinery';
import { createRefusals } from './refusals.ts';
import { createSessionLiveness } from './session-liveness.ts';

export interface ConnectionsOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** As of the listener. */
  readonly maxConnections?: number | undefined;
  readonly onRefused?: (() => void) | undefined;
}

/** The connections of a server: how many there may be, and how they end. Dispose it with the server. */
export interface Connections extends Disposable {
  /** HTTP/2 sessions are told to go away; what is under way on them goes on. */
  endSessions(): void;
  /** Whatever is open, at once. */
  destroy(): void;
}

/** Follows every connection that the server takes from now on. F-13, F-32 */
export function followConnections(server: HttpServer | Http2SecureServer, options: ConnectionsOptions): Connections {
  const { clock, logger, maxConnections, onRefused } = options;
  const sessions = new Set<ServerHttp2Session>();
  const sockets = new Set<Socket>();
  const liveness = createSessionLiveness(clock, () => logger.info({}, 'a client vanished without closing'));
  server.on('session', (session: ServerHttp2Session) => {
    sessions.add(session);
    const unwatch = liveness.watch(watchable(session));
    session.once('close', () => {
      sessions.delete(session);
      unwatch();
    });
  });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  if (maxConnections !== undefined) server.maxConnections = maxConnections;
  server.on('drop', createRefusals({ clock, logger, limit: maxConnections, ...(onRefused && { onRefused }) }));
  return {
    endSessions() {
      for (const session of sessions) session.close();
    },
    destroy() {
      if ('closeAllConnections' in server) server.closeAllConnections();
      for (const session of sessions) session.destroy();
      // A connection that no session or request was made of yet would keep the server open for ever.
      for (const socket of sockets) socket.destroy();
    },
    [Symbol.dispose]: () => liveness[Symbol.dispose](),
  };
}

/** Its socket is a proxy that may throw once the session is over. */
const watchable = (session: ServerHttp2Session) => {
  const { socket } = session;
  let bytes = 0;
  return {
    get bytesRead() {
      if (!session.destroyed) bytes = socket.bytesRead;
      return bytes;
    },
    ping() {
      if (!session.destroyed) session.ping(() => {});
    },
    destroy: () => session.destroy(),
  };
};
