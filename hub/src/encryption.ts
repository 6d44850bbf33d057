import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { formatTime } from '@quarterdeck/apis';
import {
  type AtRest,
  createKeyFile,
  isPkiSealed,
  noEncryption,
  type Registry,
  readKeyFile,
  type SettingsStore,
} from '@quarterdeck/apiserver';
import type { Clock, Logger } from '@quarterdeck/machinery';

/** Where a hub with this data directory keeps its keys, unless it was told another place. */
const keyFileIn = (dataDir: string): string => join(dataDir, 'encryption-keys.yaml');

export interface EncryptionOptions {
  /** The key file, where one is named. */
  readonly encryptionKeyFile?: string | undefined;
  /** Of a hub with the embedded database. */
  readonly dataDir?: string | undefined;
}

/** The keys of a hub as it left them, for a command beside it; none where there is no file. @throws Error of one line */
export async function readEncryption({ encryptionKeyFile, dataDir }: EncryptionOptions): Promise<AtRest> {
  if (encryptionKeyFile !== undefined) return await readKeyFile(encryptionKeyFile);
  if (dataDir === undefined || !(await exists(keyFileIn(dataDir)))) return noEncryption;
  return await readKeyFile(keyFileIn(dataDir));
}

/**
 * The keys that a hub starts with. A hub that owns its database makes a key at its first start; with another database the
 * operator has to, for several processes need the same one. KA-147
 * @throws Error of one line; also where a database was encrypted by keys that are not there
 */
export async function openEncryption(
  options: EncryptionOptions,
  { settings, clock, logger }: { readonly settings: SettingsStore; readonly clock: Clock; readonly logger: Logger },
): Promise<AtRest> {
  const { encryptionKeyFile, dataDir } = options;
  if (encryptionKeyFile === undefined && dataDir !== undefined && !(await exists(keyFileIn(dataDir)))) {
    const file = keyFileIn(dataDir);
    if (await isPkiSealed(settings)) {
      throw new Error(
        `this database was encrypted, and its key file ${file} is not there: put it back, or name it with --encryption-keys`,
      );
    }
    await createKeyFile(file, formatTime(clock.now()).slice(0, 10));
    logger.info({ file }, 'a key file was made that encrypts Secrets at rest: keep a copy of it, apart from backups');
  }
  return await readEncryption(options);
}

/** Secrets that are not encrypted, and names that are misspelled and encrypt nothing. Called once the kinds are known. */
export function warnOfGaps(
  { resources }: AtRest,
  { registry, logger }: { readonly registry: Pick<Registry, 'byStorageName'>; readonly logger: Logger },
): void {
  if (!resources.includes('secrets')) {
    logger.warn('Secrets are stored unencrypted: name a key file that encrypts them with --encryption-keys');
  }
  for (const resource of resources) {
    if (registry.byStorageName(resource) !== undefined) continue;
    logger.warn({ resource }, 'the key file names a resource that is not served, so that nothing of it is encrypted');
  }
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
