import { isJsonObject, type JsonObject, type JsonValue } from '../wire/value.ts';

/** A kubeconfig that cannot be used; says what, where, and what to do. */
export class KubeconfigError extends Error {
  override readonly name = 'KubeconfigError';
}

/** The parts of a kubeconfig that one context names. */
export interface KubeconfigParts {
  contextName: string;
  /** Of the context. Absent: none is set. */
  namespace?: string;
  cluster: JsonObject;
  user: JsonObject;
}

/** Fields that are understood. All others are refused, not ignored: they may change who we are or whom we trust. SEC-14 */
const clusterFields = [
  'server',
  'certificate-authority',
  'certificate-authority-data',
  'tls-server-name',
  'insecure-skip-tls-verify',
  'proxy-url',
  'disable-compression',
  'extensions',
];
const userFields = [
  'client-certificate',
  'client-certificate-data',
  'client-key',
  'client-key-data',
  'token',
  'tokenFile',
  'as',
  'as-uid',
  'as-groups',
  'extensions',
];

const refusals: Readonly<Record<string, string>> = {
  exec: 'runs a program to get credentials, which is not done here; use a token or a client certificate',
  'auth-provider': 'is an auth provider plugin, which is not supported; use a token or a client certificate',
  username: 'is basic authentication, which Kubernetes no longer has; use a token or a client certificate',
  password: 'is basic authentication, which Kubernetes no longer has; use a token or a client certificate',
};

/**
 * Finds the context's cluster and user, and checks their fields against the allow-list. SEC-14
 * @param contextName absent: the file's current-context
 */
export function selectContext(config: JsonValue, contextName: string | undefined): KubeconfigParts {
  if (!isJsonObject(config)) throw new KubeconfigError('the kubeconfig is no YAML mapping');
  const name = contextName ?? config['current-context'];
  if (typeof name !== 'string' || name === '') {
    throw new KubeconfigError('the kubeconfig has no current-context; name a context');
  }
  const context = entry(config, 'contexts', name, 'context');
  const clusterName = requiredString(context, 'cluster', `context "${name}"`);
  const cluster = entry(config, 'clusters', clusterName, 'cluster');
  checkFields(cluster, clusterFields, `cluster "${clusterName}"`);
  const userName = optionalString(context, 'user', `context "${name}"`);
  const user = userName === undefined ? {} : entry(config, 'users', userName, 'user');
  checkFields(user, userFields, `user "${userName ?? ''}"`);
  const namespace = optionalString(context, 'namespace', `context "${name}"`);
  return { contextName: name, cluster, user, ...(namespace === undefined ? {} : { namespace }) };
}

function entry(config: JsonObject, list: string, name: string, field: string): JsonObject {
  const entries = config[list];
  const found = Array.isArray(entries) ? entries.find((item) => isJsonObject(item) && item.name === name) : undefined;
  if (!isJsonObject(found)) throw new KubeconfigError(`the kubeconfig has no ${field} "${name}"`);
  const value = found[field] ?? {};
  if (!isJsonObject(value)) throw new KubeconfigError(`${field} "${name}" of the kubeconfig is no mapping`);
  return value;
}

function checkFields(object: JsonObject, allowed: readonly string[], where: string): void {
  for (const [key, value] of Object.entries(object)) {
    if (value === null || allowed.includes(key)) continue;
    throw new KubeconfigError(`${where} of the kubeconfig: "${key}" ${refusals[key] ?? 'is not understood'}`);
  }
}

/** A non-empty string; undefined when absent or null. */
export function optionalString(object: JsonObject, key: string, where: string): string | undefined {
  const value = object[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string' || value === '') {
    throw new KubeconfigError(`${where} of the kubeconfig: "${key}" must be a string that is not empty`);
  }
  return value;
}

export function requiredString(object: JsonObject, key: string, where: string): string {
  const value = optionalString(object, key, where);
  if (value === undefined) throw new KubeconfigError(`${where} of the kubeconfig has no "${key}"`);
  return value;
}
