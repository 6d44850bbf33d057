import type { Clock, EpochMs, JsonObject, Logger, ProtobufTables } from '@quarterdeck/machinery';
import type { AdmissionPlugin } from '../admission/admission.ts';
import type { UserInfo } from '../authn/authenticator.ts';
import type { AuthenticatorChain } from '../authn/chain.ts';
import type { StandingCredentials } from '../authn/standing-credentials.ts';
import type { Authorizer } from '../authz/authorizer.ts';
import type { Standing } from '../authz/standing.ts';
import type { Store } from '../cache/store.ts';
import type { ListRoom } from '../flowcontrol/list-room.ts';
import type { Registry, ResolvedResource } from '../registry/registry.ts';
import type { Representation } from './accept.ts';
import type { ContinueTokens } from './continue-token.ts';
import type { ApiRequest } from './http-message.ts';
import type { Observer } from './observe.ts';
import type { ResourceRequest } from './request-info.ts';
import type { ServedObject } from './served.ts';
import type { Warnings } from './warnings.ts';

/** What a server is made of: everything a request handler may use, and nothing global. */
export interface ServerParts {
  readonly registry: Registry;
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly authenticator: AuthenticatorChain;
  readonly authorizer: Authorizer;
  /** Whether what credentials rest on still stands, for requests that stay open. RG-22 */
  readonly credentials: StandingCredentials;
  /** In the order of KA-135. */
  readonly admission: readonly AdmissionPlugin[];
  readonly continueTokens: ContinueTokens;
  readonly protobufTables: ProtobufTables;
  /** Uniform in [0, 1): generated names, bookmark jitter. */
  readonly random: () => number;
  /** Absent: nothing is counted. KA-20 */
  readonly observer?: Observer;
  /** Absent: no list is refused. F-31 */
  readonly listRoom?: ListRoom;
}

/** One authenticated and authorised request for a resource. */
export interface RequestScope {
  readonly server: ServerParts;
  readonly request: ApiRequest;
  readonly info: ResourceRequest;
  readonly resource: ResolvedResource;
  readonly user: UserInfo;
  /** What the request is allowed by, for one that stays open. */
  readonly standing: Standing;
  readonly warnings: Warnings;
  /** Aborts when the client goes away or the deadline passes. */
  readonly signal: AbortSignal;
  /** Of a watch, which has no deadline once it is open: aborts when the client goes away before, or the time for it is over. */
  readonly opening?: AbortSignal;
  readonly now: EpochMs;
  readonly representation: Representation;
}

/** What a handler found out, before it is written as the client wants it. */
export type Answer =
  | { readonly type: 'object'; readonly status: number; readonly object: ServedObject }
  | ListAnswer
  /** A plain document: a Status, a review, a Scale. */
  | { readonly type: 'document'; readonly status: number; readonly value: JsonObject }
  | { readonly type: 'watch'; readonly chunks: AsyncIterable<Uint8Array> };

export interface ListAnswer {
  readonly type: 'list';
  /** Each is made anew whenever it is asked for, so that what a reader decodes goes with it. */
  readonly items: Iterable<ServedObject>;
  /** Of the items, as they are stored. */
  readonly bytes: number;
  readonly revision: number;
  readonly continueToken?: string;
  readonly remaining?: number;
}
