import 'reflect-metadata';
import { createPublicKey, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { fakeClock } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { newKey } from '../testing/certificate-requests.ts';
import { newAuthority } from '../testing/certificates.ts';
import { createClientCertificateAuthenticator } from './client-certificate.ts';
import { criticalExtensions } from './critical-extensions.ts';

test('KA-120 a certificate with a critical extension that is not understood is refused', async () => {
  const clock = fakeClock();
  const authority = await newAuthority(clock.now());
  const issue = async (critical: boolean) => {
    const strange = new x509.Extension('1.2.3.4', critical, Buffer.from([5, 0]));
    const certificate = await x509.X509CertificateGenerator.create(
      {
        subject: 'CN=ada',
        issuer: authority.certificate.subjectName,
        notBefore: new Date(clock.now()),
        notAfter: new Date(clock.now() + 60_000),
        publicKey: createPublicKey(newKey()).export({ format: 'der', type: 'spki' }),
        signingKey: authority.signingKey,
        signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
        extensions: [
          new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
          new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
          strange,
        ],
      },
      webcrypto,
    );
    return new Uint8Array(certificate.rawData);
  };
  const authenticator = createClientCertificateAuthenticator({ caBundle: () => authority.pem, clock });
  const attempt = (clientCertificate: Uint8Array) =>
    authenticator.authenticate({ authorization: undefined, clientCertificate });
  const [harmless, critical] = [await issue(false), await issue(true)];
  expect([criticalExtensions(harmless), criticalExtensions(critical)]).toEqual([
    ['2.5.29.15'],
    ['2.5.29.15', '1.2.3.4'],
  ]);
  expect((await attempt(harmless))?.user.name).toBe('ada');
  await expect(attempt(critical)).rejects.toMatchObject({
    code: 401,
    cause: { message: 'the client certificate has the critical extension 1.2.3.4' },
  });
});
