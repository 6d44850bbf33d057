import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';

/**
 * Seals secrets that live in the database (CA, signing keys), so that a copy of the database alone gives none away.
 * Sealed text names the key that opens it; several keys may open, the first seals. KA-147
 */
export interface SettingsCipher {
  /** @param name of the setting: sealed text moved to another name does not open */
  seal(name: string, plain: string): string;
  /** @throws Error when no key opens it, or it was changed */
  open(name: string, sealed: string): string;
  /** Sealed by the first key: no rewrite is needed. */
  isCurrent(sealed: string): boolean;
}

const mark = 'sealed.v1';
const algorithm = 'aes-256-gcm';
const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;

/** Whether a stored setting was sealed, by whatever key. */
export function isSealed(value: string): boolean {
  return value.startsWith(`${mark}:`);
}

/**
 * Reads a key file: one base64 key of 32 bytes per line, the newest first; blank lines and lines with `#` are skipped.
 * @throws Error that says what to do
 */
export async function createSettingsCipher(keyFile: string): Promise<SettingsCipher> {
  let text: string;
  try {
    text = await readFile(keyFile, 'utf8');
  } catch (error) {
    const hint = `make one with: openssl rand -base64 ${keyBytes} > ${keyFile}`;
    throw new Error(`encryption key file ${keyFile} cannot be read; ${hint}`, { cause: error });
  }
  const lines = text.split('\n').map((line) => line.trim());
  const keys = lines.filter((line) => line !== '' && !line.startsWith('#')).map((line) => Buffer.from(line, 'base64'));
  if (keys.length === 0 || keys.some((key) => key.length !== keyBytes)) {
    throw new Error(`encryption key file ${keyFile} must hold base64 keys of ${keyBytes} bytes, one per line`);
  }
  return settingsCipher(keys);
}

/** Envelope: each value has a data key of its own, sealed by the master key; so no master key seals much. */
export function settingsCipher(keys: readonly Buffer[]): SettingsCipher {
  const byId = new Map(keys.map((key) => [keyId(key), key]));
  const [current] = keys;
  if (current === undefined) throw new Error('a settings cipher needs a key');
  const currentId = keyId(current);
  return {
    seal(name, plain) {
      const dataKey = randomBytes(keyBytes);
      const parts = [encrypt(current, name, dataKey), encrypt(dataKey, name, Buffer.from(plain, 'utf8'))];
      return [mark, currentId, ...parts.map((part) => part.toString('base64url'))].join(':');
    },
    open(name, sealed) {
      const [seenMark, id = '', wrapped = '', body = '', ...rest] = sealed.split(':');
      const key = byId.get(id);
      if (seenMark !== mark || rest.length > 0) throw new Error(`setting ${name} is not sealed text`);
      if (key === undefined)
        throw new Error(`setting ${name} is sealed by key ${id}, which the key file does not hold`);
      try {
        const dataKey = decrypt(key, name, Buffer.from(wrapped, 'base64url'));
        return decrypt(dataKey, name, Buffer.from(body, 'base64url')).toString('utf8');
      } catch (error) {
        throw new Error(`setting ${name} was changed since it was sealed`, { cause: error });
      }
    },
    isCurrent: (sealed) => sealed.startsWith(`${mark}:${currentId}:`),
  };
}

/** Names a key without giving anything of it away. */
function keyId(key: Buffer): string {
  return createHash('sha256').update('quarterdeck settings key').update(key).digest('hex').slice(0, 12);
}

function encrypt(key: Buffer, name: string, plain: Buffer): Buffer {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithm, key, nonce, { authTagLength: tagBytes });
  cipher.setAAD(Buffer.from(name, 'utf8'));
  const text = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), text]);
}

function decrypt(key: Buffer, name: string, sealed: Buffer): Buffer {
  const decipher = createDecipheriv(algorithm, key, sealed.subarray(0, nonceBytes), { authTagLength: tagBytes });
  decipher.setAAD(Buffer.from(name, 'utf8'));
  decipher.setAuthTag(sealed.subarray(nonceBytes, nonceBytes + tagBytes));
  return Buffer.concat([decipher.update(sealed.subarray(nonceBytes + tagBytes)), decipher.final()]);
}
