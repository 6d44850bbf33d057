import { join } from 'node:path';
import {
  type BackupContents,
  backupPostgres,
  hasEmbeddedPostgres,
  removeEmbeddedPostgres,
  restorePostgres,
  runningEmbeddedUrl,
  startEmbeddedPostgres,
} from '@quarterdeck/apiserver';
import { silentLogger, systemClock } from '@quarterdeck/machinery';
import { readEncryption } from './encryption.ts';

/** Where a hub with this data directory keeps its embedded database. */
export const embeddedDir = (dataDir: string): string => join(dataDir, 'postgres');

const common = { clock: systemClock, logger: silentLogger };

/**
 * Writes everything in the embedded database to a file of mode 0600, whether or not the hub runs meanwhile. What is encrypted
 * there stays so: the key file is no part of it. KA-149, KA-147
 * @throws where there is no such database; nothing is made then
 */
export async function backupHub(dataDir: string, file: string): Promise<BackupContents> {
  const running = runningEmbeddedUrl(embeddedDir(dataDir));
  if (running !== undefined) return await backupPostgres({ url: running, clock: systemClock }, file);
  // Or a backup of nothing would be written, which somebody would count on.
  if (!hasEmbeddedPostgres(embeddedDir(dataDir))) {
    throw new Error(`no hub has kept its data in ${dataDir} so far: name the directory of the hub by --data-dir`);
  }
  await using database = await startEmbeddedPostgres({ dataDir: embeddedDir(dataDir), ...common });
  return await backupPostgres({ url: database.url, clock: systemClock }, file);
}

/**
 * Fills the empty embedded database of a new hub from a backup. Clients of the old line of history list again. KA-149
 * @param encryptionKeyFile default: the one in the data directory
 * @throws before anything is restored where the backup is encrypted by keys that are not in that file
 */
export async function restoreHub(dataDir: string, file: string, encryptionKeyFile?: string): Promise<BackupContents> {
  const { keyring } = await readEncryption({ dataDir, encryptionKeyFile });
  await using database = await startEmbeddedPostgres({ dataDir: embeddedDir(dataDir), ...common });
  return await restorePostgres({ url: database.url, clock: systemClock, keyring }, file);
}

/** Removes the embedded database of a hub for good, wherever it lies. @throws while a hub uses it */
export async function removeEmbeddedDatabase(dataDir: string): Promise<void> {
  await removeEmbeddedPostgres(embeddedDir(dataDir), common);
}
