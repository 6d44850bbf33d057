import { X509Certificate } from 'node:crypto';
import { caKeyHash, silentLogger } from '@quarterdeck/machinery';
import { eventually, fakeClock, testLogger } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { createKeyring } from '../storage/at-rest/keyring.ts';
import { createMemoryDatabase, openMemoryStorage } from '../storage/memory.ts';
import { openLivePki } from './live-pki.ts';
import { advanceRotation, RotationChangedError, readRotation } from './rotation.ts';
import { createIssuedCertificate } from './serving-certificate.ts';

function start() {
  const clock = fakeClock();
  const settings = openMemoryStorage(createMemoryDatabase(), { clock }).settings;
  return { clock, settings };
}

test('RG-9 three steps replace the CA; each is taken over without a restart', async () => {
  const { clock, settings } = start();
  using pki = await openLivePki(settings, { clock, logger: silentLogger });
  const seen: string[][] = [];
  using _listener = pki.onChange(() => {
    seen.push((pki.caBundle.match(/-----BEGIN[\s\S]+?END CERTIFICATE-----/g) ?? []).map((pem) => caKeyHash(pem)));
  });
  const first = pki.caHash;
  let steps = 0;
  const step = async () => {
    steps++;
    await clock.advance(1_000);
    const { phase } = await advanceRotation(await readRotation({ settings }), { settings, clock });
    await clock.advance(5_000);
    await eventually(() => seen.length === steps, { message: 'the change to be taken over' });
    return [phase, pki.caHash === first];
  };
  expect(await step()).toEqual(['Announced', true]);
  expect(await step()).toEqual(['Switched', false]);
  const client = await pki.issueClient({ user: 'm1', groups: [] });
  expect(await step()).toEqual(['Steady', false]);
  const second = pki.caHash;
  expect(seen).toEqual([[first, second], [second, first], [second]]);
  expect(new X509Certificate(client.certificate).checkIssued(new X509Certificate(pki.caBundle))).toBe(true);
  expect((await readRotation({ settings })).authorities.length).toBe(1);
});

test('RG-9 the serving certificate is issued anew when another CA signs', async () => {
  const { clock, settings } = start();
  using pki = await openLivePki(settings, { clock, logger: silentLogger });
  const source = await createIssuedCertificate({
    pki,
    names: ['hub.test'],
    clock,
    logger: silentLogger,
    onCaChange: pki.onChange,
  });
  using _source = source;
  await clock.advance(1_000);
  const first = pki.caHash;
  for (const _step of ['announce', 'switch']) {
    const before = pki.caBundle;
    await advanceRotation(await readRotation({ settings }), { settings, clock });
    await clock.advance(5_000);
    await eventually(() => pki.caBundle !== before, { message: 'the change to be taken over' });
  }
  const parts = () => source.current.certificate.match(/-----BEGIN[\s\S]+?END CERTIFICATE-----/g) ?? [];
  await eventually(() => caKeyHash(parts()[1] ?? '') === pki.caHash, { message: 'a certificate of the new CA' });
  const [leaf = '', ca = ''] = parts();
  expect(pki.caHash).not.toBe(first);
  expect(new X509Certificate(leaf).checkIssued(new X509Certificate(ca))).toBe(true);
});

test('RG-9 CAs that cannot be read leave the last ones in use', async () => {
  const { clock, settings } = start();
  const logger = testLogger();
  using pki = await openLivePki(settings, { clock, logger });
  const before = pki.caBundle;
  await settings.put('pki.authorities', '{"authorities": []}');
  await clock.advance(5_000);
  expect(pki.caBundle).toBe(before);
  expect(logger.messages('warn')).toEqual(['the CA in the database cannot be read; the last one stays in use']);
});

test('RG-9 a database without a CA has nothing to rotate', async () => {
  await expect(readRotation(start())).rejects.toThrow('start the hub first');
});

test('RG-9 of two who judged by the same CAs one takes the step; the other is told, and skips none', async () => {
  const { clock, settings } = start();
  using _pki = await openLivePki(settings, { clock, logger: silentLogger });
  await clock.advance(1_000);
  for (const phase of ['Announced', 'Switched', 'Steady']) {
    const seen = await Promise.all([readRotation({ settings }), readRotation({ settings })]);
    const steps = await Promise.allSettled(seen.map((each) => advanceRotation(each, { settings, clock })));
    expect(steps.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(steps.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: expect.any(RotationChangedError),
    });
    expect((await readRotation({ settings })).phase).toBe(phase);
  }
});

test('RG-9, KA-147 a start that seals what is stored plain does not undo a step that is taken meanwhile', async () => {
  const { clock, settings } = start();
  (await openLivePki(settings, { clock, logger: silentLogger }))[Symbol.dispose]();
  await clock.advance(1_000);
  const keyring = createKeyring({ keys: [{ secret: Buffer.alloc(32, 1) }], source: 'keys' });
  let isTaken = false;
  const slow = {
    ...settings,
    async get(name: string) {
      const found = await settings.get(name);
      if (name === 'pki.authorities' && !isTaken) {
        isTaken = true;
        await advanceRotation(await readRotation({ settings }), { settings, clock });
      }
      return found;
    },
  };
  using _pki = await openLivePki(slow, { clock, logger: silentLogger, keyring });
  expect((await readRotation({ settings, keyring })).phase).toBe('Announced');
});

test('KA-147a processes whose keys are being replaced leave what the other has sealed as it is', async () => {
  const { clock, settings } = start();
  const ring = (...fills: number[]) =>
    createKeyring({ keys: fills.map((fill) => ({ secret: Buffer.alloc(32, fill) })), source: 'keys' });
  let reads = 0;
  const written: string[] = [];
  const counted = {
    ...settings,
    get(name: string) {
      reads++;
      return settings.get(name);
    },
    replace(name: string, seen: string, value: string) {
      written.push(name);
      return settings.replace(name, seen, value);
    },
  };
  using older = await openLivePki(counted, { clock, logger: silentLogger, keyring: ring(1, 2) });
  using newer = await openLivePki(settings, { clock, logger: silentLogger, keyring: ring(2, 1) });
  const before = reads;
  await eventually(async () => {
    await clock.advance(5_000);
    return reads > before + 6;
  });
  expect([written, older.caHash]).toEqual([[], newer.caHash]);
});
