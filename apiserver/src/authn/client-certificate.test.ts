import 'reflect-metadata';
import { createHash, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { isUnauthorized } from '@quarterdeck/apis';
import { fakeClock } from '@quarterdeck/machinery/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { nameDer, oid } from '../testing/certificate-requests.ts';
import { certificateDer, newAuthority } from '../testing/certificates.ts';
import type { CertificateAuthority } from '../tls/authority.ts';
import { createClientCertificateAuthenticator } from './client-certificate.ts';

const clock = fakeClock();
const hourMs = 3_600_000;
let authority: CertificateAuthority;
let bundle: string;
beforeEach(async () => {
  authority = await newAuthority(clock.now());
  bundle = authority.pem;
});
const authenticator = createClientCertificateAuthenticator({ caBundle: () => bundle, clock });

/** The user, `nothing`, or `401 cause`. */
async function who(clientCertificate: Uint8Array | undefined) {
  try {
    const found = await authenticator.authenticate({ authorization: undefined, clientCertificate });
    return found ?? 'nothing';
  } catch (error) {
    if (!isUnauthorized(error)) throw error;
    const { cause, message } = error as Error;
    expect(message).toBe('Unauthorized');
    return `401 ${(cause as Error).message}`;
  }
}

test('KA-120 the common name is the user, organizations are groups, and the credential is named', async () => {
  const subject = nameDer([
    [oid.organization, 'ops'],
    [oid.organization, 'dev'],
    [oid.organization, 'ops'],
    [oid.organizationalUnit, 'system:masters'],
    [oid.commonName, 'ada'],
  ]);
  const der = await certificateDer(authority, { subject, now: clock.now() });
  expect(await who(der)).toEqual({
    user: {
      name: 'ada',
      groups: ['ops', 'dev'],
      extra: {
        'authentication.kubernetes.io/credential-id': [`X509SHA256=${createHash('sha256').update(der).digest('hex')}`],
      },
    },
    expiresAt: clock.now() + hourMs,
  });
});

test('KA-120 nothing presented is nobody', async () => {
  expect(await who(undefined)).toBe('nothing');
});

describe('BI-26 refused', () => {
  test('BI-26 a certificate of a foreign CA', async () => {
    const foreign = await newAuthority(clock.now());
    expect(await who(await certificateDer(foreign, { now: clock.now() }))).toBe(
      '401 the client certificate is signed by no trusted CA',
    );
  });

  test('BI-26 a certificate of a foreign CA that has the name of ours', async () => {
    const keys = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
    const certificate = await x509.X509CertificateGenerator.create(
      {
        subject: 'O=system:masters, CN=eve',
        issuer: authority.certificate.subjectName,
        notBefore: new Date(clock.now()),
        notAfter: new Date(clock.now() + hourMs),
        signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
        publicKey: keys.publicKey,
        signingKey: keys.privateKey,
        extensions: [new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth])],
      },
      webcrypto,
    );
    expect(await who(new Uint8Array(certificate.rawData))).toBe(
      '401 the client certificate is signed by no trusted CA',
    );
  });

  test('BI-26 a serving certificate of our own CA', async () => {
    expect(await who(await certificateDer(authority, { usage: 'server', now: clock.now() }))).toBe(
      '401 the client certificate is not made for client authentication',
    );
  });

  test('BI-26 the CA itself', async () => {
    const der = Buffer.from(authority.certificate.rawData);
    expect(await who(der)).toMatch(/^401 the client certificate is (not made for client authentication|signed by no)/);
  });

  test('BI-26 a certificate without a user', async () => {
    const subject = nameDer([[oid.organization, 'system:masters']]);
    expect(await who(await certificateDer(authority, { subject, now: clock.now() }))).toBe(
      '401 the client certificate names no user',
    );
  });

  test('BI-26 a name with control characters in it', async () => {
    const subject = nameDer([[oid.commonName, 'ada\nO=system:masters']]);
    expect(await who(await certificateDer(authority, { subject, now: clock.now() }))).toBe(
      '401 text holds control characters',
    );
  });

  test('BI-26 garbage', async () => {
    expect(await who(new Uint8Array([1, 2, 3]))).toMatch(/^401 /);
  });

  test('BI-26 a certificate whose time is over, or has not come, though it was seen before', async () => {
    const local = fakeClock(clock.now());
    const timed = createClientCertificateAuthenticator({ caBundle: () => bundle, clock: local });
    const clientCertificate = await certificateDer(authority, { now: clock.now() });
    const attempt = () => timed.authenticate({ authorization: undefined, clientCertificate });
    expect((await attempt())?.user.name).toBe('ada');
    local.jump(hourMs + 1);
    await expect(attempt()).rejects.toThrow('Unauthorized');
    local.jump(-2 * hourMs);
    await expect(attempt()).rejects.toThrow('Unauthorized');
  });
});

test('SEC-7 without a CA every certificate is refused', async () => {
  const der = await certificateDer(authority, { now: clock.now() });
  bundle = '';
  expect(await who(der)).toBe('401 the client certificate is signed by no trusted CA');
});

test('RG-9 both CAs of a bundle vouch, and a CA that left it does not, though its certificate was seen', async () => {
  const next = await newAuthority(clock.now());
  bundle = authority.pem + next.pem;
  const [old, fresh] = [
    await certificateDer(authority, { now: clock.now() }),
    await certificateDer(next, { now: clock.now() }),
  ];
  expect([await who(old), await who(fresh)]).toMatchObject([{ user: { name: 'ada' } }, { user: { name: 'ada' } }]);
  bundle = next.pem;
  expect(await who(old)).toBe('401 the client certificate is signed by no trusted CA');
  expect(await who(fresh)).toMatchObject({ user: { name: 'ada' } });
});
