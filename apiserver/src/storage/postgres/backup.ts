import { createReadStream, createWriteStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import type { Clock } from '@quarterdeck/machinery';
import { noEncryption } from '../at-rest/key-file.ts';
import { isSealed, type Keyring, SealedTextError } from '../at-rest/keyring.ts';
import { openSealedBody } from '../at-rest/sealed-storage.ts';
import {
  type BackupContents,
  BackupError,
  type BackupLine,
  decodeLine,
  encodeEnd,
  encodeHeader,
  encodeObject,
  encodeSetting,
} from './backup-format.ts';
import { migrate, schemaVersion } from './migrate.ts';
import { restoreInto } from './restore.ts';
import { openSession, type Session } from './session.ts';
import { takeSnapshot } from './snapshot.ts';

export interface BackupOptions {
  readonly url: string;
  /** Default `quarterdeck`. */
  readonly schema?: string;
  readonly clock: Clock;
}

export interface RestoreOptions extends BackupOptions {
  /** Opens what the backup holds sealed. Absent: a backup that holds any is refused. */
  readonly keyring?: Keyring;
}

/**
 * Writes objects, settings and the revision, all as of one moment while writes go on, to a compressed file (mode 0600:
 * it holds the fleet's secrets, sealed where they are sealed in the database). The file appears whole or not at all. KA-149
 */
export async function backupPostgres(options: BackupOptions, file: string): Promise<BackupContents> {
  await using session = await connect(options);
  await migrate(session, options.schema ?? 'quarterdeck');
  const partial = `${file}.partial`;
  const contents = { objects: 0, settings: 0 };
  try {
    const target = createWriteStream(partial, { mode: 0o600 });
    await pipeline(Readable.from(backupLines(session, options.clock, contents)), createGzip({ level: 3 }), target);
    await sync(partial);
    await rename(partial, file);
  } catch (cause) {
    await rm(partial, { force: true });
    throw cause;
  }
  return contents;
}

async function* backupLines(session: Session, clock: Clock, contents: { objects: number; settings: number }) {
  const snapshot = await takeSnapshot(session);
  const { epoch, revision } = snapshot;
  yield encodeHeader({ epoch, revision, schemaVersion, at: clock.now() });
  for await (const rows of snapshot.rows) {
    contents.objects += rows.length;
    yield rows.map(encodeObject).join('');
  }
  const settings = await session.query<[string, string]>({ text: 'select name, value from settings order by name' });
  contents.settings = settings.length;
  for (const [name, value] of settings) yield encodeSetting(name, value);
  yield encodeEnd(contents);
}

/** A rename is only worth something once the bytes are on disk. */
async function sync(path: string): Promise<void> {
  await using handle = await open(path, 'r+');
  await handle.sync();
}

/**
 * Puts a backup into an empty database, all or nothing. The database begins another line of history beyond what the
 * backup had seen: every watch and page of before gets 410 and lists again. What is sealed stays so, and must open with the
 * keyring: a hub could not start on it otherwise. KA-149, F-27, KA-147
 * @throws BackupError when the file is no backup, damaged, cut short or of other keys, or the database is not empty
 */
export async function restorePostgres(options: RestoreOptions, file: string): Promise<BackupContents> {
  const { keyring = noEncryption.keyring } = options;
  await using session = await connect(options);
  await migrate(session, options.schema ?? 'quarterdeck');
  try {
    return await restoreInto(session, openable(readLines(file), keyring), options.clock.now());
  } catch (cause) {
    if (cause instanceof BackupError) throw cause;
    if (cause instanceof SealedTextError) throw new BackupError(`${cause.message}; nothing was restored`, { cause });
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === 'ENOENT') throw new BackupError(`there is no file ${file}`, { cause });
    if (typeof code === 'string' && code.startsWith('Z_')) {
      throw new BackupError(`${file} is not a backup, or is damaged or cut short; nothing was restored`, { cause });
    }
    throw cause;
  }
}

async function* readLines(file: string) {
  const unzipped = createReadStream(file).on('error', (cause) => unzip.destroy(cause));
  const unzip = createGunzip();
  unzipped.pipe(unzip);
  const lines = createInterface({ input: unzip, crlfDelay: Number.POSITIVE_INFINITY });
  // readline swallows its input's errors and just ends.
  let failure: unknown;
  unzip.on('error', (cause) => {
    failure = cause;
    lines.close();
  });
  for await (const line of lines) yield decodeLine(line);
  if (failure !== undefined) throw failure;
}

/** The same lines, as long as whatever is sealed opens. @throws SealedTextError */
async function* openable(lines: AsyncIterable<BackupLine>, keyring: Keyring): AsyncIterable<BackupLine> {
  for await (const line of lines) {
    if (line.type === 'object' && isSealed(line.row.body)) openSealedBody(keyring, line.row);
    if (line.type === 'setting' && isSealed(line.value)) keyring.open(line.name, line.value, `setting ${line.name}`);
    yield line;
  }
}

/** A session of a command that runs beside the hub. */
export function connect({ url, schema = 'quarterdeck', clock }: BackupOptions): Promise<Session> {
  return openSession({ url, schema, clock, applicationName: 'quarterdeck command' });
}
