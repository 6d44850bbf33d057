import { formatTime } from '@quarterdeck/apis';
import type { Client, TlsOptions } from '@quarterdeck/machinery';
import { type Held, validityOf } from './held.ts';
import { issuerHash, trustedHashes } from './trust.ts';

/**
 * Who the agent is to the hub, as the rest of the agent sees it: by a client certificate, or by a token of its service account
 * on a hub that gives those. RG-7
 */
export interface AgentIdentity {
  /** A client under the member's own identity; follows renewals by itself. */
  readonly hubClient: Client;
  /** What it is made of, for the status of the member. RG-9 */
  describe(): IdentityReport;
  /** Told by whoever speaks to the hub regularly: whether it takes this identity. RG-41 */
  heard(isTaken: boolean): void;
  /** Its certificate, if it has one, and the CAs of the hub, as they are now. */
  tls(): TlsOptions;
  /** Its token as it is now; undefined: it has a certificate. */
  token(): string | undefined;
}

/** By key hashes, `sha256:<hex>`. */
export interface IdentityReport {
  readonly make: Held['make'];
  /** CAs that the agent knows the hub by, the signing one first. */
  readonly trustedCAs: readonly string[];
  /** CA that issued its certificate. Absent: none of these, or it is a token. */
  readonly issuer?: string;
  /** RFC 3339: when the certificate or token ends. */
  readonly expires: string;
}

/** @param bundle the CAs that the hub is known by */
export function identityReport(bundle: string, held: Held): IdentityReport {
  const issuer = held.make === 'certificate' ? issuerHash(bundle, held.certificate) : undefined;
  return {
    make: held.make,
    trustedCAs: trustedHashes(bundle),
    ...(issuer === undefined ? {} : { issuer }),
    expires: formatTime(validityOf(held).notAfter),
  };
}
