import { X509Certificate } from 'node:crypto';
import { caKeyHash } from '@quarterdeck/machinery';

const onePem = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/** The certificates of a PEM bundle, in order. @throws when one of them cannot be read */
export function certificatesOf(bundle: string): X509Certificate[] {
  return (bundle.match(onePem) ?? []).map((pem) => new X509Certificate(pem));
}

/** What the agent says of the CAs it trusts: the hub waits for it before another CA signs. RG-9 */
export const trustedHashes = (bundle: string): string[] => certificatesOf(bundle).map((ca) => caKeyHash(ca));

/**
 * Two bundles as one, each CA once, in order.
 * @throws when one of them cannot be read
 */
export function joinBundles(...bundles: readonly (string | undefined)[]): string {
  const known = new Map<string, string>();
  for (const certificate of bundles.flatMap((bundle) => certificatesOf(bundle ?? ''))) {
    known.set(certificate.fingerprint256, certificate.toString());
  }
  return [...known.values()].join('');
}

/** Key hash of the CA of a bundle that issued a certificate; undefined when none of them did. */
export function issuerHash(bundle: string, certificate: string): string | undefined {
  const issued = new X509Certificate(certificate);
  const issuer = certificatesOf(bundle).find((ca) => issued.checkIssued(ca) && issued.verify(ca.publicKey));
  return issuer === undefined ? undefined : caKeyHash(issuer);
}
