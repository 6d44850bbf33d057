import type { SettingsStore } from '../storage.ts';
import { type BackupOptions, connect } from './backup.ts';
import { migrate } from './migrate.ts';
import { tablesIn } from './schema.ts';
import { createSettings } from './settings.ts';

/** The settings of a database alone, for a command beside a hub that runs: it writes no objects and follows nothing. */
export async function openPostgresSettings(options: BackupOptions): Promise<SettingsStore & AsyncDisposable> {
  const session = await connect(options);
  try {
    const schema = options.schema ?? 'quarterdeck';
    await migrate(session, schema);
    const settings = createSettings(tablesIn(schema), (_what, run) => run(session));
    return { ...settings, [Symbol.asyncDispose]: () => session[Symbol.asyncDispose]() };
  } catch (cause) {
    await session[Symbol.asyncDispose]();
    throw cause;
  }
}
