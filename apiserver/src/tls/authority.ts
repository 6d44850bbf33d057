import 'reflect-metadata';
import {
  createHash,
  createPrivateKey,
  type KeyObject,
  X509Certificate as NodeCertificate,
  webcrypto,
} from 'node:crypto';
import * as x509 from '@peculiar/x509';
import type { EpochMs } from '@quarterdeck/machinery';
import type { AlternativeName } from './certificate-request.ts';
import { decodePem, encodePem } from './pem.ts';

const { subtle } = webcrypto;
const ecdsa = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const dayMs = 86_400_000;
const authorityYears = 10;
/** Clocks of others may be behind ours by this much. KA-133 */
const backdateMs = 5 * 60_000;
/** The longest that a certificate may hold. KA-133 */
const maxLifetimeMs = 365 * dayMs;

/** PEM of a certificate and of its private key (PKCS#8). */
export interface KeyPairPem {
  readonly certificate: string;
  readonly key: string;
}

/** A CA that signs: ECDSA P-256. */
export interface CertificateAuthority {
  readonly pem: string;
  readonly notAfter: EpochMs;
  readonly certificate: x509.X509Certificate;
  readonly signingKey: webcrypto.CryptoKey;
}

/** Makes a CA of its own name, so that two of them can be told apart while one replaces the other. RG-9 */
export async function createAuthority(now: EpochMs): Promise<KeyPairPem> {
  const keys = await subtle.generateKey(ecdsa, true, ['sign', 'verify']);
  const spki = Buffer.from(await subtle.exportKey('spki', keys.publicKey));
  const id = createHash('sha256').update(spki).digest('hex').slice(0, 8);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      name: [{ CN: [`quarterdeck-ca-${id}`] }],
      notBefore: new Date(now - backdateMs),
      notAfter: new Date(now + authorityYears * maxLifetimeMs),
      signingAlgorithm: ecdsa,
      keys,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(
          x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign | x509.KeyUsageFlags.digitalSignature,
          true,
        ),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  );
  return { certificate: toPem(certificate), key: await exportKey(keys.privateKey) };
}

/** @throws Error when the key does not belong to the certificate */
export async function openAuthority(pair: KeyPairPem): Promise<CertificateAuthority> {
  const [keyDer] = decodePem(pair.key, 'PRIVATE KEY');
  const [der] = decodePem(pair.certificate, 'CERTIFICATE');
  if (keyDer === undefined || der === undefined) throw new Error('a CA needs a certificate and a PKCS#8 key in PEM');
  if (!new NodeCertificate(der).checkPrivateKey(createPrivateKey(pair.key))) {
    throw new Error('the key of the CA does not belong to its certificate');
  }
  const certificate = new x509.X509Certificate(Buffer.from(der));
  const signingKey = await subtle.importKey('pkcs8', keyDer, ecdsa, false, ['sign']);
  return { pem: pair.certificate, notAfter: certificate.notAfter.getTime(), certificate, signingKey };
}

export interface CertificateTemplate {
  /** DER of a name, or its common name and organizations. */
  readonly subject: Uint8Array | { readonly commonName: string; readonly organizations: readonly string[] };
  readonly publicKey: KeyObject;
  readonly usage: 'client' | 'server';
  readonly keyEncipherment?: boolean;
  readonly alternativeNames?: readonly AlternativeName[];
  readonly now: EpochMs;
  /** Cut to a year and to the CA's own end. */
  readonly lifetimeMs: number;
}

/** @returns PEM. @throws Error when the CA has ended */
export async function issueCertificate(
  authority: CertificateAuthority,
  template: CertificateTemplate,
): Promise<string> {
  const { now, subject } = template;
  if (now >= authority.notAfter) throw new Error('the CA has expired');
  const notAfter = Math.min(now + Math.min(template.lifetimeMs, maxLifetimeMs), authority.notAfter);
  const flags = template.keyEncipherment === true ? x509.KeyUsageFlags.keyEncipherment : 0;
  const extensions: x509.Extension[] = [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature | flags, true),
    new x509.ExtendedKeyUsageExtension([extendedUsages[template.usage]], false),
    await x509.AuthorityKeyIdentifierExtension.create(authority.certificate.publicKey, false, webcrypto),
  ];
  const names = template.alternativeNames ?? [];
  if (names.length > 0) extensions.push(new x509.SubjectAlternativeNameExtension(names.map(generalName), false));
  const certificate = await x509.X509CertificateGenerator.create(
    {
      subject: new x509.Name(subject instanceof Uint8Array ? Buffer.from(subject) : nameParts(subject)),
      issuer: authority.certificate.subjectName,
      notBefore: new Date(now - backdateMs),
      notAfter: new Date(notAfter),
      publicKey: template.publicKey.export({ format: 'der', type: 'spki' }),
      signingKey: authority.signingKey,
      signingAlgorithm: ecdsa,
      extensions,
    },
    webcrypto,
  );
  return toPem(certificate);
}

const extendedUsages = { client: x509.ExtendedKeyUsage.clientAuth, server: x509.ExtendedKeyUsage.serverAuth };

function nameParts({ commonName, organizations }: { commonName: string; organizations: readonly string[] }) {
  const organization = organizations.map((name) => ({ O: [{ utf8String: name }] }));
  return [...organization, { CN: [{ utf8String: commonName }] }];
}

function generalName({ type, value }: AlternativeName): x509.JsonGeneralName {
  switch (type) {
    case 'dns':
    case 'ip':
    case 'email':
      return { type, value };
    case 'uri':
      return { type: 'url', value };
    case 'other':
      throw new Error('an alternative name of this kind cannot be issued');
  }
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  return encodePem('PRIVATE KEY', Buffer.from(await subtle.exportKey('pkcs8', key)));
}

function toPem(certificate: x509.X509Certificate): string {
  return encodePem('CERTIFICATE', Buffer.from(certificate.rawData));
}
