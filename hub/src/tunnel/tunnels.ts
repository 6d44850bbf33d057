import { type ClientHttp2Session, connect } from 'node:http2';
import type { Duplex } from 'node:stream';
import {
  type Clock,
  type Logger,
  tunnelConnectionWindow,
  tunnelSessionMemory,
  tunnelSettings,
  watchLiveness,
} from '@quarterdeck/machinery';
import type { HubShare } from './not-connected.ts';

/** The tunnels that agents hold open to this process, by name of the member. */
export interface Tunnels extends Disposable, HubShare {
  /**
   * Takes a connection that switched to the tunnel's protocol; the hub is the HTTP/2 client on it. A newer one of the same
   * member replaces the older. The signal ends it: the member was denied, or its certificate has ended. RG-22, RG-50
   */
  accept(clusterName: string, connection: Duplex, signal: AbortSignal): void;
  /** Undefined: the member has no tunnel to this process now. */
  get(clusterName: string): ClientHttp2Session | undefined;
}

export interface TunnelsOptions extends Partial<HubShare> {
  readonly clock: Clock;
  readonly logger: Logger;
}

/** @param isOnlyProcess default true */
export function createTunnels({ clock, logger, isOnlyProcess = true }: TunnelsOptions): Tunnels {
  const sessions = new Map<string, ClientHttp2Session>();
  return {
    isOnlyProcess,
    accept(clusterName, connection, signal) {
      if (signal.aborted) return void connection.destroy();
      const session = connect('http://member.invalid', {
        createConnection: () => connection,
        maxSessionMemory: tunnelSessionMemory,
        settings: tunnelSettings,
      });
      session.once('connect', () => session.setLocalWindowSize(tunnelConnectionWindow));
      session.on('error', (error) => logger.debug({ err: error, cluster: clusterName }, 'a tunnel broke'));
      watchLiveness(session, connection, clock);
      const end = () => session.destroy(new Error('the tunnel was closed'));
      // Before node:http2 hears of it, which would end streams without an error: half an answer would look whole. Of a
      // connection that is half closed, as one that switched protocols may be, it would not hear at all.
      connection.once('end', end);
      connection.prependOnceListener('close', end);
      signal.addEventListener('abort', end, { once: true });
      session.once('close', () => {
        signal.removeEventListener('abort', end);
        connection.destroy();
        if (sessions.get(clusterName) === session) sessions.delete(clusterName);
        logger.info({ cluster: clusterName }, 'a tunnel is closed');
      });
      const previous = sessions.get(clusterName);
      sessions.set(clusterName, session);
      previous?.destroy(new Error('a newer tunnel took its place'));
      logger.info({ cluster: clusterName }, 'a tunnel is open');
    },
    get(clusterName) {
      const session = sessions.get(clusterName);
      return session === undefined || session.closed || session.destroyed ? undefined : session;
    },
    [Symbol.dispose]() {
      for (const session of [...sessions.values()]) session.destroy(new Error('the hub stops'));
    },
  };
}
