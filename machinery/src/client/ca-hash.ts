import { createHash, X509Certificate } from 'node:crypto';

/**
 * `sha256:<hex>` over the public key of a CA (SubjectPublicKeyInfo): what a join command carries, and what an agent expects
 * of the hub that it meets for the first time. It survives a re-issue of the CA with the same key. SEC-7
 * @param certificate PEM of one certificate, or the certificate
 */
export function caKeyHash(certificate: X509Certificate | string): string {
  const { publicKey } = typeof certificate === 'string' ? new X509Certificate(certificate) : certificate;
  return `sha256:${createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex')}`;
}
