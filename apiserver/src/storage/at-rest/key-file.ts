import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Decoded, decodeYaml, isJsonObject, type JsonValue } from '@quarterdeck/machinery';
import { createKeyring, type EncryptionKey, fingerprintOf, keyBytes } from './keyring.ts';
import type { AtRest } from './sealed-storage.ts';

/** A key file cannot be used. One line that says what to do, and nothing of what the file holds. SEC-12 */
class KeyFileError extends Error {
  override readonly name = 'KeyFileError';
}

/** What is sealed where the key file does not say. */
const defaultResources: readonly string[] = ['secrets'];

/**
 * Reads a key file: named keys, the first of which seals while all open, and the resources that are sealed.
 *
 *     keys:
 *       - { name: 2026-11, secret: <base64 of 32 bytes> }
 *     resources: [secrets]     # default; none: what is sealed is read still, and plain again when it is written
 *
 * Or bare lines of base64, the newest first, where nobody named the keys. Nobody but its owner may read the file; one that
 * is root's may be read by its group, as where it is mounted from a Secret. KA-147
 * @throws Error (KeyFileError) of one line
 */
export async function readKeyFile(path: string): Promise<AtRest> {
  const text = await readSecret(path);
  const lines = text.split('\n').map((line) => line.trim());
  const content = lines.filter((line) => line !== '' && !line.startsWith('#'));
  const isBare = content.length > 0 && content.every((line) => secretForm.test(line));
  const { keys, resources } = isBare ? bareKeys(content) : readDocument(path, text);
  return { keyring: createKeyring({ keys: distinct(path, keys), source: path }), resources };
}

/** Nothing is encrypted, and what is cannot be read. */
export const noEncryption: AtRest = { keyring: createKeyring({ keys: [], source: 'no file' }), resources: [] };

/**
 * Makes a key file with one new key, mode 0600, whole and on disk when it resolves: what the key seals may be durable the
 * moment after. The caller sees to it that nobody else makes it too.
 * @param keyName for people, such as the day
 */
export async function createKeyFile(path: string, keyName: string): Promise<void> {
  const secret = randomBytes(keyBytes);
  const partial = `${path}.new`;
  const content = `${heading}keys:\n  - name: "${keyName}"\n    secret: ${secret.toString('base64')}\n`;
  secret.fill(0);
  await rm(partial, { force: true });
  {
    await using handle = await open(partial, 'wx', 0o600);
    await handle.writeFile(content);
    await handle.sync();
  }
  await rename(partial, path);
  await using directory = await open(dirname(path), constants.O_RDONLY);
  await directory.sync();
}

const heading = `# Opens the Secrets, the CA and the signing keys in the database of this hub. Without this file they are lost:
# keep a copy of it, apart from the backups of the database. The first key seals, all open.
`;

const secretForm = /^[A-Za-z0-9+/]{43}=$/;
const nameForm = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/;
const resourceForm = /^[a-z0-9][a-z0-9-]*(\.[a-z0-9-]+)*$/;
const shape = `must hold "keys", a list of { name, secret }, where a secret is ${keyBytes} bytes in base64`;
/** Files of keys are small. */
const maxBytes = 1 << 20;

async function readSecret(path: string): Promise<string> {
  let handle: FileHandle;
  try {
    handle = await open(path, constants.O_RDONLY);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : 'unknown';
    throw new KeyFileError(
      `the key file ${path} cannot be read (${code}); a new one: (umask 077; openssl rand -base64 ${keyBytes} > ${path})`,
    );
  }
  await using file = handle;
  const { mode, uid, size } = await file.stat();
  if (size > maxBytes) throw new KeyFileError(`the key file ${path} is larger than ${maxBytes} bytes`);
  const forbidden = uid === 0 ? 0o037 : 0o077;
  if ((mode & forbidden) !== 0) {
    const shown = (mode & 0o777).toString(8).padStart(4, '0');
    throw new KeyFileError(`others may read the key file ${path} (mode ${shown}): chmod 600 ${path}`);
  }
  return await file.readFile('utf8');
}

interface KeyDocument {
  readonly keys: readonly EncryptionKey[];
  readonly resources: readonly string[];
}

const bareKeys = (lines: readonly string[]): KeyDocument => ({
  keys: lines.map((line) => ({ secret: Buffer.from(line, 'base64') })),
  resources: defaultResources,
});

function readDocument(path: string, text: string): KeyDocument {
  const fail = (what: string): KeyFileError => new KeyFileError(`the key file ${path} ${what}`);
  const { value, problems } = decoded(path, text);
  if (!isJsonObject(value) || problems.length > 0) throw fail(shape);
  const { keys, resources = [...defaultResources], ...rest } = value;
  if (!Array.isArray(keys) || keys.length === 0 || Object.keys(rest).length > 0) throw fail(shape);
  if (!isResourceList(resources)) {
    throw fail('has "resources" that are not a list of names such as secrets or widgets.example.com');
  }
  return { keys: keys.map((each, index) => readKey(each, (what) => fail(`has at keys[${index}] ${what}`))), resources };
}

/** What a decoder says of a text may quote it. */
function decoded(path: string, text: string): Decoded {
  try {
    return decodeYaml(text, { maxBytes });
  } catch {
    throw new KeyFileError(`the key file ${path} is not YAML: it ${shape}`);
  }
}

const isResourceList = (value: JsonValue): value is string[] =>
  Array.isArray(value) && value.every((each) => typeof each === 'string' && resourceForm.test(each));

function readKey(value: JsonValue, fail: (what: string) => KeyFileError): EncryptionKey {
  if (!isJsonObject(value)) throw fail('no object with a name and a secret');
  const { name, secret, ...rest } = value;
  if (typeof name !== 'string' || !nameForm.test(name)) {
    throw fail('no name that is text of letters, digits, ".", "_" and "-" (quote numbers)');
  }
  if (typeof secret !== 'string' || !secretForm.test(secret)) throw fail(`no secret of ${keyBytes} bytes in base64`);
  if (Object.keys(rest).length > 0) throw fail('more than a name and a secret');
  return { name, secret: Buffer.from(secret, 'base64') };
}

/** Two keys of one name could not be told apart; one key under two names is a mistake. */
function distinct(path: string, keys: readonly EncryptionKey[]): readonly EncryptionKey[] {
  const names = keys.flatMap(({ name }) => (name === undefined ? [] : [name]));
  const fingerprints = keys.map(({ secret }) => fingerprintOf(secret));
  if (new Set(names).size < names.length || new Set(fingerprints).size < keys.length) {
    throw new KeyFileError(`the key file ${path} holds a name or a key twice`);
  }
  return keys;
}
