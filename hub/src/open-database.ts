import {
  createMemoryDatabase,
  type EmbeddedPostgres,
  openMemoryStorage,
  openPostgresStorage,
  type Storage,
  startEmbeddedPostgres,
} from '@quarterdeck/apiserver';
import { type Clock, type Logger, makeDirectory } from '@quarterdeck/machinery';
import { embeddedDir } from './database.ts';

/** Where the hub's objects are kept. */
export type DatabaseOptions =
  /** PostgreSQL from npm, a child of the hub, with its data in `dir`. */
  | { readonly type: 'embedded'; readonly dir: string }
  | { readonly type: 'postgres'; readonly url: string }
  /** Gone with the process; for tests. */
  | { readonly type: 'memory' };

export interface OpenDatabase {
  readonly storage: Storage;
  /** The server that was started for it, if one was. */
  readonly embedded: EmbeddedPostgres | undefined;
}

/** @throws Error of one line where the data directory is of no use */
export async function openDatabase(
  database: DatabaseOptions,
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
  cleanup: AsyncDisposableStack,
): Promise<OpenDatabase> {
  switch (database.type) {
    case 'memory':
      return { storage: cleanup.use(openMemoryStorage(createMemoryDatabase(), { clock })), embedded: undefined };
    case 'postgres':
      return { storage: cleanup.use(openPostgresStorage({ url: database.url, clock, logger })), embedded: undefined };
    case 'embedded': {
      try {
        makeDirectory(database.dir, 0o700);
      } catch (cause) {
        const why = `cannot be made (${(cause as NodeJS.ErrnoException).code})`;
        throw new Error(`the data directory ${database.dir} ${why}: choose another with --data-dir`);
      }
      const embedded = cleanup.use(await startEmbeddedPostgres({ dataDir: embeddedDir(database.dir), clock, logger }));
      return { storage: cleanup.use(openPostgresStorage({ url: embedded.url, clock, logger })), embedded };
    }
  }
}
