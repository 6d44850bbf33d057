import { X509Certificate } from 'node:crypto';
import { caKeyHash } from './ca-hash.ts';

const onePem = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/** The certificates of a PEM bundle, in order. @throws when one of them cannot be read */
export function certificatesOf(bundle: string): X509Certificate[] {
  return (bundle.match(onePem) ?? []).map((pem) => new X509Certificate(pem));
}

/** By which its CAs are told apart, in order. RG-9 */
export const caKeyHashes = (bundle: string): string[] => certificatesOf(bundle).map((ca) => caKeyHash(ca));

/**
 * Bundles as one, each CA once, in order.
 * @throws when one of them cannot be read
 */
export function joinBundles(...bundles: readonly (string | undefined)[]): string {
  const known = new Map<string, string>();
  for (const certificate of bundles.flatMap((bundle) => certificatesOf(bundle ?? ''))) {
    known.set(certificate.fingerprint256, certificate.toString());
  }
  return [...known.values()].join('');
}
