import 'reflect-metadata';
import { createServer, type Server } from 'node:tls';
import { X509CertificateGenerator } from '@peculiar/x509';
import { caKeyHash } from '@quarterdeck/machinery';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fetchHubCa, WrongHubError } from './hub-ca.ts';

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
