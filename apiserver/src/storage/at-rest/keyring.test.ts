import { createCipheriv, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { createKeyring, fingerprintOf, isSealed, SealedTextError } from './keyring.ts';

const secret = (fill: number) => Buffer.alloc(32, fill);
const ring = (...keys: { name?: string; secret: Buffer }[]) => createKeyring({ keys, source: '/etc/keys.yaml' });
const older = () => ({ name: '2025', secret: secret(1) });
const newer = () => ({ name: '2026', secret: secret(2) });
const refusal = (act: () => unknown): SealedTextError => {
  try {
    act();
  } catch (error) {
    if (error instanceof SealedTextError) return error;
    throw error;
  }
  throw new Error('it opened');
};

test('KA-147 sealed text opens where it belongs, and shows nothing of what it holds', () => {
  const keyring = ring(newer());
  const sealed = keyring.seal('pki', 'top secret');
  expect(isSealed(sealed)).toBe(true);
  expect(sealed).toMatch(/^sealed\.v2:2026@[0-9a-f]{12}:[\w-]{80}:[\w-]+$/);
  for (const part of sealed.split(':'))
    expect(Buffer.from(part, 'base64url').toString('latin1')).not.toContain('secret');
  expect(keyring.open('pki', sealed, 'setting pki')).toBe('top secret');
  expect(keyring.seal('pki', 'top secret')).not.toBe(sealed);
});

test('KA-147 old keys open, the first seals, and a key that was renamed is the same', () => {
  const sealed = ring(older()).seal('x', 'text');
  const rotated = ring(newer(), older());
  expect(rotated.open('x', sealed, 'x')).toBe('text');
  expect([rotated.isCurrent(sealed), rotated.isCurrent(rotated.seal('x', 'text'))]).toEqual([false, true]);
  const renamed = ring({ name: 'old', secret: secret(1) });
  expect([renamed.open('x', sealed, 'x'), renamed.isCurrent(sealed)]).toEqual(['text', true]);
  const unnamed = ring({ secret: secret(1) });
  expect([unnamed.open('x', sealed, 'x'), unnamed.isCurrent(sealed)]).toEqual(['text', true]);
});

test('KA-147 a key that is missing is named, with where it was looked for and what to do', () => {
  const sealed = ring(older()).seal('x', 'text');
  const id = `2025@${fingerprintOf(secret(1))}`;
  const what = 'secrets default/db';
  const advice = 'give the file that holds it with --encryption-keys';
  const missing = refusal(() => ring(newer()).open('x', sealed, what));
  expect([missing.reason, missing.message]).toEqual([
    'missing-key',
    `secrets default/db is encrypted with key ${id}, which is not in /etc/keys.yaml: ${advice}`,
  ]);
  expect(refusal(() => ring({ name: '2025', secret: secret(3) }).open('x', sealed, what)).message).toBe(
    `secrets default/db is encrypted with key ${id}, which is not in /etc/keys.yaml (the key of that name there is another one): ${advice}`,
  );
  expect(refusal(() => ring().open('x', sealed, what)).message).toBe(
    `secrets default/db is encrypted with key ${id}, and no key is given: ${advice}`,
  );
});

test('KA-147 a ring without keys seals nothing', () => {
  const empty = ring();
  expect([empty.canSeal, ring(newer()).canSeal, empty.isCurrent(ring(newer()).seal('x', ''))]).toEqual([
    false,
    true,
    false,
  ]);
  expect(() => empty.seal('x', 'text')).toThrow('a keyring without keys seals nothing');
});

test('KA-147 what the database says instead of a key is not repeated', () => {
  const { reason, message } = refusal(() => ring(newer()).open('x', 'sealed.v2:a\nb:AAAA:AAAA', 'x'));
  expect([reason, message]).toEqual(['damaged', 'x is not sealed text of a form that this program knows']);
});

test('KA-147a settings that were sealed in the first form open, and are to be sealed anew', () => {
  const sealed = sealedAsAtFirst(secret(1), 'pki', 'text');
  const keyring = ring(older());
  expect([isSealed(sealed), keyring.open('pki', sealed, 'setting pki'), keyring.isCurrent(sealed)]).toEqual([
    true,
    'text',
    false,
  ]);
  expect(refusal(() => keyring.open('other', sealed, 'setting other')).message).toBe(
    `setting other does not open with key ${fingerprintOf(secret(1))}: it was changed since it was encrypted`,
  );
});

test('KA-147 SEC-12 a key is zeroed once it was taken', () => {
  const key = secret(1);
  ring({ secret: key });
  expect(key.equals(Buffer.alloc(32))).toBe(true);
  expect(() => ring({ secret: Buffer.alloc(16) })).toThrow('an encryption key has 32 bytes');
});

function sealedAsAtFirst(key: Buffer, name: string, plain: string): string {
  const encrypt = (by: Buffer, text: Buffer): string => {
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', by, nonce).setAAD(Buffer.from(name));
    const bytes = Buffer.concat([cipher.update(text), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), bytes]).toString('base64url');
  };
  const dataKey = randomBytes(32);
  return ['sealed.v1', fingerprintOf(key), encrypt(key, dataKey), encrypt(dataKey, Buffer.from(plain))].join(':');
}
