import { readFile } from 'node:fs/promises';
import { decodeJson } from '@quarterdeck/machinery';
import { z } from 'zod';
import { ProviderFileError } from './errors.ts';

const environmentVariable = z.strictObject({ name: z.string().min(1), value: z.string() });

const nullable = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => value ?? undefined, schema.optional()).optional();

const execConfig = z.strictObject({
  command: z.string().min(1, 'must name the plugin program'),
  args: nullable(z.array(z.string())),
  env: nullable(z.array(environmentVariable)),
  apiVersion: z.enum(
    ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1'],
    'must be client.authentication.k8s.io/v1 or client.authentication.k8s.io/v1beta1',
  ),
  provideClusterInfo: z.boolean().optional(),
  // Understood so that a file may be shared with other consumers; plugins of clusters never ask a person. CP-1
  installHint: nullable(z.string()),
  interactiveMode: nullable(z.string()),
});

const provider = z.strictObject({
  name: z.string().min(1, 'must be the name of an access type'),
  execConfig: nullable(execConfig),
  profileSourcedCLIArgsPolicy: nullable(z.enum(['Append', 'Ignore'], 'must be Append or Ignore')),
  profileSourcedEnvVarsPolicy: nullable(
    z.enum(['Replace', 'AppendIfNotExists', 'Ignore'], 'must be Replace, AppendIfNotExists or Ignore'),
  ),
});

const file = z.strictObject({ providers: nullable(z.array(provider)) }).superRefine(({ providers = [] }, context) => {
  const names = new Set<string>();
  providers.forEach(({ name }, index) => {
    if (names.has(name)) {
      const message = `"${name}" is defined twice: a consumer could not tell which is meant`;
      context.addIssue({ code: 'custom', path: ['providers', index, 'name'], message });
    }
    names.add(name);
  });
});

/** How to run the plugin of one access type. */
export type ExecConfig = z.output<typeof execConfig>;

/** One access type that a consumer can use, with what it takes over from profiles. CP-1 */
export type Provider = z.output<typeof provider>;

/** A consumer's access types, in its order of preference. Frozen: building for one cluster never changes it. CP-15 */
export interface ProviderFile {
  readonly providers: readonly Provider[];
}

/**
 * Reads a `--clusterprofile-provider-file`. `{}` is a file without providers.
 * @throws ProviderFileError with every problem: unreadable, no JSON, unknown fields or policies, names given twice
 */
export async function loadProviderFile(path: string): Promise<ProviderFile> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new ProviderFileError(`cannot read the provider file: ${(cause as Error).message}`, { cause });
  }
  try {
    return parseProviderFile(text);
  } catch (cause) {
    if (!(cause instanceof ProviderFileError)) throw cause;
    throw new ProviderFileError(`provider file ${path}: ${cause.message}`, { cause });
  }
}

/** The content of a provider file. CP-1 to CP-5 @throws ProviderFileError */
export function parseProviderFile(text: string): ProviderFile {
  const { value, problems } = decode(text);
  const [problem] = problems;
  if (problem !== undefined) throw new ProviderFileError(problem);
  const parsed = file.safeParse(value);
  if (!parsed.success) {
    const lines = parsed.error.issues.map(({ path, message }) => `${pathText(path)}: ${message}`);
    throw new ProviderFileError(lines.join('; '));
  }
  return freeze({ providers: parsed.data.providers ?? [] });
}

function decode(text: string): { value: unknown; problems: string[] } {
  try {
    const { value, problems } = decodeJson(text);
    return { value, problems: problems.map(({ path }) => `${path} is given twice`) };
  } catch (cause) {
    throw new ProviderFileError(`no valid JSON: ${(cause as Error).message}`, { cause });
  }
}

const pathText = (path: readonly PropertyKey[]): string =>
  path.length === 0
    ? 'the file'
    : path
        .map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index > 0 ? '.' : ''}${String(part)}`))
        .join('');

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const child of Object.values(value)) freeze(child);
  }
  return value;
}
