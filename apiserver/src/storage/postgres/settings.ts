import type { SettingsStore } from '../storage.ts';
import { and, drizzle, eq } from './drizzle.cjs';
import type { Tables } from './schema.ts';
import type { Session } from './session.ts';

/** Builds statements; they run on a session, which knows about deadlines and lost connections. */
const builder = drizzle.mock();

/** Runs a statement that may run twice. @throws StorageUnavailableError */
export type OnSession = <T>(what: string, run: (session: Session) => Promise<T>) => Promise<T>;

export function createSettings(tables: Tables, onSession: OnSession): SettingsStore {
  const { settings } = tables;

  const run = async <Row extends readonly unknown[]>(query: { toSQL(): { sql: string; params: unknown[] } }) => {
    const { sql, params } = query.toSQL();
    return onSession('reaching the settings', (session) => session.query<Row>({ text: sql, values: params }));
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
    async replace(name, seen, value) {
      const isSeen = and(eq(settings.name, name), eq(settings.value, seen));
      const rows = await run<[string]>(
        builder.update(settings).set({ value }).where(isSeen).returning({ name: settings.name }),
      );
      return rows.length > 0;
    },
  };
}
