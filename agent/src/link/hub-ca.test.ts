import 'reflect-metadata';
import { X509Certificate } from 'node:crypto';
import { createServer, type Server } from 'node:tls';
import { X509CertificateGenerator } from '@peculiar/x509';
import { caKeyHash } from '@quarterdeck/machinery';
import { testAuthority } from '@quarterdeck/machinery/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fetchHubCa, trustToTell, vouchingCas, WrongHubError } from './hub-ca.ts';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
let server: Server;
let url: string;
let pem: string;

beforeAll(async () => {
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=hub',
    keys,
    signingAlgorithm: algorithm,
  });
  pem = certificate.toString('pem');
  const exported = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  const key = `-----BEGIN PRIVATE KEY-----\n${exported}\n-----END PRIVATE KEY-----\n`;
  server = createServer({ key, cert: pem });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `https://127.0.0.1:${(server.address() as { port: number }).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

const never = new AbortController().signal;

test('the CA with the expected key is learnt, upper or lower case', async () => {
  const hash = caKeyHash(pem);
  expect(hash).toMatch(/^sha256:[0-9a-f]{64}$/);
  for (const expected of [hash, hash.toUpperCase().replace('SHA256', 'sha256')]) {
    expect(caKeyHash(await fetchHubCa({ hubUrl: url, expected }, never))).toBe(hash);
  }
});

test('a wrong hash is refused, and the message tells what the hub shows', async () => {
  const refused = fetchHubCa({ hubUrl: url, expected: `sha256:${'0'.repeat(64)}` }, never);
  await expect(refused).rejects.toBeInstanceOf(WrongHubError);
  await expect(refused).rejects.toThrow(caKeyHash(pem));
});

test('a hub that is not there is another error, which may pass', async () => {
  const gone = fetchHubCa({ hubUrl: 'https://127.0.0.1:1', expected: caKeyHash(pem) }, never);
  await expect(gone).rejects.toThrow('cannot reach the hub at 127.0.0.1:1');
  await expect(gone).rejects.not.toBeInstanceOf(WrongHubError);
});

test('it stops when told to', async () => {
  const stopping = new AbortController();
  const call = fetchHubCa({ hubUrl: url, expected: caKeyHash(pem) }, stopping.signal);
  stopping.abort();
  await expect(call).rejects.toThrow('stopped');
});

/** A server that shows these certificates in its handshake. */
async function shows(cert: string, key: string): Promise<{ hubUrl: string } & AsyncDisposable> {
  const tls = createServer({ key, cert });
  await new Promise<void>((resolve) => tls.listen(0, '0.0.0.0', resolve));
  return {
    hubUrl: `https://127.0.0.1:${(tls.address() as { port: number }).port}`,
    [Symbol.asyncDispose]: () => new Promise((resolve) => tls.close(() => resolve())),
  };
}
const same = (certificate: string) => new X509Certificate(certificate).toString();

describe('what a join command tells of the hub', () => {
  const authority = testAuthority();
  const { cert, key } = authority.issue('hub');

  test('SEC-7 the hash of a CA that the hub shows, wherever in the bundle that stands', async () => {
    await using hub = await shows(cert + authority.cert, key);
    const caHash = caKeyHash(authority.cert);
    expect(await trustToTell(hub, cert + testAuthority().cert + authority.cert, never)).toEqual({ caHash });
    expect(caKeyHash(await fetchHubCa({ ...hub, expected: caHash }, never))).toBe(caHash);
  });

  test('RG-53, SEC-7 the CAs themselves, of a hub that shows its own certificate alone', async () => {
    await using hub = await shows(cert, key);
    expect(await trustToTell(hub, cert + authority.cert, never)).toEqual({ caPem: same(authority.cert) });
  });
});

test('RG-9, RG-53 CAs vouch for the hub at its address when they verify what it shows there, and for that name', async () => {
  const [authority, other] = [testAuthority('one'), testAuthority('other')];
  const { cert, key } = authority.issue('hub');
  await using hub = await shows(cert, key);
  expect(await vouchingCas(hub, other.cert + authority.cert, never)).toBe(same(authority.cert));
  expect(await vouchingCas(hub, other.cert, never)).toBe('');
  // Its certificate names no such address.
  expect(await vouchingCas({ hubUrl: hub.hubUrl.replace('127.0.0.1', '127.0.0.2') }, authority.cert, never)).toBe('');
});
