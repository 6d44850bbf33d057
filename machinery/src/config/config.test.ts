import { expect, test } from 'vitest';
import { ConfigError, type ConfigOption, type ConfigSchema, loadConfig } from './config.ts';

interface Settings {
  publicUrl: string;
  listen: number;
  token?: string;
  names: string[];
  database?: string;
  printConfig: boolean;
}

/** A schema by hand, in the shape of zod's. */
const schema: ConfigSchema<Settings> = {
  safeParse(input) {
    const raw = input as Record<string, unknown>;
    const issues: { path: string[]; message: string }[] = [];
    if (raw.publicUrl === undefined) issues.push({ path: ['publicUrl'], message: 'required' });
    const listen = Number(raw.listen ?? 6443);
    if (!Number.isInteger(listen)) issues.push({ path: ['listen'], message: 'must be a port' });
    const names = (raw.names ?? []) as string[];
    names.forEach((name, index) => {
      if (name === 'bad') issues.push({ path: ['names', String(index)], message: 'must not be bad' });
    });
    if (raw.database === 'x') issues.push({ path: [], message: 'database and listen do not fit' });
    if (raw.printConfig === 'x') issues.push({ path: ['printConfig'], message: 'takes no value' });
    if (issues.length > 0) return { success: false, error: { issues } };
    const { token, database } = raw as { token?: string; database?: string };
    const data: Settings = { publicUrl: String(raw.publicUrl), listen, names, printConfig: raw.printConfig === true };
    if (token !== undefined) data.token = token;
    if (database !== undefined) data.database = database;
    return { success: true, data };
  },
};
const options: Record<keyof Settings, ConfigOption> = {
  publicUrl: {},
  listen: { env: 'PORT' },
  token: { secret: true },
  names: { list: true, flag: 'name' },
  database: {},
  printConfig: { flagOnly: true },
};
const load = (flags: Record<string, unknown>, env: Record<string, string> = {}) =>
  loadConfig({ schema, options, flags, env });

test('flags win over the environment, that over defaults', () => {
  const { values, sources } = load(
    { publicUrl: 'https://flag', names: ['a'] },
    { QUARTERDECK_PUBLIC_URL: 'https://env', PORT: '1', QUARTERDECK_TOKEN: '', QUARTERDECK_PRINT_CONFIG: 'x' },
  );
  expect(values).toEqual({ publicUrl: 'https://flag', listen: 1, names: ['a'], printConfig: false });
  expect(sources).toEqual({
    publicUrl: 'flag',
    listen: 'environment',
    token: 'default',
    names: 'flag',
    database: 'default',
    printConfig: 'default',
  });
  expect(Object.isFrozen(values)).toBe(true);
});

test('lists in the environment are split at commas', () => {
  const { values } = load({}, { QUARTERDECK_PUBLIC_URL: 'u', QUARTERDECK_NAMES: 'a, b,,c ' });
  expect(values.names).toEqual(['a', 'b', 'c']);
});

test('another prefix', () => {
  const { values } = loadConfig({ schema, options, flags: {}, env: { AGENT_PUBLIC_URL: 'u' }, envPrefix: 'AGENT' });
  expect(values.publicUrl).toBe('u');
});

test('all problems are told at once, each with where it comes from', () => {
  try {
    load({ names: ['a', 'bad'], database: 'x', printConfig: 'x' }, { PORT: 'many' });
    expect.unreachable();
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as ConfigError).problems).toEqual([
      '--public-url (or QUARTERDECK_PUBLIC_URL): required',
      'PORT (flag --listen): must be a port',
      '--name (1): must not be bad',
      'database and listen do not fit',
      '--print-config: takes no value',
    ]);
    expect((error as ConfigError).message.split('\n')).toHaveLength(5);
  }
});

test('SEC-12 the printed configuration shows no secret', () => {
  const { print } = load(
    { publicUrl: 'https://hub', token: 'secret', database: 'postgres://me:pa55@db/x' },
    { PORT: '1' },
  );
  expect(print()).toBe(`public-url: "https://hub" (flag)
listen: 1 (environment)
token: [redacted] (flag)
name: [] (default)
database: "postgres://me:[redacted]@db/x" (flag)
print-config: false (default)
`);
});
