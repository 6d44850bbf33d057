import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createSecretKey,
  type KeyObject,
  randomBytes,
} from 'node:crypto';

/**
 * Seals texts that live in the database, so that a copy of it alone gives none of them away. Envelope: each text has a
 * data key of its own, sealed by a key of the ring; so no key of the ring seals much. AES-256-GCM, twice. KA-147
 *
 *     sealed.v2:2026-11@0a1b2c3d4e5f:<data key>:<text>
 *     `- form -' `-- id of the key --' `- nonce, tag and ciphertext, base64url -'
 *
 * What is before the data key, and what the text is bound to (the object's key, the setting's name), is authenticated with
 * both: sealed text that was changed in any place, or stands for something else, does not open.
 */
export interface Keyring {
  /** Whether there is a key to seal with. */
  readonly canSeal: boolean;
  /** By the first key. @throws Error when there is none */
  seal(binding: string, plain: string): string;
  /**
   * @param what is sealed, for the error: `secrets default/db`
   * @throws SealedTextError
   */
  open(binding: string, sealed: string, what: string): string;
  /** Sealed by the first key, in the present form: no rewrite is needed. */
  isCurrent(sealed: string): boolean;
}

/** A text cannot be opened. One line that names the text and the key, and what to do. */
export class SealedTextError extends Error {
  override readonly name = 'SealedTextError';
  /** `missing-key`: another key may open it. `damaged`: none will. */
  readonly reason: 'missing-key' | 'damaged';

  constructor(reason: 'missing-key' | 'damaged', message: string) {
    super(message);
    this.reason = reason;
  }
}

export interface EncryptionKey {
  /** For people; absent in key files of plain lines. */
  readonly name?: string;
  /** 32 bytes. Zeroed when the ring has taken it. */
  readonly secret: Buffer;
}

export interface KeyringOptions {
  /** The first seals, all open. None: opens nothing. */
  readonly keys: readonly EncryptionKey[];
  /** Where the keys are from, for errors: the path of the file. */
  readonly source: string;
}

export const keyBytes = 32;
const algorithm = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;

const family = 'sealed.v';
const form = `${family}2`;
/** Before objects were sealed: settings only, and the id of the key was not authenticated. */
const firstForm = `${family}1`;

/** Whether a text was sealed, by whatever key. Bodies of objects start with a comma, settings with a brace. */
export function isSealed(text: string): boolean {
  return text.startsWith(family);
}

interface HeldKey {
  readonly id: string;
  readonly name: string | undefined;
  readonly key: KeyObject;
}

/** @param options keys of another length are a caller's bug */
export function createKeyring({ keys, source }: KeyringOptions): Keyring {
  const held = keys.map(hold);
  const byFingerprint = new Map(held.map((each) => [fingerprintIn(each.id), each]));
  const names = new Set(held.map(({ name }) => name));
  const [current] = held;

  const missing = (id: string, what: string): SealedTextError => {
    const [name] = id.includes('@') ? id.split('@') : [];
    const where = held.length === 0 ? 'and no key is given' : `which is not in ${source}`;
    const other = name !== undefined && names.has(name) ? ' (the key of that name there is another one)' : '';
    const message = `${what} is encrypted with key ${id}, ${where}${other}: give the file that holds it with --encryption-keys`;
    return new SealedTextError('missing-key', message);
  };

  return {
    canSeal: current !== undefined,
    seal(binding, plain) {
      if (current === undefined) throw new Error('a keyring without keys seals nothing');
      const header = `${form}:${current.id}`;
      const context = `${header}:${binding}`;
      const dataKey = randomBytes(keyBytes);
      const wrapped = encrypt(current.key, context, dataKey);
      const text = encrypt(dataKey, context, Buffer.from(plain, 'utf8'));
      dataKey.fill(0);
      return `${header}:${wrapped.toString('base64url')}:${text.toString('base64url')}`;
    },
    open(binding, sealed, what) {
      const parts = partsOf(sealed);
      if (parts === undefined) throw damaged(what, 'is not sealed text of a form that this program knows');
      const found = byFingerprint.get(fingerprintIn(parts.id));
      if (found === undefined) throw missing(parts.id, what);
      const context = parts.form === firstForm ? binding : `${parts.form}:${parts.id}:${binding}`;
      try {
        const dataKey = decrypt(found.key, context, parts.wrapped);
        const plain = decrypt(dataKey, context, parts.text).toString('utf8');
        dataKey.fill(0);
        return plain;
      } catch {
        throw damaged(what, `does not open with key ${parts.id}: it was changed since it was encrypted`);
      }
    },
    isCurrent(sealed) {
      if (current === undefined || !sealed.startsWith(`${form}:`)) return false;
      const id = sealed.slice(form.length + 1, sealed.indexOf(':', form.length + 1));
      // A key that was given another name is the same key.
      return fingerprintIn(id) === fingerprintIn(current.id);
    },
  };
}

const damaged = (what: string, why: string): SealedTextError => new SealedTextError('damaged', `${what} ${why}`);

function hold({ name, secret }: EncryptionKey): HeldKey {
  if (secret.byteLength !== keyBytes) throw new RangeError(`an encryption key has ${keyBytes} bytes`);
  const fingerprint = fingerprintOf(secret);
  const key = createSecretKey(secret);
  secret.fill(0);
  return { id: name === undefined ? fingerprint : `${name}@${fingerprint}`, name, key };
}

/** Names a key without giving anything of it away. */
export function fingerprintOf(secret: Buffer): string {
  return createHash('sha256').update('quarterdeck settings key').update(secret).digest('hex').slice(0, 12);
}

const fingerprintIn = (id: string): string => id.slice(id.indexOf('@') + 1);

interface SealedParts {
  readonly form: string;
  readonly id: string;
  readonly wrapped: Buffer;
  readonly text: Buffer;
}

/** The id comes from the database and is shown to people: nothing but an id of ours may stand there. */
const sealedForm = /^(sealed\.v[12]):((?:[A-Za-z0-9][\w.-]*@)?[0-9a-f]{12}):([\w-]+):([\w-]+)$/;

function partsOf(sealed: string): SealedParts | undefined {
  const [, form, id, wrappedText, sealedText] = sealedForm.exec(sealed) ?? [];
  const wrapped = exactBytes(wrappedText);
  const text = exactBytes(sealedText);
  if (form === undefined || id === undefined || wrapped === undefined || text === undefined) return undefined;
  return { form, id, wrapped, text };
}

/** Several texts of base64url may stand for the same bytes; one of them is ours. */
function exactBytes(text: string | undefined): Buffer | undefined {
  if (text === undefined) return undefined;
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text && bytes.byteLength >= nonceBytes + tagBytes ? bytes : undefined;
}

function encrypt(key: KeyObject | Buffer, context: string, plain: Buffer): Buffer {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithm, key, nonce, { authTagLength: tagBytes });
  cipher.setAAD(Buffer.from(context, 'utf8'));
  const text = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), text]);
}

function decrypt(key: KeyObject | Buffer, context: string, sealed: Buffer): Buffer {
  const decipher = createDecipheriv(algorithm, key, sealed.subarray(0, nonceBytes), { authTagLength: tagBytes });
  decipher.setAAD(Buffer.from(context, 'utf8'));
  decipher.setAuthTag(sealed.subarray(nonceBytes, nonceBytes + tagBytes));
  return Buffer.concat([decipher.update(sealed.subarray(nonceBytes + tagBytes)), decipher.final()]);
}
