import { X509Certificate } from 'node:crypto';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, fakeClock, testLogger } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { createMemoryDatabase, openMemoryStorage } from '../storage/memory.ts';
import type { KeyPairPem } from './authority.ts';
import { watchCertificateFiles } from './certificate-files.ts';
import { loadOrCreatePki } from './pki.ts';
import { createIssuedCertificate, renewalTime } from './serving-certificate.ts';

const dayMs = 86_400_000;

async function setup() {
  const clock = fakeClock();
  const { settings } = openMemoryStorage(createMemoryDatabase(), { clock });
  return { clock, logger: testLogger(), pki: await loadOrCreatePki(settings, { clock }) };
}

test('KA-144b an issued certificate is renewed when two thirds of its life are over', async () => {
  const { clock, logger, pki } = await setup();
  using source = await createIssuedCertificate({ pki, names: ['localhost'], clock, logger, lifetimeMs: 30 * dayMs });
  const first = source.current;
  const seen: KeyPairPem[] = [];
  using _listening = source.onChange((pair) => void seen.push(pair));
  await clock.advance(19 * dayMs);
  expect(source.current).toBe(first);
  await clock.advance(2 * dayMs);
  await eventually(() => seen.length === 1);
  expect(source.current).toBe(seen[0]);
  expect(new X509Certificate(source.current.certificate).validFromDate.getTime()).toBeGreaterThan(
    renewalTime(first.certificate) - 10 * 60_000,
  );
  source[Symbol.dispose]();
  expect(clock.pendingTimers()).toBe(0);
});

test('KA-144b changed certificate files are taken over, a pair that does not fit is not', async () => {
  const { clock, logger, pki } = await setup();
  const dir = await mkdtemp(join(tmpdir(), 'certificate-'));
  const files = { certificateFile: join(dir, 'tls.crt'), keyFile: join(dir, 'tls.key') };
  const write = async (file: string, text: string) => {
    await writeFile(`${file}.new`, text);
    await rename(`${file}.new`, file);
  };
  const [first, second] = await Promise.all([1, 2].map(() => pki.issueServing({ names: ['localhost'] })));
  if (first === undefined || second === undefined) throw new Error('two pairs');
  await write(files.certificateFile, first.certificate);
  await write(files.keyFile, first.key);

  using source = await watchCertificateFiles({ ...files, clock, logger });
  expect(source.current).toEqual(first);

  await write(files.certificateFile, second.certificate);
  await clock.advance(10_000);
  await eventually(() => logger.messages('warn').includes('changed serving certificate is not usable'));
  expect(source.current).toEqual(first);

  await write(files.keyFile, second.key);
  await eventually(async () => {
    await clock.advance(10_000);
    return source.current.certificate === second.certificate;
  });
  expect(source.current).toEqual(second);
  await rm(dir, { recursive: true });
});

test('KA-144b certificate files that are missing or do not fit together stop the start, and say which', async () => {
  const { clock, logger, pki } = await setup();
  const dir = await mkdtemp(join(tmpdir(), 'certificate-'));
  const files = { certificateFile: join(dir, 'tls.crt'), keyFile: join(dir, 'tls.key') };
  const start = () => watchCertificateFiles({ ...files, clock, logger });
  await expect(start()).rejects.toThrow(/^(certificate|key) file .*tls\.(crt|key) cannot be read$/);
  const [one, other] = await Promise.all([1, 2].map(() => pki.issueServing({ names: ['localhost'] })));
  await writeFile(files.certificateFile, one?.certificate ?? '');
  await writeFile(files.keyFile, other?.key ?? '');
  await expect(start()).rejects.toThrow(
    `the key in ${files.keyFile} does not belong to the certificate in ${files.certificateFile}`,
  );
  await writeFile(files.keyFile, 'nonsense');
  await expect(start()).rejects.toThrow('is not PEM');
  await rm(dir, { recursive: true });
});
