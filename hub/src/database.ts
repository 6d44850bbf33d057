import { join } from 'node:path';
import {
  type BackupContents,
  backupPostgres,
  removeEmbeddedPostgres,
  restorePostgres,
  runningEmbeddedUrl,
  startEmbeddedPostgres,
} from '@quarterdeck/apiserver';
import { silentLogger, systemClock } from '@quarterdeck/machinery';

/** Where a hub with this data directory keeps its embedded database. */
export const embeddedDir = (dataDir: string): string => join(dataDir, 'postgres');

const common = { clock: systemClock, logger: silentLogger };

/** Writes everything in the embedded database to a file of mode 0600, whether or not the hub runs meanwhile. KA-149 */
export async function backupHub(dataDir: string, file: string): Promise<BackupContents> {
  const running = runningEmbeddedUrl(embeddedDir(dataDir));
  if (running !== undefined) return await backupPostgres({ url: running, clock: systemClock }, file);
  await using database = await startEmbeddedPostgres({ dataDir: embeddedDir(dataDir), ...common });
  return await backupPostgres({ url: database.url, clock: systemClock }, file);
}

/** Fills the empty embedded database of a new hub from a backup. Clients of the old line of history list again. KA-149 */
export async function restoreHub(dataDir: string, file: string): Promise<BackupContents> {
  await using database = await startEmbeddedPostgres({ dataDir: embeddedDir(dataDir), ...common });
  return await restorePostgres({ url: database.url, clock: systemClock }, file);
}

/** Removes the embedded database of a hub for good, wherever it lies. @throws while a hub uses it */
export async function removeEmbeddedDatabase(dataDir: string): Promise<void> {
  await removeEmbeddedPostgres(embeddedDir(dataDir), common);
}
