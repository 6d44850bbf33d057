import { isJsonObject, type JsonValue } from '@quarterdeck/machinery';
import { AccessError } from './errors.ts';
import type { Provider } from './provider-file.ts';

/** The reserved extension names of an access provider's cluster. CP-13, CP-31 */
export const extensionName = {
  config: 'client.authentication.k8s.io/exec',
  additionalArgs: 'clusterprofiles.multicluster.x-k8s.io/exec/additional-args',
  additionalEnvs: 'clusterprofiles.multicluster.x-k8s.io/exec/additional-envs',
} as const;

export interface NamedExtension {
  readonly name: string;
  readonly extension: JsonValue;
}

export interface EnvironmentVariable {
  readonly name: string;
  readonly value: string;
}

/** What a profile adds to the configured plugin call, as far as the consumer's policies let it. */
export interface ProfileAdditions {
  readonly args: readonly string[];
  /** Each name once: configured and added ones, sorted where a profile added some. CP-16, CP-33 */
  readonly env: readonly EnvironmentVariable[];
  /** Handed to the plugin as `spec.cluster.config`, verbatim. Absent: none. CP-13 */
  readonly config?: JsonValue;
}

/** Names that change which program runs, whom it trusts, or what it is told. CP-35 */
const forbiddenNames = new Set([
  'KUBERNETES_EXEC_INFO',
  'PATH',
  'HOME',
  'NODE_OPTIONS',
  'GODEBUG',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
]);
const forbiddenForms = /^LD_|^DYLD_|_PROXY$/i;
const wellFormedName = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * Applies a profile's reserved extensions under the consumer's policies; both default to Ignore, and what is ignored is
 * not even parsed. Pure and deterministic: the same input gives the same order. CP-9, CP-13, CP-16, CP-31 to CP-36
 * @param allowedNames variables that the consumer's operator lets profiles set although they are dangerous
 * @throws AccessError for a malformed payload under an active policy, a forbidden variable, or two extensions of one name
 */
export function applyExtensions(
  provider: Provider,
  extensions: readonly NamedExtension[],
  allowedNames: ReadonlySet<string> = new Set(),
): ProfileAdditions {
  const byName = new Map<string, JsonValue>();
  for (const { name, extension } of extensions) {
    if (byName.has(name)) throw new AccessError(`the extension "${name}" is there twice`);
    byName.set(name, extension);
  }
  const { args = [], env = [] } = provider.execConfig ?? {};
  const config = byName.get(extensionName.config);
  return {
    args: [...args, ...addedArgs(provider, byName.get(extensionName.additionalArgs))],
    env: mergedEnv(provider, env, byName.get(extensionName.additionalEnvs), allowedNames),
    ...(config === undefined ? {} : { config }),
  };
}

function addedArgs(provider: Provider, payload: JsonValue | undefined): readonly string[] {
  if (payload === undefined || (provider.profileSourcedCLIArgsPolicy ?? 'Ignore') === 'Ignore') return [];
  // The CRD's schema admits objects only, the proposal shows an array: both are read. CP-36
  const list = isJsonObject(payload) ? payload.args : payload;
  if (!Array.isArray(list) || !list.every((item) => typeof item === 'string')) {
    throw new AccessError(
      `the extension "${extensionName.additionalArgs}" must be a list of strings, or {"args": [...]}`,
    );
  }
  return list;
}

function mergedEnv(
  provider: Provider,
  configured: readonly EnvironmentVariable[],
  payload: JsonValue | undefined,
  allowedNames: ReadonlySet<string>,
): readonly EnvironmentVariable[] {
  const policy = provider.profileSourcedEnvVarsPolicy ?? 'Ignore';
  if (payload === undefined || policy === 'Ignore') return configured;
  const merged = new Map(configured.map(({ name, value }) => [name, value]));
  for (const [name, value] of variablesOf(payload)) {
    if (!allowedNames.has(name)) checkName(name);
    if (policy === 'Replace' || !merged.has(name)) merged.set(name, value);
  }
  return [...merged].map(([name, value]) => ({ name, value })).sort((a, b) => (a.name < b.name ? -1 : 1));
}

function variablesOf(payload: JsonValue): readonly (readonly [string, string])[] {
  const entries = isJsonObject(payload) ? Object.entries(payload) : [];
  if (!isJsonObject(payload) || !entries.every((entry): entry is [string, string] => typeof entry[1] === 'string')) {
    throw new AccessError(`the extension "${extensionName.additionalEnvs}" must map names to strings`);
  }
  return entries as [string, string][];
}

function checkName(name: string): void {
  if (!wellFormedName.test(name)) throw new AccessError(`"${name}" from the profile is no name of a variable`);
  if (forbiddenNames.has(name) || forbiddenForms.test(name)) {
    throw new AccessError(
      `the profile may not set the variable ${name}: it decides what runs and whom it trusts; allow it by name if that is meant`,
    );
  }
}
