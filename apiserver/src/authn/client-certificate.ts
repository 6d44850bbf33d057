import { createHash, X509Certificate } from 'node:crypto';
import type { Clock } from '@quarterdeck/machinery';
import { decodePem } from '../tls/pem.ts';
import { certificateSubject } from '../tls/subject.ts';
import type { Authenticator, UserInfo } from './authenticator.ts';
import { criticalExtensions } from './critical-extensions.ts';
import { unauthorized } from './unauthorized.ts';

export interface ClientCertificateOptions {
  /** PEM of the CAs that may vouch for clients, as of now; asked each time, so that a bundle can be rotated. RG-9 */
  readonly caBundle: () => string;
  readonly clock: Clock;
  /** Certificates whose signature was checked and is remembered. Default 16,384. */
  readonly cacheSize?: number;
}

const clientAuth = '1.3.6.1.5.5.7.3.2';
const anyUsage = '2.5.29.37.0';
/** What of a certificate's critical extensions this code looks at, or need not: KA-120. */
const understood = new Set(['2.5.29.15', '2.5.29.17', '2.5.29.19', '2.5.29.37']);

/** What does not change about a certificate while the bundle stays the same. */
interface Checked {
  readonly user: UserInfo;
  readonly notBefore: number;
  readonly notAfter: number;
}

/**
 * Identity by TLS client certificate: CN is the user, each O a group. The certificate must be signed by a CA of the
 * bundle, be within its time by the injected clock, and be made for client authentication. KA-120
 *
 * An empty bundle vouches for nobody: every certificate is refused. SEC-7
 */
export function createClientCertificateAuthenticator(options: ClientCertificateOptions): Authenticator {
  const { caBundle, clock, cacheSize = 16_384 } = options;
  let bundle = '';
  let authorities: X509Certificate[] = [];
  let cache = new Map<string, Checked>();
  /** A connection hands in the same bytes with each of its requests. */
  const fingerprints = new WeakMap<Uint8Array, string>();

  function fingerprintOf(der: Uint8Array): string {
    const known = fingerprints.get(der);
    if (known !== undefined) return known;
    const fingerprint = createHash('sha256').update(der).digest('hex');
    fingerprints.set(der, fingerprint);
    return fingerprint;
  }

  function currentAuthorities(): readonly X509Certificate[] {
    const pem = caBundle();
    if (pem !== bundle) {
      bundle = pem;
      authorities = decodePem(pem, 'CERTIFICATE').map((der) => new X509Certificate(der));
      cache = new Map();
    }
    return authorities;
  }

  function check(der: Uint8Array): Checked {
    const trusted = currentAuthorities();
    const fingerprint = fingerprintOf(der);
    const known = cache.get(fingerprint);
    if (known !== undefined) return known;
    const checked = verifyCertificate(der, fingerprint, trusted, clock.now());
    if (cache.size >= cacheSize) cache.delete(cache.keys().next().value ?? '');
    cache.set(fingerprint, checked);
    return checked;
  }

  return {
    name: 'client-certificate',
    async authenticate({ clientCertificate }) {
      if (clientCertificate === undefined) return undefined;
      let checked: Checked;
      try {
        checked = check(clientCertificate);
      } catch (error) {
        throw unauthorized(error);
      }
      const now = clock.now();
      if (now < checked.notBefore || now > checked.notAfter) {
        throw unauthorized(new Error('the client certificate is not within its time'));
      }
      return { user: checked.user, expiresAt: checked.notAfter };
    },
  };
}

/** @throws Error that says for the log what is wrong */
function verifyCertificate(
  der: Uint8Array,
  fingerprint: string,
  trusted: readonly X509Certificate[],
  now: number,
): Checked {
  const certificate = new X509Certificate(der);
  const issuer = trusted.find((one) => isIssuedBy(certificate, one, now));
  if (issuer === undefined) throw new Error('the client certificate is signed by no trusted CA');
  // Undefined when the extension is absent, which means "for anything": too much here.
  const usages = certificate.keyUsage as string[] | undefined;
  if (usages === undefined || !(usages.includes(clientAuth) || usages.includes(anyUsage))) {
    throw new Error('the client certificate is not made for client authentication');
  }
  const strange = criticalExtensions(der).find((oid) => !understood.has(oid));
  if (strange !== undefined) throw new Error(`the client certificate has the critical extension ${strange}`);
  const { commonName, organizations } = certificateSubject(der);
  if (commonName === '') throw new Error('the client certificate names no user');
  return {
    user: {
      name: commonName,
      groups: [...new Set(organizations)],
      extra: { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${fingerprint}`] },
    },
    notBefore: certificate.validFromDate.getTime(),
    notAfter: Math.min(certificate.validToDate.getTime(), issuer.validToDate.getTime()),
  };
}

function isIssuedBy(certificate: X509Certificate, authority: X509Certificate, now: number): boolean {
  return (
    authority.ca &&
    now >= authority.validFromDate.getTime() &&
    now <= authority.validToDate.getTime() &&
    certificate.checkIssued(authority) &&
    certificate.verify(authority.publicKey)
  );
}
