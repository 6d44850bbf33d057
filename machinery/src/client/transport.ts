import type { Socket } from 'node:net';
import type { Dispatcher } from 'undici';
import type { Clock } from '../runtime/clock.ts';
import { type Connector, createConnector, type Protocol, pingIntervalMs } from './connector.ts';
import type { TlsOptions } from './http-options.ts';
import { Pool, UndiciClient } from './undici.ts';

export type Answer = Dispatcher.ResponseData;

/** Carries requests to one server over as few connections as its protocol allows. */
export interface Transport {
  /** Resolves when the answer's head is there. Times nothing out: the signal does. */
  send(request: TransportRequest): Promise<Answer>;
  /** Ends everything under way and closes all connections. */
  destroy(): Promise<void>;
}

export interface TransportRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With query. */
  path: string;
  headers: Record<string, string | string[]>;
  body?: string;
  signal: AbortSignal;
}

export interface TransportOptions {
  url: URL;
  /** The current TLS options; another object than before retires the connections made with the former. */
  tls: () => TlsOptions | undefined;
  verify: boolean;
  proxy: string | undefined;
  connectTimeoutMs: number;
  http2: boolean;
  clock: Clock;
}

/** Servers grant at least 100 streams (RFC 9113, 6.5.2); half of that keeps one busy watch from slowing too many others. */
const maxStreams = 50;
/** Shorter than what Kubernetes servers keep idle connections for, so that we rarely write into a closing one. */
const keepAliveTimeout = 30_000;

export function createTransport(options: TransportOptions): Transport {
  let destroyed = false;
  let current: Generation | undefined;
  const generations = new Set<Generation>();

  function currentGeneration(): Generation {
    const tls = options.tls();
    if (current !== undefined && current.tls === tls) return current;
    current?.retire();
    const next = new Generation(tls, options, () => generations.delete(next));
    generations.add(next);
    current = next;
    return next;
  }

  return {
    async send(request) {
      if (destroyed) throw new Error('the client is closed');
      return await currentGeneration().send(request);
    },
    async destroy() {
      destroyed = true;
      await Promise.all([...generations].map((generation) => generation.destroy()));
    },
  };
}

/** One connection's dispatcher, and how many requests are on it. */
interface Lane {
  dispatcher: Dispatcher;
  active: number;
  /** How many requests may be on it at once. */
  capacity: number;
}

/**
 * The connections made with one set of TLS options. The first connection asks the server for HTTP/2; the answer decides
 * for all: HTTP/2 lanes of {@link maxStreams} requests each, or one HTTP/1.1 pool that opens what it needs.
 */
class Generation {
  readonly tls: TlsOptions | undefined;
  readonly #options: TransportOptions;
  readonly #connector: Connector;
  readonly #onEmpty: () => void;
  #lanes: Lane[] = [];
  #protocol: Protocol | undefined;
  #negotiation: Promise<Protocol> | undefined;
  #spareSocket: Socket | undefined;
  #retired = false;
  #destroyed = false;
  #active = 0;

  constructor(tls: TlsOptions | undefined, options: TransportOptions, onEmpty: () => void) {
    this.tls = tls;
    this.#options = options;
    this.#onEmpty = onEmpty;
    this.#connector = createConnector({ ...options, tls, timeoutMs: options.connectTimeoutMs });
    if (options.url.protocol === 'http:' || !options.http2) this.#protocol = 'http/1.1';
  }

  async send(request: TransportRequest): Promise<Answer> {
    this.#active++;
    let lane: Lane | undefined;
    const release = () => {
      if (lane !== undefined) lane.active--;
      this.#active--;
      this.#closeWhenUnused();
    };
    try {
      const protocol = this.#protocol ?? (await abortable(this.#negotiate(), request.signal));
      if (this.#destroyed) throw new Error('the client is closed');
      lane = this.#lane(protocol);
      lane.active++;
      const sent = lane.dispatcher.request({ ...request, headersTimeout: 0, bodyTimeout: 0 }).then((answer) => {
        // Errors of an answer reach whoever reads it; nobody may be reading when a call is given up.
        answer.body.on('error', () => undefined);
        return answer;
      });
      // undici heeds the signal only once there is a connection, and one that opens slowly is to keep nobody waiting.
      const answer = await abortable(sent, request.signal);
      answer.body.once('close', release);
      return answer;
    } catch (error) {
      release();
      throw error;
    }
  }

  retire(): void {
    this.#retired = true;
    this.#closeWhenUnused();
  }

  async destroy(): Promise<void> {
    this.#destroyed = true;
    this.#spareSocket?.destroy();
    await Promise.all(this.#lanes.map(({ dispatcher }) => dispatcher.destroy()));
    this.#onEmpty();
  }

  #closeWhenUnused(): void {
    if (this.#retired && this.#active === 0) void this.destroy();
  }

  #lane(protocol: Protocol): Lane {
    const free = this.#lanes.find(({ active, capacity }) => active < capacity);
    if (free !== undefined) return free;
    const lane = { dispatcher: this.#dispatcher(protocol), active: 0, capacity: this.#capacity(protocol) };
    this.#lanes.push(lane);
    return lane;
  }

  #capacity(protocol: Protocol): number {
    return protocol === 'h2' ? maxStreams : Number.POSITIVE_INFINITY;
  }

  #dispatcher(protocol: Protocol): Dispatcher {
    const { origin } = this.#options.url;
    const connect = (_: unknown, callback: (...result: [null, Socket] | [Error, null]) => void) => {
      this.#open(protocol).then(
        (socket) => callback(null, socket),
        (error: unknown) => callback(error as Error, null),
      );
    };
    if (protocol === 'http/1.1') return new Pool(origin, { connect, keepAliveTimeout, allowH2: false });
    return new UndiciClient(origin, {
      connect,
      keepAliveTimeout,
      h2Options: {
        maxConcurrentStreams: maxStreams,
        pingInterval: pingIntervalMs,
        connectionWindowSize: 16 * 1024 * 1024,
        settings: { initialWindowSize: 1024 * 1024 },
      },
    });
  }

  /** A socket for a lane: the one that the negotiation left, or a new one. */
  async #open(wanted: Protocol): Promise<Socket> {
    const spare = this.#spareSocket;
    this.#spareSocket = undefined;
    if (spare !== undefined && !spare.destroyed) return spare;
    const { socket, protocol } = await this.#connector.connect(wanted === 'h2' ? 'any' : 'http/1.1');
    if (protocol === wanted) return socket;
    // Another server answers now. Lanes of the old protocol would jam: start over with the next request.
    socket.destroy();
    const old = this.#lanes;
    this.#lanes = [];
    this.#protocol = undefined;
    void Promise.all(old.map(({ dispatcher }) => dispatcher.destroy()));
    throw new Error(`the server speaks ${protocol} now`);
  }

  #negotiate(): Promise<Protocol> {
    this.#negotiation ??= this.#connector
      .connect('any')
      .then(({ socket, protocol }) => {
        // Nobody would close it any more.
        if (this.#destroyed) socket.destroy();
        else this.#spareSocket = socket;
        this.#protocol = protocol;
        return protocol;
      })
      .finally(() => {
        this.#negotiation = undefined;
      });
    return this.#negotiation;
  }
}

/** The promise's outcome, unless the signal aborts first: then nobody hears of it any more, however it ends. */
function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason as Error);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
