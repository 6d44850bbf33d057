import { formatTime } from '@quarterdeck/apis';
import { type Client, caKeyHashes, type TlsOptions } from '@quarterdeck/machinery';
import { type Held, validityOf } from './held.ts';
import { issuerHash } from './trust.ts';

/**
 * Who the agent is to the hub, as the rest of the agent sees it: by a client certificate, or by a token of its service account
 * on a hub that gives those. RG-7
 */
export interface AgentIdentity {
  /** A client under the member's own identity; follows renewals by itself. */
  readonly hubClient: Client;
  /** What it is made of, for the status of the member. RG-9 */
  describe(): IdentityReport;
  /** Whether it is of this very cluster. RG-4 */
  isOf(clusterUID: string): boolean;
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

/** Says what an identity is made of. @param bundle the CAs that the hub is known by */
export type DescribeIdentity = (bundle: string, held: Held) => IdentityReport;

/** Remembers the last report: it is asked for every ten seconds, and is made by parsing certificates and checking a signature. */
export function createIdentityReports(): DescribeIdentity {
  let last: { readonly bundle: string; readonly proof: string; readonly report: IdentityReport } | undefined;
  return (bundle, held) => {
    const proof = held.make === 'certificate' ? held.certificate : `${held.token} ${held.expires}`;
    if (last?.bundle !== bundle || last.proof !== proof) last = { bundle, proof, report: identityReport(bundle, held) };
    return last.report;
  };
}

/**
 * Whether the hub signs by another CA now than the one that issued the certificate. A certificate of none of these CAs
 * says nothing: a Kubernetes hub signs clients by a CA of its own. RG-9
 */
export function isOutdated({ issuer, trustedCAs }: IdentityReport): boolean {
  return issuer !== undefined && issuer !== trustedCAs[0];
}

function identityReport(bundle: string, held: Held): IdentityReport {
  const issuer = held.make === 'certificate' ? issuerHash(bundle, held.certificate) : undefined;
  return {
    make: held.make,
    trustedCAs: caKeyHashes(bundle),
    ...(issuer === undefined ? {} : { issuer }),
    expires: formatTime(validityOf(held).notAfter),
  };
}
