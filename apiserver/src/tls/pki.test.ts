import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto';
import { caKeyHash } from '@quarterdeck/machinery';
import { fakeClock } from '@quarterdeck/machinery/testing';
import { beforeEach, expect, test } from 'vitest';
import { createKeyring } from '../storage/at-rest/keyring.ts';
import { createMemoryDatabase, type MemoryDatabase, openMemoryStorage } from '../storage/memory.ts';
import type { SettingsStore } from '../storage/storage.ts';
import { createAuthority, issueCertificate } from './authority.ts';
import { loadOrCreatePki } from './pki.ts';
import { certificateSubject } from './subject.ts';

const clock = fakeClock();
const dayMs = 86_400_000;
let database: MemoryDatabase;
let settings: SettingsStore;
beforeEach(() => {
  database = createMemoryDatabase();
  settings = openMemoryStorage(database, { clock }).settings;
});

test('KA-148 the CA and the keys are made once and found again', async () => {
  const first = await loadOrCreatePki(settings, { clock });
  const second = await loadOrCreatePki(settings, { clock });
  expect(second.caBundle).toBe(first.caBundle);
  expect([...second.serviceAccountKeys.verifying.keys()]).toEqual([...first.serviceAccountKeys.verifying.keys()]);
  expect(first.caHash).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(caKeyHash(first.caBundle)).toBe(first.caHash);
});

test('KA-148 hubs that start at once agree', async () => {
  const others = [1, 2, 3].map(() => openMemoryStorage(database, { clock }).settings);
  const all = await Promise.all([settings, ...others].map((one) => loadOrCreatePki(one, { clock })));
  expect(new Set(all.map((pki) => pki.caHash)).size).toBe(1);
  expect(new Set(all.map((pki) => pki.serviceAccountKeys.signing.kid)).size).toBe(1);
});

test('KA-148 an issued serving certificate fits its names, key and time', async () => {
  const pki = await loadOrCreatePki(settings, { clock });
  const { certificate, key } = await pki.issueServing({ names: ['hub.example.com', '10.0.0.1', '::1', 'localhost'] });
  const parsed = new X509Certificate(certificate);
  const authority = new X509Certificate(pki.caBundle);
  expect(parsed.subjectAltName).toBe(
    'DNS:hub.example.com, IP Address:10.0.0.1, IP Address:0:0:0:0:0:0:0:1, DNS:localhost',
  );
  expect(parsed.checkIssued(authority) && parsed.verify(authority.publicKey)).toBe(true);
  expect(parsed.checkPrivateKey(createPrivateKey(key))).toBe(true);
  expect(parsed.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
  expect(parsed.ca).toBe(false);
  expect(parsed.validFromDate.getTime()).toBe(clock.now() - 5 * 60_000);
  expect(parsed.validToDate.getTime()).toBe(clock.now() + 90 * dayMs);
  expect(authority.ca).toBe(true);
});

test('KA-148 an admin certificate has the group system:masters, for clients only, a year at most', async () => {
  const pki = await loadOrCreatePki(settings, { clock });
  const lifetimeMs = 3650 * dayMs;
  const { certificate } = await pki.issueClient({ user: 'kubernetes-admin', groups: ['system:masters'], lifetimeMs });
  const parsed = new X509Certificate(certificate);
  expect(certificateSubject(parsed.raw)).toMatchObject({
    commonName: 'kubernetes-admin',
    organizations: ['system:masters'],
  });
  expect(parsed.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
  expect(parsed.validToDate.getTime()).toBe(clock.now() + 365 * dayMs);
});

test('KA-133 no certificate outlives its CA', async () => {
  const later = fakeClock(clock.now() + (3650 - 1) * dayMs);
  const { authority } = await loadOrCreatePki(settings, { clock });
  const { publicKey } = new X509Certificate(authority.pem);
  const template = {
    subject: { commonName: 'x', organizations: [] },
    publicKey,
    usage: 'client',
    lifetimeMs: 365 * dayMs,
  } as const;
  const issued = new X509Certificate(await issueCertificate(authority, { ...template, now: later.now() }));
  expect(issued.validToDate.getTime()).toBe(authority.notAfter);
  await expect(issueCertificate(authority, { ...template, now: authority.notAfter })).rejects.toThrow(
    'the CA has expired',
  );
});

test('RG-9 a second CA is trusted while the first signs', async () => {
  const pki = await loadOrCreatePki(settings, { clock });
  const stored = JSON.parse((await settings.get('pki.authorities')) ?? '') as { authorities: unknown[] };
  const next = await createAuthority(clock.now());
  await settings.put(
    'pki.authorities',
    JSON.stringify({ authorities: [...stored.authorities, { certificate: next.certificate }] }),
  );
  const rotated = await loadOrCreatePki(settings, { clock });
  expect(rotated.caHash).toBe(pki.caHash);
  expect(rotated.caBundle).toBe(pki.caBundle + next.certificate);
});

test('KA-147a with a key file nothing secret is stored in the clear, and what was is sealed', async () => {
  const keyring = createKeyring({ keys: [{ secret: randomBytes(32) }], source: 'keys' });
  const plain = await loadOrCreatePki(settings, { clock });
  expect(await settings.get('pki.authorities')).toContain('PRIVATE KEY');
  const sealed = await loadOrCreatePki(settings, { clock, keyring });
  expect(sealed.caHash).toBe(plain.caHash);
  for (const name of ['pki.authorities', 'pki.service-account-keys']) {
    expect(await settings.get(name)).toMatch(/^sealed\.v2:/);
  }
  expect((await loadOrCreatePki(settings, { clock, keyring })).caHash).toBe(plain.caHash);
  await expect(loadOrCreatePki(settings, { clock })).rejects.toThrow(
    'setting pki.authorities in the database is encrypted: give the file with the key that it was encrypted with by --encryption-keys',
  );
});
