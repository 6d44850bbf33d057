import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createKeyFile, noEncryption, readKeyFile } from './key-file.ts';

let dir: string;
let file: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'qd-keys-'));
  file = join(dir, 'keys.yaml');
});
afterEach(() => rm(dir, { recursive: true }));

const secret = (fill: number) => Buffer.alloc(32, fill).toString('base64');
const write = async (text: string, mode = 0o600) => {
  await writeFile(file, text, { mode });
  await chmod(file, mode);
};
const problem = async (): Promise<string> => {
  const error: unknown = await readKeyFile(file).catch((cause: unknown) => cause);
  if (!(error instanceof Error)) throw new Error('it was accepted');
  expect(error.name).toBe('KeyFileError');
  expect(error.cause).toBeUndefined();
  return error.message;
};

test('KA-147b the first key seals, all open, and the resources are those that the file names', async () => {
  await write(`keys: [{ name: old, secret: ${secret(1)} }]`);
  const before = await readKeyFile(file);
  const sealed = before.keyring.seal('x', 'text');
  await write(`
# newest first
keys:
  - { name: new, secret: ${secret(2)} }
  - { name: old, secret: ${secret(1)} }
resources: [secrets, widgets.example.com]
`);
  const after = await readKeyFile(file);
  expect([before.resources, after.resources]).toEqual([['secrets'], ['secrets', 'widgets.example.com']]);
  expect(after.keyring.open('x', sealed, 'x')).toBe('text');
  expect(after.keyring.seal('x', 'text')).toMatch(/^sealed\.v2:new@/);
});

test('KA-147 a file of bare lines holds keys without names, the newest first', async () => {
  await write(`# newest first\n${secret(2)}\n\n${secret(1)}\n`);
  const { keyring, resources } = await readKeyFile(file);
  await write(`keys: [{ name: one, secret: ${secret(1)} }]`);
  const sealed = (await readKeyFile(file)).keyring.seal('x', 'text');
  expect([keyring.open('x', sealed, 'x'), resources]).toEqual(['text', ['secrets']]);
  expect(keyring.seal('x', '')).toMatch(/^sealed\.v2:[0-9a-f]{12}:/);
});

test('KA-147 no resources: what is sealed opens, and nothing more is sealed', async () => {
  await write(`keys: [{ name: one, secret: ${secret(1)} }]\nresources: []`);
  expect((await readKeyFile(file)).resources).toEqual([]);
});

test.each([
  { name: 'empty', text: '', says: /^the key file \S+ must hold "keys", a list of \{ name, secret \}/ },
  { name: 'no YAML', text: 'keys: [', says: /is not YAML: it must hold "keys"/ },
  { name: 'of a short bare key', text: 'c2hvcnQ=\n', says: /must hold "keys"/ },
  { name: 'without keys', text: 'keys: []', says: /must hold "keys"/ },
  { name: 'with another field', text: `keys: [{ name: a, secret: ${secret(1)} }]\nkind: X`, says: /must hold "keys"/ },
  {
    name: 'with a number for a name',
    text: `keys: [{ name: 2026, secret: ${secret(1)} }]`,
    says: /has at keys\[0\] no name that is text .*\(quote numbers\)$/,
  },
  { name: 'with a name that ids cannot hold', text: `keys: [{ name: "a:b", secret: ${secret(1)} }]`, says: /no name/ },
  {
    name: 'with a short secret',
    text: `keys: [{ name: a, secret: ${secret(1)} }, { name: b, secret: c2hvcnQ= }]`,
    says: /has at keys\[1\] no secret of 32 bytes in base64$/,
  },
  {
    name: 'with more in a key',
    text: `keys: [{ name: a, secret: ${secret(1)}, kms: x }]`,
    says: /more than a name and/,
  },
  {
    name: 'with a name twice',
    text: `keys: [{ name: a, secret: ${secret(1)} }, { name: a, secret: ${secret(2)} }]`,
    says: /holds a name or a key twice$/,
  },
  {
    name: 'with a key twice',
    text: `keys: [{ name: a, secret: ${secret(1)} }, { name: b, secret: ${secret(1)} }]`,
    says: /holds a name or a key twice$/,
  },
  {
    name: 'with a wildcard',
    text: `keys: [{ name: a, secret: ${secret(1)} }]\nresources: ["*.*"]`,
    says: /has "resources" that are not a list of names such as secrets or widgets\.example\.com$/,
  },
])('KA-147b SEC-12 a key file $name is refused, and nothing of it is told', async ({ text, says }) => {
  await write(text);
  const said = await problem();
  expect(said).toMatch(says);
  expect(said.split('\n')).toHaveLength(1);
  for (const held of [secret(1), secret(2), 'c2hvcnQ=']) expect(said).not.toContain(held);
});

test('KA-147b a key file that is not there is told with how to make one', async () => {
  expect(await problem()).toBe(
    `the key file ${file} cannot be read (ENOENT); a new one: (umask 077; openssl rand -base64 32 > ${file})`,
  );
});

test('KA-147b a key file that others may read is refused', async () => {
  const text = `keys: [{ name: a, secret: ${secret(1)} }]`;
  for (const mode of [0o644, 0o604, 0o660]) {
    await write(text, mode);
    expect(await problem()).toBe(`others may read the key file ${file} (mode 0${mode.toString(8)}): chmod 600 ${file}`);
  }
  await write(text, 0o400);
  expect((await readKeyFile(file)).keyring.canSeal).toBe(true);
});

test('KA-147b a key file that was made holds one new key, and only its owner reads it', async () => {
  await createKeyFile(file, '2026-11-22');
  const { keyring, resources } = await readKeyFile(file);
  expect([resources, keyring.seal('x', '').split('@')[0]]).toEqual([['secrets'], 'sealed.v2:2026-11-22']);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await readdir(dir)).toEqual(['keys.yaml']);
  const first = await readFile(file, 'utf8');
  await rm(file);
  await createKeyFile(file, '2026-11-22');
  expect(await readFile(file, 'utf8')).not.toBe(first);
});

test('KA-147b without a file nothing is sealed, and nothing that is sealed opens', () => {
  expect([noEncryption.keyring.canSeal, noEncryption.resources]).toEqual([false, []]);
});
