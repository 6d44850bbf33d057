import type { Client, Clock, HttpClientOptions, Logger, Metrics } from '@quarterdeck/machinery';
import type { WorkCache } from './cache/work-cache.ts';
import type { MemberApi } from './controllers/member-status/decide.ts';
import type { LinkOptions } from './link/options.ts';
import type { StateStore } from './link/state-store.ts';
import type { TunnelAddress } from './tunnel/open-tunnels.ts';

export interface AgentOptions {
  readonly clusterName: string;
  readonly hubUrl: string;
  /** URL of an HTTP proxy on the way to the hub. Absent: none. RG-55 */
  readonly proxy?: string;
  readonly trust: LinkOptions['trust'];
  /** Lifetime of the certificates to ask for, seconds; the hub may give less. Absent: the signer decides. RG-6 */
  readonly expirationSeconds?: number;
  /** The bootstrap token, asked for whenever one is needed. */
  readonly token: () => Promise<string | undefined>;
  /** The member cluster's API, with the agent's own rights. */
  readonly memberClient: Client;
  /** The member cluster's API as another user; absent: Works are executed with the agent's own rights. DL-30 */
  readonly clientAs?: (userName: string) => Client;
  /** Who Works are executed as: `namespace/name`, or `none` for the agent itself. Default: what the install made. DL-30 */
  readonly executor?: string;
  /** Default 3,600,000. DL-8 */
  readonly evictionGraceMs?: number | 'never';
  /** Keeps the last known state over restarts; absent: nothing is kept. F-14 */
  readonly workCache?: WorkCache;
  /**
   * Carry requests of users of the hub to the member's API, reached like this; `api`: where consumers reach it by themselves,
   * with tokens that the agent makes. Absent: nobody is let through. RG-50, RG-51
   */
  readonly tunnel?: {
    readonly member: HttpClientOptions;
    readonly api?: MemberApi;
    /** Where tunnels are taken, each of them one. Default: the hub itself. RG-52, RG-53 */
    readonly at?: readonly TunnelAddress[];
  };
  readonly store: StateStore;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /**
   * How this process is told from others, on the Lease by which the agents of one cluster agree who acts, and how it knows
   * that another one has ended for certain. Default: an identity of its own, and nobody is known to be gone. RG-11
   */
  readonly process?: { readonly identity: string; readonly isGone: (holder: string) => boolean };
  /** Default: the real one. */
  readonly clock?: Clock;
}

/** With what has a default filled in, as the parts of an agent take it. */
export type AgentSetting = AgentOptions & { readonly clock: Clock };
