import type { Socket } from 'node:net';
import type { Clock } from '../runtime/clock.ts';
import type { TlsOptions } from './http-options.ts';
import { connectThroughProxy } from './proxy-connect.ts';
import { buildConnector } from './undici.ts';

export type Protocol = 'h2' | 'http/1.1';

/** Opens sockets to one server, with one set of TLS options. */
export interface Connector {
  /** A connected socket (TLS done) and the protocol that both sides agreed on. */
  connect(offer: 'any' | 'http/1.1'): Promise<{ socket: Socket; protocol: Protocol }>;
}

export interface ConnectorOptions {
  url: URL;
  tls: TlsOptions | undefined;
  verify: boolean;
  /** Proxy URL; absent: direct. */
  proxy: string | undefined;
  timeoutMs: number;
  clock: Clock;
}

/**
 * A silent peer is noticed within 30 s (F-13): the kernel probes an idle connection after 15 s, each second, ten times.
 */
const keepAliveInitialDelay = 15_000;
const watchdogPeriodMs = 7_000;
const watchdogStrikes = 3;
/** HTTP/2 PINGs, whose answers the watchdog counts on; must be shorter than its period. */
export const pingIntervalMs = 5_000;

export function createConnector(options: ConnectorOptions): Connector {
  const { url, tls, verify, timeoutMs } = options;
  const settings = {
    ...(tls?.ca === undefined ? {} : { ca: typeof tls.ca === 'string' ? tls.ca : [...tls.ca] }),
    ...(tls?.cert === undefined ? {} : { cert: tls.cert }),
    ...(tls?.key === undefined ? {} : { key: tls.key }),
    ...(tls?.serverName === undefined ? {} : { servername: tls.serverName }),
    rejectUnauthorized: verify,
    timeout: timeoutMs,
    keepAlive: true,
    keepAliveInitialDelay,
  };
  const connectors = {
    any: buildConnector({ ...settings, allowH2: true, preferH2: true }),
    'http/1.1': buildConnector({ ...settings, allowH2: false }),
  };
  const target = {
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    host: url.host,
    protocol: url.protocol,
    port: url.port || (url.protocol === 'https:' ? '443' : '80'),
  };

  return {
    async connect(offer) {
      const httpSocket =
        options.proxy === undefined ? undefined : await connectThroughProxy(options.proxy, target, timeoutMs);
      const socket = await new Promise<Socket>((resolve, reject) => {
        connectors[offer]({ ...target, ...(httpSocket === undefined ? {} : { httpSocket }) }, (error, connected) => {
          if (error === null) resolve(connected);
          else reject(error);
        });
      });
      const protocol = 'alpnProtocol' in socket && socket.alpnProtocol === 'h2' ? 'h2' : 'http/1.1';
      if (protocol === 'h2') watchProgress(socket, options.clock);
      return { socket, protocol };
    },
  };
}

/**
 * Cuts an HTTP/2 connection on which nothing arrived for three periods although PINGs were sent: with unacknowledged
 * data under way the kernel's keep-alive does not run, and its retransmissions give up only after a quarter of an hour.
 * Three separate periods, so that a stalled event loop (F-30) is not taken for a dead peer.
 */
function watchProgress(socket: Socket, clock: Clock): void {
  let seen = socket.bytesRead;
  let strikes = 0;
  const check = () => {
    if (socket.destroyed) return;
    strikes = socket.bytesRead === seen ? strikes + 1 : 0;
    seen = socket.bytesRead;
    if (strikes >= watchdogStrikes) {
      socket.destroy(new Error(`nothing received for ${(watchdogPeriodMs * watchdogStrikes) / 1000} s`));
      return;
    }
    timer = clock.after(watchdogPeriodMs, check);
  };
  let timer = clock.after(watchdogPeriodMs, check);
  socket.once('close', () => timer.cancel());
}
