import type { Clock, Logger } from '@quarterdeck/machinery';
import type { StateStore } from './state-store.ts';

export interface LinkOptions {
  readonly clusterName: string;
  readonly hubUrl: string;
  /** URL of an HTTP proxy on the way to the hub. Absent: none. RG-55 */
  readonly proxy?: string;
  /** How the hub is known: by the hash of its CA's key (learnt at first contact), or by its CA. */
  readonly trust: { readonly caHash: string } | { readonly caPem: string };
  /** Asked whenever a token is needed, so that one that arrives later is used without a restart. RG-8 */
  readonly token: () => Promise<string | undefined>;
  /** Identity of the member cluster. RG-4 */
  readonly clusterUID: () => Promise<string>;
  readonly store: StateStore;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Lifetime to ask for, seconds. Absent: the signer decides. */
  readonly expirationSeconds?: number;
  /** What a refusal by the hub does: `wait` tries again later, with whatever token there is then; `fail` ends the link. Default `wait`. */
  readonly onRefusal?: 'wait' | 'fail';
  /** 0..1. Default Math.random. */
  readonly random?: () => number;
}

/** A wait after a denial or a failure. */
export const retryMs = { denied: 60_000, failed: 5_000 } as const;

/** For a client: absent means direct. */
export const proxyOf = ({ proxy }: LinkOptions) => (proxy === undefined ? {} : { proxy });
