import { X509Certificate } from 'node:crypto';
import { caKeyHash, certificatesOf } from '@quarterdeck/machinery';

/** Key hash of the CA of a bundle that issued a certificate; undefined when none of them did. */
export function issuerHash(bundle: string, certificate: string): string | undefined {
  const issued = new X509Certificate(certificate);
  const issuer = certificatesOf(bundle).find((ca) => issued.checkIssued(ca) && issued.verify(ca.publicKey));
  return issuer === undefined ? undefined : caKeyHash(issuer);
}
