import type { SettingsStore } from '../storage.ts';
import type { Session } from './session.ts';

/** Runs a statement that may run twice. @throws StorageUnavailableError */
export type OnSession = <T>(what: string, run: (session: Session) => Promise<T>) => Promise<T>;

const insert = 'insert into settings (name, value) values ($1, $2) on conflict';

/**
 * Written by hand as all statements are. Drizzle, which only a test needs so, was two hundred milliseconds of every start:
 * Node reads its package.json, 180 kB, anew for each of its hundred modules. BM-12
 */
export function createSettings(onSession: OnSession): SettingsStore {
  const run = <Row extends readonly unknown[]>(text: string, ...values: string[]) =>
    onSession('reaching the settings', (session) => session.query<Row>({ text, values }));

  const get = async (name: string): Promise<string | undefined> => {
    const rows = await run<[string]>('select value from settings where name = $1', name);
    return rows[0]?.[0];
  };

  return {
    get,
    async createOnce(name, value) {
      // Two statements: the second sees what another process committed while the first one waited for it.
      await run(`${insert} do nothing`, name, value);
      return (await get(name)) ?? value;
    },
    async put(name, value) {
      await run(`${insert} (name) do update set value = excluded.value`, name, value);
    },
  };
}
