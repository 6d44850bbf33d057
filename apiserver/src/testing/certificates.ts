import { createPublicKey } from 'node:crypto';
import {
  type CertificateAuthority,
  type CertificateTemplate,
  createAuthority,
  issueCertificate,
  openAuthority,
} from '../tls/authority.ts';
import { decodePem } from '../tls/pem.ts';
import { newKey } from './certificate-requests.ts';

export async function newAuthority(now: number): Promise<CertificateAuthority> {
  return openAuthority(await createAuthority(now));
}

/** DER of a certificate: for `ada` in group `ops`, as a client, for an hour, unless said otherwise. */
export async function certificateDer(
  authority: CertificateAuthority,
  template: Partial<CertificateTemplate> & Pick<CertificateTemplate, 'now'>,
): Promise<Buffer> {
  const pem = await issueCertificate(authority, {
    subject: { commonName: 'ada', organizations: ['ops'] },
    publicKey: createPublicKey(newKey()),
    usage: 'client',
    lifetimeMs: 3_600_000,
    ...template,
  });
  return decodePem(pem, 'CERTIFICATE')[0] ?? Buffer.alloc(0);
}
