import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSettingsCipher, isSealed, settingsCipher } from './settings-cipher.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cipher-'));
});
afterEach(() => rm(dir, { recursive: true }));

const [older, newer] = [randomBytes(32), randomBytes(32)];

test('KA-147 sealed text opens under its name, and shows nothing of what it holds', () => {
  const cipher = settingsCipher([older]);
  const sealed = cipher.seal('pki', 'top secret');
  expect(isSealed(sealed)).toBe(true);
  expect(sealed).not.toContain('secret');
  expect(Buffer.from(sealed.split(':').at(-1) ?? '', 'base64url').toString('latin1')).not.toContain('secret');
  expect(cipher.open('pki', sealed)).toBe('top secret');
  expect(cipher.seal('pki', 'top secret')).not.toBe(sealed);
});

test('KA-147 sealed text that was changed, or moved to another name, does not open', () => {
  const cipher = settingsCipher([older]);
  const sealed = cipher.seal('pki', 'top secret');
  expect(() => cipher.open('other', sealed)).toThrow('setting other was changed since it was sealed');
  const parts = sealed.split(':');
  for (const index of [2, 3]) {
    const bytes = Buffer.from(parts[index] ?? '', 'base64url');
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    const changed = parts.with(index, bytes.toString('base64url')).join(':');
    expect(() => cipher.open('pki', changed)).toThrow('setting pki was changed since it was sealed');
  }
});

test('KA-147 old keys open, the first seals', () => {
  const sealed = settingsCipher([older]).seal('pki', 'x');
  const rotated = settingsCipher([newer, older]);
  expect(rotated.open('pki', sealed)).toBe('x');
  expect(rotated.isCurrent(sealed)).toBe(false);
  expect(rotated.isCurrent(rotated.seal('pki', 'x'))).toBe(true);
  expect(() => settingsCipher([newer]).open('pki', sealed)).toThrow(
    /is sealed by key [0-9a-f]{12}, which the key file does not hold/,
  );
});

test('KA-147 a key file holds base64 keys, one per line, with comments', async () => {
  const file = join(dir, 'keys');
  await writeFile(file, `# newest first\n${newer.toString('base64')}\n\n${older.toString('base64')}\n`);
  const cipher = await createSettingsCipher(file);
  expect(cipher.open('pki', settingsCipher([older]).seal('pki', 'x'))).toBe('x');
  expect(settingsCipher([newer]).open('pki', cipher.seal('pki', 'y'))).toBe('y');
});

test('KA-147 a key file that is missing, empty or of short keys is refused in words that help', async () => {
  const file = join(dir, 'keys');
  await expect(createSettingsCipher(file)).rejects.toThrow(`openssl rand -base64 32 > ${file}`);
  for (const text of ['', '# nothing\n', 'c2hvcnQ=\n']) {
    await writeFile(file, text);
    await expect(createSettingsCipher(file)).rejects.toThrow('must hold base64 keys of 32 bytes, one per line');
  }
});
