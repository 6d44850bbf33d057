import { eq } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { type SettingsStore, StorageUnavailableError } from '../storage.ts';
import { describe } from './errors.ts';
import type { Tables } from './schema.ts';
import type { Session } from './session.ts';

/** Builds statements; they run on a session, which knows about deadlines and lost connections. */
const builder = drizzle.mock();

/** @param session the connection to use, ready to be used */
export function createSettings(tables: Tables, session: () => Promise<Session>): SettingsStore {
  const { settings } = tables;

  const run = async <Row extends readonly unknown[]>(query: { toSQL(): { sql: string; params: unknown[] } }) => {
    const { sql, params } = query.toSQL();
    const open = await session();
    try {
      return await open.query<Row>({ text: sql, values: params });
    } catch (cause) {
      throw new StorageUnavailableError(`settings cannot be reached: ${describe(cause)}`, { cause });
    }
  };

  const get = async (name: string): Promise<string | undefined> => {
    const rows = await run<[string]>(
      builder.select({ value: settings.value }).from(settings).where(eq(settings.name, name)),
    );
    return rows[0]?.[0];
  };

  return {
    get,
    async createOnce(name, value) {
      // Two statements: the second sees what another process committed while the first one waited for it.
      await run(builder.insert(settings).values({ name, value }).onConflictDoNothing());
      return (await get(name)) ?? value;
    },
    async put(name, value) {
      await run(
        builder.insert(settings).values({ name, value }).onConflictDoUpdate({ target: settings.name, set: { value } }),
      );
    },
  };
}
