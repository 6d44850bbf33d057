import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { certificateRequestPem, newKey, oid, userRequestPem } from '../testing/certificate-requests.ts';
import { CertificateRequestError, parseCertificateRequest } from './certificate-request.ts';

const subject = [[oid.commonName, 'x']] as const;

test('KA-132 a request gives subject, names and extensions as they are', () => {
  const request = parseCertificateRequest(
    certificateRequestPem({
      subject: [
        [oid.organization, 'quarterdeck:members'],
        [oid.commonName, 'quarterdeck:member:m1'],
      ],
      dnsNames: ['a.example.com', '*.example.com'],
      emails: ['a@example.com'],
      uris: ['spiffe://x'],
      addresses: [Buffer.from([10, 0, 0, 1]), Buffer.from('20010db8000000000000000000000001', 'hex')],
    }),
  );
  expect({
    ...request,
    publicKey: request.publicKey.asymmetricKeyType,
    subjectDer: request.subjectDer.length > 0,
  }).toEqual({
    subject: {
      commonName: 'quarterdeck:member:m1',
      organizations: ['quarterdeck:members'],
      attributes: [
        { oid: oid.organization, value: 'quarterdeck:members' },
        { oid: oid.commonName, value: 'quarterdeck:member:m1' },
      ],
    },
    subjectDer: true,
    alternativeNames: [
      { type: 'dns', value: 'a.example.com' },
      { type: 'dns', value: '*.example.com' },
      { type: 'email', value: 'a@example.com' },
      { type: 'uri', value: 'spiffe://x' },
      { type: 'ip', value: '10.0.0.1' },
      { type: 'ip', value: '2001:db8:0:0:0:0:0:1' },
    ],
    extensions: ['2.5.29.17'],
    publicKey: 'ec',
  });
});

test('KA-132 keys of RSA 2048, P-384 and Ed25519 sign requests too', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const p384 = generateKeyPairSync('ec', { namedCurve: 'secp384r1' }).privateKey;
  const ed25519 = generateKeyPairSync('ed25519').privateKey;
  for (const privateKey of [rsa, p384, ed25519]) {
    expect(parseCertificateRequest(certificateRequestPem({ subject, privateKey })).subject.commonName).toBe('x');
  }
});

describe('refused', () => {
  const valid = userRequestPem('x');
  const rsa512 = () => generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
  const oddCurve = () => generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey;

  test.each([
    { name: 'BI-27 no PEM', pem: () => 'hello', want: 'must be one PEM block of type CERTIFICATE REQUEST' },
    { name: 'BI-27 nothing', pem: () => '', want: 'must be one PEM block of type CERTIFICATE REQUEST' },
    { name: 'BI-27 two blocks', pem: () => valid + valid, want: 'must be one PEM block of type CERTIFICATE REQUEST' },
    {
      name: 'BI-27 text around the block',
      pem: () => `${valid}x`,
      want: 'must be one PEM block of type CERTIFICATE REQUEST',
    },
    {
      name: 'BI-27 a block of another type',
      pem: () => valid.replaceAll('CERTIFICATE REQUEST', 'CERTIFICATE'),
      want: 'must be one PEM block of type CERTIFICATE REQUEST',
    },
    { name: 'BI-27 one megabyte', pem: () => valid + '\n'.repeat(1_000_000), want: 'must be at most 32768 bytes long' },
    {
      name: 'BI-27 no PKCS#10 inside',
      pem: () => '-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n',
      want: 'is not a PKCS#10 certificate request',
    },
    {
      name: 'BI-27 a signature by another key',
      pem: () => certificateRequestPem({ subject, signer: newKey() }),
      want: 'has a signature that does not match its key',
    },
    {
      name: 'BI-27 a hash that is broken',
      pem: () => certificateRequestPem({ subject, hash: 'sha1' }),
      want: 'is signed with 1.2.840.10045.4.1, which is not accepted',
    },
    {
      name: 'BI-27 a short RSA key',
      pem: () => certificateRequestPem({ subject, privateKey: rsa512() }),
      want: 'has an RSA key of 1024 bits; 2048 to 8192 are accepted',
    },
    {
      name: 'BI-27 a curve that TLS does not use',
      pem: () => certificateRequestPem({ subject, privateKey: oddCurve() }),
      want: 'has a key on curve secp256k1, which is not accepted',
    },
  ])('$name', ({ pem, want }) => {
    const text = pem();
    expect(() => parseCertificateRequest(text)).toThrow(new CertificateRequestError(want));
  });
});
