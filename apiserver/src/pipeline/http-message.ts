import type { Duplex } from 'node:stream';
import type { UserInfo } from '../authn/authenticator.ts';

/**
 * What the pipeline takes and gives. It knows no fastify and no socket; fastify and the in-process client are two thin
 * shells over it (docs/adr/0002).
 */
export interface ApiRequest {
  readonly method: string;
  /** Decoded by the shell as far as the URL standard does, prefix removed: `/api/v1/namespaces/default/configmaps`. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Lower-case names. Identity headers of front proxies are already stripped by the shell. SEC-6 */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Repeated headers that must not be joined (Impersonate-Group), lower-case. */
  readonly headerLists: Readonly<Record<string, readonly string[]>>;
  /** Read at most once, and only after authorization. */
  readonly body: AsyncIterable<Uint8Array>;
  readonly peer: Peer;
  /** What the client asks to switch to (`websocket`, `SPDY/3.1`); only where the shell can. Absent: nothing. */
  readonly upgrade?: string;
  /** Aborts when the client goes away or the server must end the request. */
  readonly signal: AbortSignal;
}

export type Peer =
  /** Over the network: to be authenticated. */
  | {
      readonly type: 'network';
      readonly address: string;
      readonly clientCertificate: Uint8Array | undefined;
      /** Headers that only a front proxy may send, taken out of the others; absent where none is configured. KA-120b */
      readonly identityHeaders?: Readonly<Record<string, readonly string[]>>;
    }
  /** In-process: already somebody, but authorised, admitted and audited like anybody. */
  | { readonly type: 'internal'; readonly user: UserInfo };

export interface ApiResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** A stream is a watch: flushed piece by piece. */
  readonly body: Uint8Array | AsyncIterable<Uint8Array>;
  /** To be called by a shell to the network when all is handed over, or the client is gone; more than once does no harm. */
  readonly onSent?: () => void;
  /**
   * With status 101, an answer to `upgrade`: is given the client's connection once the head is sent, and owns it from
   * then on.
   */
  readonly takeOver?: (connection: Duplex) => void;
}

/** The whole server: one function. Never throws; every failure is a Status response. */
export type Pipeline = (request: ApiRequest) => Promise<ApiResponse>;
