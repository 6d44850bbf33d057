/** How one field of a configuration is given. */
export interface ConfigOption {
  /** Environment variable. Absent: `PREFIX_` and the field's name in upper case, `publicUrl` -> `PREFIX_PUBLIC_URL`. */
  env?: string;
  /** Flag, without dashes. Absent: the field's name with dashes, `publicUrl` -> `public-url`. */
  flag?: string;
  /** Never printed. SEC-12 */
  secret?: boolean;
  /** A list: the flag may be repeated, the variable holds commas. */
  list?: boolean;
  /** Given by flag only, for what makes no sense in an environment. */
  flagOnly?: boolean;
}

/** What a zod schema (or another validator) offers; machinery itself does not depend on zod. */
export interface ConfigSchema<T> {
  safeParse(
    input: unknown,
  ):
    | { success: true; data: T }
    | { success: false; error: { issues: readonly { path: readonly PropertyKey[]; message: string }[] } };
}

export interface ConfigInput<T> {
  /** Validates, converts from text (`z.coerce`), and holds the defaults. */
  schema: ConfigSchema<T>;
  /** One entry for each field of the schema. */
  options: Readonly<Record<keyof T & string, ConfigOption>>;
  /** By field; undefined: not given. As a flag parser returns them. */
  flags: Readonly<Record<string, unknown>>;
  env: Readonly<Record<string, string | undefined>>;
  /** Default `QUARTERDECK`. */
  envPrefix?: string;
}

export type ConfigSourceName = 'flag' | 'environment' | 'default';

export interface LoadedConfig<T> {
  /** Frozen. */
  readonly values: Readonly<T>;
  /** Where each value came from. */
  readonly sources: Readonly<Record<string, ConfigSourceName>>;
  /** One line per field, `name: value (source)`, secrets redacted: for `--print-config`. */
  print(): string;
}

/** All that is wrong with a configuration, one readable line each. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

/**
 * Brings flags, environment and defaults (in this order of precedence) together and validates them once. An empty
 * environment variable counts as not set.
 * @throws ConfigError naming every problem at once, with the flag and the variable that set the value
 */
export function loadConfig<T extends object>(input: ConfigInput<T>): LoadedConfig<T> {
  const fields = Object.keys(input.options) as (keyof T & string)[];
  const raw: Record<string, unknown> = {};
  const sources: Record<string, ConfigSourceName> = {};
  for (const field of fields) {
    const given = readField(field, input);
    sources[field] = given.source;
    if (given.value !== undefined) raw[field] = given.value;
  }
  const parsed = input.schema.safeParse(raw);
  if (!parsed.success) {
    throw new ConfigError(parsed.error.issues.map((issue) => describe(issue, sources, input)));
  }
  const values = Object.freeze({ ...parsed.data });
  return { values, sources: Object.freeze(sources), print: () => print(values, sources, input) };
}

function readField<T>(field: keyof T & string, input: ConfigInput<T>): { value: unknown; source: ConfigSourceName } {
  const option = input.options[field];
  const flag = input.flags[field];
  if (flag !== undefined) return { value: flag, source: 'flag' };
  const text = option.flagOnly === true ? undefined : input.env[envName(field, input)];
  if (text === undefined || text === '') return { value: undefined, source: 'default' };
  const value =
    option.list === true
      ? text
          .split(',')
          .map((part) => part.trim())
          .filter((part) => part !== '')
      : text;
  return { value, source: 'environment' };
}

function describe<T>(
  issue: { path: readonly PropertyKey[]; message: string },
  sources: Readonly<Record<string, ConfigSourceName>>,
  input: ConfigInput<T>,
): string {
  const [field, ...rest] = issue.path.map(String);
  if (field === undefined || !Object.hasOwn(input.options, field)) return issue.message;
  const name = field as keyof T & string;
  const flag = `--${flagName(name, input)}`;
  const env = input.options[name].flagOnly === true ? undefined : envName(name, input);
  const inside = rest.length === 0 ? '' : ` (${rest.join('.')})`;
  const where = sources[field] === 'environment' && env !== undefined ? `${env} (flag ${flag})` : flag;
  const hint = sources[field] === 'default' && env !== undefined ? ` (or ${env})` : '';
  return `${where}${hint}${inside}: ${issue.message}`;
}

function print<T extends object>(
  values: Readonly<T>,
  sources: Readonly<Record<string, ConfigSourceName>>,
  input: ConfigInput<T>,
): string {
  const lines = (Object.keys(input.options) as (keyof T & string)[]).map((field) => {
    const value = values[field];
    const text = value === undefined ? 'not set' : input.options[field].secret === true ? '[redacted]' : show(value);
    return `${flagName(field, input)}: ${text} (${sources[field]})`;
  });
  return `${lines.join('\n')}\n`;
}

/** Passwords inside URLs (database, proxy) are left out whatever the option says. SEC-12 */
function show(value: unknown): string {
  return JSON.stringify(value).replace(/(\/\/[^/?#@"\s:]*):[^/?#"\s]*@/g, '$1:[redacted]@');
}

const flagName = <T>(field: keyof T & string, input: ConfigInput<T>): string =>
  input.options[field].flag ?? words(field, '-').toLowerCase();

const envName = <T>(field: keyof T & string, input: ConfigInput<T>): string =>
  input.options[field].env ?? `${input.envPrefix ?? 'QUARTERDECK'}_${words(field, '_').toUpperCase()}`;

const words = (camelCase: string, separator: string): string =>
  camelCase.replace(/([a-z0-9])([A-Z])/g, `$1${separator}$2`);
